"""Django's settings, all of them from the environment (docs/guide names each variable)."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from guanxi.site import env

PACKAGE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("GUANXI_DATA_DIR", Path("var"))

# Who answers, and at which address. Without a public address the product works on every address of a private
# network; only links in mails need one, and they take the address the server was started with.
DEBUG = env.flag("GUANXI_DEBUG")
SECRET_KEY = env.secret("GUANXI_SECRET_KEY", DATA_DIR / "secret_key")
_PUBLIC_URL = env.address("GUANXI_PUBLIC_URL")
GUANXI_PUBLIC_URL = _PUBLIC_URL or env.address("GUANXI_SERVED_AT") or "http:" + "//127.0.0.1:8000"
_PUBLIC_HOST = urlsplit(_PUBLIC_URL).hostname
ALLOWED_HOSTS = env.words("GUANXI_ALLOWED_HOSTS") or (
    [_PUBLIC_HOST, "localhost", "127.0.0.1"] if _PUBLIC_HOST else ["*"]
)
SECURE = _PUBLIC_URL.startswith("https:")
TRUSTED_PROXIES = env.number("GUANXI_TRUSTED_PROXIES", 0)

# What it is made of.
_FLOORS = [
    "guanxi.kernel",
    "guanxi.common",
    "guanxi.surfaces.web",
    "guanxi.surfaces.rest",
    "guanxi.surfaces.impex",
    "guanxi.surfaces.print",
    "guanxi.surfaces.channels",
    "guanxi.surfaces.automation",
    "guanxi.surfaces.search",
    "guanxi.surfaces.reference",
    "guanxi.apps.org",
    "guanxi.apps.parties",
    "guanxi.apps.work",
    "guanxi.apps.catalog",
    "guanxi.apps.sales",
    "guanxi.apps.inventory",
    "guanxi.site",
]
_FLOORS = [name for name in _FLOORS if (PACKAGE_DIR.parent / name.replace(".", "/") / "apps.py").exists()]
INSTALLED_APPS = [
    *_FLOORS,  # first: their texts and templates win over those of the libraries
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "template_partials",
    "ninja",
    "django_tasks",
    "django_tasks_db",
]
AUTH_USER_MODEL = "org.User" if "guanxi.apps.org" in _FLOORS else "auth.User"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # below what sets headers, so that static files have them too
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "guanxi.apps.org.pages.middleware.Acting",
    "guanxi.site.upgrade.gate.Gate",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "guanxi.site.urls"
WSGI_APPLICATION = "guanxi.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Where things are kept.
DATABASES = {"default": env.database("GUANXI_DATABASE_URL", DATA_DIR / "guanxi.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "guanxi_cache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
MEDIA_ROOT = DATA_DIR / "files"
GUANXI_BACKUP_DIR = env.text("GUANXI_BACKUP_DIR") or DATA_DIR / "backups"
GUANXI_BACKUPS = env.number("GUANXI_BACKUPS", 7, low=0)
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("GUANXI_FORM_LIMIT_MB", 5, low=1) * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG
_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "guanxi.site.static.Storage"
STORAGES = {
    "default": {"BACKEND": "guanxi.site.storage.Files"},
    "staticfiles": {"BACKEND": _STATIC},
}

# Languages and time: instants are kept in UTC, people see GUANXI_TIME_ZONE or the zone of their own profile.
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese")), ("zh-hant", _("Traditional Chinese"))]
LANGUAGE_CODE = env.choice("GUANXI_LANGUAGE", "en", [code for code, _name in LANGUAGES])
TIME_ZONE = "UTC"
GUANXI_TIME_ZONE = env.time_zone("GUANXI_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
LOCALE_PATHS = [PACKAGE_DIR / "site" / "locale"]
FORMAT_MODULE_PATH = "guanxi.site.formats"

# The REST interface: requests in any minute per token, and those of them that work on many rows.
GUANXI_API_PER_MINUTE = env.number("GUANXI_API_PER_MINUTE", 600, low=1)
GUANXI_API_BULK_PER_MINUTE = env.number("GUANXI_API_BULK_PER_MINUTE", 60, low=1)

# Signing in.
AUTHENTICATION_BACKENDS = ["guanxi.apps.org.pages.sign_in.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "guanxi.apps.org.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 30 * 60
ACCOUNT_ADAPTER = "guanxi.site.accounts.Adapter"
ACCOUNT_FORMS = {"login": "guanxi.apps.org.pages.forms.SignInForm"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "guanxi.apps.org.tokens.ResetTokens"  # noqa: S105
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are the administrator's matter; nobody is kept from a second factor
MFA_FORMS = {"add_webauthn": "guanxi.apps.org.pages.forms.AddKey", "edit_webauthn": "guanxi.apps.org.pages.forms.EditKey"}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Guanxi"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
USERSESSIONS_TRACK_ACTIVITY = False  # a write on every page costs more than it tells

# What a browser may do with the pages: nothing from elsewhere, nothing inline, no framing.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 86400 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = env.number("GUANXI_SESSION_HOURS", 14 * 24, low=1) * 3600
CSRF_TRUSTED_ORIGINS = [_PUBLIC_URL] if _PUBLIC_URL else []

# Mail: without a server, letters are written to files in the data folder.
EMAIL_HOST = env.text("GUANXI_SMTP_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_PORT = env.number("GUANXI_SMTP_PORT", 587, low=1)
EMAIL_HOST_USER = env.text("GUANXI_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("GUANXI_SMTP_PASSWORD")
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("GUANXI_MAIL_FROM", f"guanxi@{_PUBLIC_HOST or 'localhost'}")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "guanxi.site.logs.OneLine",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("GUANXI_LOG_LEVEL", "WARNING").upper()},
}
