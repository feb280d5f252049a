"""The interface keeps its own description when it is asked nonsense: no failure of ours, no answer it does not name."""

from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from guanxi.kernel import registry
from guanxi.kernel.refusal import Refused
from guanxi.site.wsgi import application
from guanxi.surfaces.rest import limits, schema, tokens
from guanxi.surfaces.rest.api import api
from tests.contract.factory import make

CHECKS = [not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
          checks.response_schema_conformance]
#: Objects asked through every operation; the others share their code.
WHOLE = ("parties.customer", "sales.opportunity", "every object", "start")
QUICK = settings(max_examples=2, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
                 suppress_health_check=list(HealthCheck))


def operations(ctx: Any) -> list[Any]:
    """What is asked: everything of a few objects, the lists of all."""
    described = schemathesis.openapi.from_dict(schema.document(api, ctx))
    described.app = application
    found = [one.ok() for one in described.get_all_operations()]
    return [one for one in found if one.definition.raw["tags"][0] in WHOLE]


@pytest.fixture
def one_connection(db):
    """Requests that come without Django's own client do not close the connection of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.covers("INJ-02", "API-05", "T55")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "nonsense"])
@pytest.mark.parametrize("who", ["salesperson", "administrator"])
@override_settings(GUANXI_API_PER_MINUTE=10**6, GUANXI_API_BULK_PER_MINUTE=10**6)
def test_every_answer_is_documented(who, mode, request):
    limits.forget()
    person = request.getfixturevalue(who)
    ctx = person()
    token = tokens.create(person(), "fuzz", ["write"], 30)[1]
    known = {name: _known(ctx, name) for name in WHOLE if "." in name}
    asked: set[int] = set()
    for operation in operations(ctx):
        if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
            continue
        answers: list[int] = []
        strategy = operation.as_strategy(generation_mode=mode)
        _ask(operation, strategy, token, known.get(operation.definition.raw["tags"][0]), answers)
        asked |= set(answers)
    assert asked >= ({200, 400, 404} if mode is GenerationMode.POSITIVE else {400, 404})


def _takes_anything(operation: Any) -> bool:
    """Without parameters and body there is no nonsense to send."""
    return bool(operation.definition.raw["parameters"] or operation.definition.raw.get("requestBody"))


def _known(ctx: Any, name: str) -> int:
    """A record that exists, so that requests get further than to a refusal."""
    try:
        return int(make(ctx, registry.model_of(name)).pk)
    except Refused:
        return 1


def _ask(operation: Any, strategy: Any, token: str, pk: int | None, answers: list[int]) -> None:
    """A few requests of one operation, each answer held against the description."""
    @QUICK
    @given(case=strategy)
    def run(case: Any) -> None:
        if pk is not None and "pk" in (case.path_parameters or {}):
            case.path_parameters["pk"] = pk
        headers = {"Authorization": f"Bearer {token}"}
        if any(one.get("$ref", "").endswith("/IfMatch") for one in operation.definition.raw["parameters"]):
            headers["If-Match"] = f'"{1 + len(answers)}"'
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)
        answers.append(response.status_code)

    run()
