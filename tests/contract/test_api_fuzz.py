"""The interface keeps its own description when it is asked nonsense: no failure of ours, no answer it does not name."""

import pytest
from django.test import override_settings
from schemathesis import GenerationMode

from guanxi.apps.org.seed import READY
from guanxi.surfaces.rest import limits, tokens
from tests.contract.fuzzing import MODES, SOAK, ask, known, one_connection, operations, takes_anything, turn

__all__ = ["one_connection"]
pytestmark = [pytest.mark.usefixtures("standing", "one_connection"), pytest.mark.covers("INJ-02", "API-05", "T55")]
ROLES = [key for key, *_rest in READY]
#: Objects asked through every operation by those who meet them most.
WHOLE = ("parties.customer", "sales.opportunity", "every object", "start")
endless = override_settings(GUANXI_API_PER_MINUTE=10**6, GUANXI_API_BULK_PER_MINUTE=10**6)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", ["salesperson", "administrator"])
@endless
def test_every_answer_is_documented(who, mode, request):
    limits.forget()
    ctx = request.getfixturevalue(who)()
    token = tokens.create(ctx, "fuzz", ["write"], 30)[1]
    records = {name: known(name, ctx) for name in WHOLE if "." in name}
    asked: set[int] = set()
    for operation in operations(ctx, lambda number, raw: raw["tags"][0] in WHOLE and turn(number)):
        if MODES[mode] is GenerationMode.POSITIVE or takes_anything(operation):
            asked |= set(ask(operation, MODES[mode], token, records.get(operation.definition.raw["tags"][0]), 2))
    assert asked >= ({200, 400, 404} if mode == "fitting" else {400, 404})


@pytest.mark.parametrize("place", range(len(ROLES)), ids=ROLES)
@endless
def test_every_operation_answers_every_role(place, firm, administrator):
    """Each operation once, on one database by one of the roles; in a long run each by every role, many times, fitting and not."""
    limits.forget()
    ctx = firm.add("fay", ROLES[place], department=firm.east)()
    token = tokens.create(ctx, "fuzz", ["write"], 30)[1]
    records: dict[str, int] = {}
    faults, asked = {}, set()
    chosen = operations(ctx, lambda number, _raw: turn(number // len(ROLES)) and (SOAK or number % len(ROLES) == place))
    for number, operation in enumerate(chosen):
        name = operation.definition.raw["tags"][0]
        if "." in name and name not in records:
            records[name] = known(name, ctx, administrator())
        for mode in MODES.values() if SOAK else [list(MODES.values())[number % 2]]:
            try:
                if mode is GenerationMode.POSITIVE or takes_anything(operation):
                    asked |= set(ask(operation, mode, token, records.get(name), SOAK or 1))
            except Exception as fault:  # noqa: BLE001 - all faults of a run are told together
                faults[f"{operation.method} {operation.path} {mode.value}"] = str(fault)[:600]
    assert faults == {}
    assert asked & {200, 400, 403, 404}
