"""Start-up checks are silent and every model change has its migration."""

from typing import Any

import pytest
from django.apps import apps
from django.core import checks
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


@pytest.fixture(autouse=True)
def real_migrations(settings: Any) -> None:
    """All other tests have none."""
    settings.MIGRATION_MODULES = {}


def missing_migrations(now: ProjectState) -> dict[str, list[str]]:
    """What makemigrations would write, per app."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    found = MigrationAutodetector(loader.project_state(), now).changes(graph=loader.graph)
    return {app: [step.describe() for migration in found[app] for step in migration.operations] for app in found}


def test_start_up_checks_are_silent():
    assert [str(message) for message in checks.run_checks() if message.level >= checks.WARNING] == []


def test_migrations_are_complete():
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("guanxi.")}
    missing = missing_migrations(ProjectState.from_apps(apps))

    assert {app: steps for app, steps in missing.items() if app in ours} == {}


def test_a_planted_field_is_noticed():
    state = ProjectState.from_apps(apps)
    state.models["usersessions", "usersession"].fields["planted"] = models.IntegerField(default=0)

    assert missing_migrations(state) == {"usersessions": ["Add field planted to usersession"]}
