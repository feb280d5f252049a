"""Requests made up from the interface's own description, each answer held against it."""

import os
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from guanxi.kernel import registry
from guanxi.kernel.refusal import Refused
from guanxi.site.wsgi import application
from guanxi.surfaces.rest import schema
from guanxi.surfaces.rest.api import api
from tests.contract.factory import make

#: Examples of each operation in a long run; nothing in the suite. See docs/reliability.md.
SOAK = int(os.environ.get("GUANXI_TEST_SOAK", "0"))
CHECKS = [not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
          checks.response_schema_conformance]
MODES = {"fitting": GenerationMode.POSITIVE, "nonsense": GenerationMode.NEGATIVE}


@pytest.fixture
def one_connection(db):
    """Requests that come without Django's own client do not close the connection of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def operations(ctx: Any, wanted: Any) -> list[Any]:
    """The operations of somebody's own description for which ``wanted(number, raw)`` holds."""
    whole = schema.document(api, ctx)
    number = 0
    for path in list(whole["paths"].values()):
        for method in [one for one in path if one in ("get", "post", "put", "patch", "delete")]:
            if not wanted(number, path[method]):
                del path[method]
            number += 1
    whole["paths"] = {path: kept for path, kept in whole["paths"].items()
                      if kept.keys() & {"get", "post", "put", "patch", "delete"}}
    described = schemathesis.openapi.from_dict(whole)
    described.config.analysis.constants.enabled = bool(SOAK)  # reading our own source for values takes a third of the time
    described.app = application
    return [one.ok() for one in described.get_all_operations()]


def turn(number: int) -> bool:
    """Is it this database's turn? In the suite each of the two is asked every other operation, in a long run all."""
    return bool(SOAK) or number % 2 == (connection.vendor == "postgresql")


def takes_anything(operation: Any) -> bool:
    """Without parameters and body there is no nonsense to send."""
    return bool(operation.definition.raw["parameters"] or operation.definition.raw.get("requestBody"))


def known(name: str, *people: Any) -> int:
    """A record that exists, so that requests get further than to a refusal: made by the first who may."""
    for ctx in people:
        try:
            return int(make(ctx, registry.model_of(name)).pk)
        except Refused:
            continue
    return 1


def ask(operation: Any, mode: GenerationMode, token: str, pk: int | None, examples: int) -> list[int]:
    """A few requests of one operation; the statuses of the answers."""
    answers: list[int] = []

    @settings(max_examples=examples, derandomize=not SOAK, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        if pk is not None and "pk" in (case.path_parameters or {}):
            case.path_parameters["pk"] = pk
        # Which host was asked is settled before the interface is reached, and told by a page.
        case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "host"}
        headers = {"Authorization": f"Bearer {token}"}
        if any(one.get("$ref", "").endswith("/IfMatch") for one in operation.definition.raw["parameters"]):
            headers["If-Match"] = f'"{1 + len(answers)}"'
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)
        answers.append(response.status_code)

    run()
    return answers
