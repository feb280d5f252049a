"""Every address of the product filled with real records, and what the database holds before and after."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from guanxi.apps.conftest import Person
from guanxi.common import talk
from guanxi.kernel import actions, registry
from tests.contract.factory import make
from tests.contract.test_access import ROUTES

#: Tables that only say who is signed in and how often they asked, or repeat the address that a person's row holds.
PASSING = {"django_session", "usersessions_usersession", "guanxi_cache", "account_emailaddress"}
SLUGS = ("customers", "opportunities")
DEFAULTS = {"uuid": "00000000-0000-0000-0000-000000000000", "str": "x", "slug": "x", "path": "x"}
_WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
_PART = re.compile(r"<(?:(\w+):)?(\w+)>")


def dump() -> dict[str, list[Any]]:
    """Every row of every table, by table."""
    return {model._meta.db_table: list(model._base_manager.order_by("pk").values_list())
            for model in apps.get_models(include_auto_created=True) if model._meta.db_table not in PASSING}


@contextmanager
def writing() -> Iterator[list[str]]:
    """The statements that wrote to a table, rolled back or not."""
    found: list[str] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        match = _WRITE.match(sql)
        if match and match[1] not in PASSING:
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield found


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """The tables that are not the same."""
    return [table for table, rows in after.items() if rows != before[table]]


@dataclass
class World:
    """Records of the objects most looked at, owned by one person, with a comment and a file."""

    pks: dict[str, int] = field(default_factory=dict)
    others: list[int] = field(default_factory=list)

    def paths(self, route: str) -> Iterator[str]:
        """Every way in which an address can be filled with these records."""
        route = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route.replace("^", "").replace("$", ""))
        names = {name: kind or "str" for kind, name in _PART.findall(route)}
        for slug in SLUGS if "slug" in names else [""]:
            pks = [self.pks[slug]] if slug else [*self.others]
            for pk in pks if "int" in names.values() else [0]:
                verbs = ["x"]
                if "verb" in names and slug in SLUGS[:1]:
                    verbs = [one.verb for one in actions.actions_of(registry.model_of(slug))]
                for verb in verbs:
                    yield "/" + self._filled(route, {"slug": slug, "verb": verb, "key": "name"}, pk)

    def _filled(self, route: str, values: dict[str, str], pk: int) -> str:
        def put(found: re.Match[str]) -> str:
            kind, name = found[1] or "str", found[2]
            return str(pk) if kind == "int" else DEFAULTS["uuid"] if kind == "uuid" else values.get(name) or DEFAULTS[kind]
        return _PART.sub(put, route)


def world_of(person: Person) -> World:
    """A world that belongs to this person, made with the rights of the person."""
    world = World()
    for slug in SLUGS:
        world.pks[slug] = make(person(), registry.model_of(slug)).pk
    customer = person().get(registry.model_of("customers"), world.pks["customers"])
    talk.comment(person(), customer, "A remark")
    kept = talk.attach(person(), customer, SimpleUploadedFile("note.txt", b"hello"))
    world.others = [kept.pk]
    return world


def all_paths(world: World, most: int | None = None) -> Iterator[tuple[str, str]]:
    """Every address with every filling, or with the first few."""
    for route in ROUTES:
        for path in itertools.islice(dict.fromkeys(world.paths(route)), most):
            yield route, path
