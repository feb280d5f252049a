"""The real settings and the tiny app; only its tables come from migrations, all others quickly from their models."""

import os

os.environ["GUANXI_SECRET_KEY"] = "only-for-tests-" * 5

from guanxi.site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MIGRATION_MODULES = dict.fromkeys(
    name.rsplit(".", 1)[-1] for name in INSTALLED_APPS) | {"steps": "tests.site.steps.old"}  # noqa: F405
INSTALLED_APPS = [*INSTALLED_APPS, "tests.site.steps"]  # noqa: F405
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
