"""The real settings with what makes tests quick and closed: no files left, no mail sent, cheap passwords."""

import os
import tempfile

_FOLDER = tempfile.TemporaryDirectory(prefix="guanxi-tests-")
for _name in [name for name in os.environ if name.startswith("GUANXI_") and not name.startswith("GUANXI_TEST_")]:
    del os.environ[_name]
os.environ["GUANXI_DATA_DIR"] = _FOLDER.name
os.environ["GUANXI_SECRET_KEY"] = "only-for-tests-" * 5

from guanxi.site.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
#: Tables come from the models, which is quicker: tests/site/test_migrations.py shows that the migrations make the same.
MIGRATION_MODULES = dict.fromkeys([*(name.rpartition(".")[2] for name in INSTALLED_APPS), "django_tasks_database"])  # noqa: F405
GUANXI_BACKUPS = 0  # the clock of a test strikes every hour; backups have tests of their own
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # a file is looked for when it is asked for, not all of them for every browser
STATIC_ROOT.mkdir()  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    #: A file, as in a real installation: several threads write to it, one after the other.
    DATABASES["default"]["TEST"] = {"NAME": f"{_FOLDER.name}/test.sqlite3"}  # noqa: F405
