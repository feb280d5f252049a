"""Start-up checks are silent and every model change has its migration."""

from typing import Any

import pytest
from django.apps import apps
from django.core import checks
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from guanxi.kernel import registry
from guanxi.kernel.records import object_name


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


def test_what_an_import_finds_records_by_is_indexed():
    """A table of a million records is not read through for every chunk of rows."""
    missing = {object_name(model): sorted(set(model.about.match_names) - indexed(model)) for model in registry.objects()
               if model.about.scope == "owner"}

    assert {name: keys for name, keys in missing.items() if keys} == {}


def indexed(model: Any) -> set[str]:
    """The fields by which the database finds rows of an object."""
    leading = {one.fields[0] for one in (*model._meta.indexes, *model._meta.constraints) if getattr(one, "fields", ())}
    return leading | {source.name for source in model._meta.concrete_fields if source.unique or source.db_index}


def test_a_planted_field_is_noticed():
    state = ProjectState.from_apps(apps)
    state.models["usersessions", "usersession"].fields["planted"] = models.IntegerField(default=0)

    assert missing_migrations(state) == {"usersessions": ["Add field planted to usersession"]}
