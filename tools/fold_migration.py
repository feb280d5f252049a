"""Fold the indexes and constraints of a first migration into its tables.

Django writes each as an operation of its own and draws every related model anew for it: a minute for an empty database
where seconds do. Usage: python tools/fold_migration.py kernel org …
"""

import os
import sys
from pathlib import Path

import django
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.writer import MigrationWriter


def needed(constraint) -> set:
    """The fields a constraint names, in its columns and in its condition."""
    condition = getattr(constraint, "condition", None)
    return set(getattr(constraint, "fields", ())) | (named(condition) if condition is not None else set())


def named(part) -> set:
    """The fields named anywhere in a condition."""
    if isinstance(part, models.F):
        return {part.name.split("__")[0]}
    if not isinstance(part, models.Q):
        return set()
    found = set()
    for child in part.children:
        if isinstance(child, tuple):
            found |= {child[0].split("__")[0]} | named(child[1])
        else:
            found |= named(child)
    return {name for name in found if name != "pk"}


def fold(operations: list) -> list:
    """The same operations with indexes and constraints inside CreateModel wherever their fields are there already."""
    made: dict[str, migrations.CreateModel] = {}
    kept = []
    for one in operations:
        if isinstance(one, migrations.CreateModel):
            made[one.name_lower] = one
        table = made.get(getattr(one, "model_name", "").lower())
        fields = {name for name, _field in table.fields} if table else set()
        if isinstance(one, migrations.AddIndex) and table and {name for name, _way in one.index.fields_orders} <= fields:
            table.options.setdefault("indexes", []).append(one.index)
        elif isinstance(one, migrations.AddConstraint) and table and needed(one.constraint) <= fields:
            table.options.setdefault("constraints", []).append(one.constraint)
        else:
            kept.append(one)
    return kept


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.site.settings")
    django.setup()
    loader = MigrationLoader(None)
    for label in sys.argv[1:]:
        migration = loader.disk_migrations[label, "0001_initial"]
        migration.operations = fold(migration.operations)
        writer = MigrationWriter(migration, include_header=False)
        Path(writer.path).write_text(writer.as_string(), encoding="utf-8")


if __name__ == "__main__":
    main()
