"""Every action of every object × who asks through the interface: the answer is the one that the declared rights give."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from guanxi.apps.org.tests.standing import again, of_standing
from guanxi.kernel import actions, registry
from guanxi.kernel.records import object_name
from guanxi.surfaces.rest import limits, values
from tests.contract.factory import make
from tests.contract.test_api import CREATED, JSON, program, url
from tests.contract.walk import changed, dump

pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite"), pytest.mark.covers("PERM-13")]
MODELS = [model for model in values.exposed() if model in CREATED]
PEOPLE = {"A2": "colleague", "B1": "other_salesperson", "M": "manager", "F": "finance", "ADM": "administrator"}
#: What an action asks for besides its own right, because it writes something else.
ALSO = {"sales.quote.copy": "create"}


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.GUANXI_API_PER_MINUTE = settings.GUANXI_API_BULK_PER_MINUTE = 10**6
    limits.forget()


@pytest.fixture
def finance(person):
    return person("fiona", "finance")


@pytest.fixture(scope="module")
def records(standing, django_db_blocker) -> dict[Any, Any]:
    """A record of each object; those that have an owner belong to A1. No test changes them: what it does is rolled back."""
    found = {}
    with django_db_blocker.unblock():
        firm, administrator, salesperson = of_standing(standing), again(standing, "administrator"), again(standing, "salesperson")
        for model in MODELS:
            made = make(administrator(), model)
            if model.about.scope == "owner" and made.owner_id == administrator.id:
                with firm.system.door("test"):
                    made.owner_id = salesperson.id
                    made = firm.system.save(made)
            found[model] = made
    return found


def ask(api: Client, model: Any, action: Any, record: Any) -> int:
    """The answer to an action without any input, whose consequences are rolled back."""
    method, path = "post", url(model, record.pk, action.verb)
    if action.verb in ("create", "update", "delete"):  # an object's own ``delete`` stands in the place of the derived one
        method, path = {"create": ("post", url(model)), "update": ("patch", url(model, record.pk)),
                        "delete": ("delete", url(model, record.pk))}[action.verb]
    elif action.takes == "none":
        path = url(model, "do", action.verb)
    with transaction.atomic():
        answer = getattr(api, method)(path, {}, headers={"If-Match": f'"{record.version}"'}, **JSON)
        if answer.status_code < 300:
            transaction.set_rollback(True)
    return answer.status_code


def declared(person: Any, model: Any, action: Any, record: Any) -> str:
    """What the roles of the person say: 403, 404 or that it may be done."""
    ctx = person()
    if not ctx.may("view", model):
        return "403"
    if not ctx.may(action.right, model) or not ctx.may(ALSO.get(action.name, action.right), model):
        return "403"
    if action.takes == "none" or action.verb == "create":
        return "may"
    if action.verb == "restore" or not ctx.find(model).filter(pk=record.pk).exists():
        return "404"
    return "may" if action.right == "view" or ctx.may(action.right, record) else "403"


@pytest.mark.parametrize("who", PEOPLE)
def test_each_action_answers_as_the_rights_declare(who, records, request):
    person = request.getfixturevalue(PEOPLE[who])
    api, wrong, counted, before = program(person), {}, {"403": 0, "404": 0, "may": 0}, dump()
    for model, record in records.items():
        for action in actions.actions_of(model):
            expected, status = declared(person, model, action, record), ask(api, model, action, record)
            counted[expected] += 1
            told = str(status) if status in (401, 403, 404, 405) or status >= 500 else "may"
            if told != expected:
                wrong[f"{object_name(model)} {action.verb}"] = (expected, status)
    assert wrong == {}
    assert set(changed(before, dump())) <= {"rest_apitoken"}  # notes when a token was last used
    assert counted["may"] > 20
    assert (counted["403"] > 20) == (who != "ADM")


def test_nobody_acts_without_a_token(records):
    before = dump()
    answers = {ask(Client(), model, action, record) for model, record in records.items() for action in actions.actions_of(model)}
    assert answers == {401}
    assert changed(before, dump()) == []


def test_every_object_with_actions_is_asked():
    left = [object_name(model) for model in registry.objects()
            if "create" in model.about.verbs and model in values.exposed() and model not in MODELS]
    assert left == []
