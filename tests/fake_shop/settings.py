"""The kernel with four tiny objects and nothing else: proof that it needs no business app."""

from pathlib import Path

from guanxi.site import env

SECRET_KEY = "only-for-tests"
USE_TZ = True
TIME_ZONE = "UTC"
GUANXI_TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "fake_shop.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_tasks",
    "django_tasks_db",
    "guanxi.kernel",
    "guanxi.common",
    "tests.fake_shop",
]
#: The migrations name the people of the real site; here the tables come from the models.
MIGRATION_MODULES = {"kernel": None, "common": None}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
DATABASES = {"default": env.database("GUANXI_DATABASE_URL", Path("var/fake_shop.sqlite3"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
