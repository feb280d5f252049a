"""People come and go: invitations, leaving, and the administrator who can never be the last to go."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from guanxi.apps.org.actions.user import mail_invitation, still_owned
from guanxi.apps.org.models import Membership, User
from guanxi.apps.org.tests.firm import PASSWORD, Firm, Person
from guanxi.kernel.api import Ctx, Entry, Refused, policy
from guanxi.kernel.jobs import Job
from guanxi.kernel.refusal import Denied
from guanxi.surfaces.web.tests.people import at_once

pytestmark = pytest.mark.in_turn

NO_ADMINISTRATOR = "Nobody would be left who may administer"


def state() -> Any:
    """Everything that a refused change of the organisation must leave as it was."""
    return [list(model._default_manager.order_by("pk").values())
            for model in (User, policy.Role, policy.Holding, Membership, Entry)]


@pytest.mark.django_db
@pytest.mark.covers("ORG-05")
def test_an_invitation_works_once_without_a_mail_server(firm: Firm, administrator: Person) -> None:
    outcome = administrator.ctx.run(
        "org.user.invite", name="李小龙", phone="13900139000", role=firm.roles["salesperson"].pk, department=firm.east.pk,
        position=firm.salesman.pk)
    link, browser = outcome.value, Client()
    user = administrator().find(User).get(name="李小龙")
    assert (user.phone, user.language, user.time_zone) == ("+8613900139000", "en", "Asia/Shanghai")
    assert not user.has_usable_password()
    assert browser.get(link).status_code == 200
    assert browser.post(link, {"password": "12345678"}).status_code == 400
    assert browser.post(link, {"password": PASSWORD})["Location"] == "/"
    assert browser.get("/me").status_code == 200
    assert Client().get(link).status_code == 404
    assert Client().post("/accounts/login/", {"login": "139 0013 9000", "password": PASSWORD}).status_code == 302
    assert Client().get(f"{link}x").status_code == 404
    assert not Job.objects.filter(name__contains="mail_invitation").exists()
    assert Ctx(user=user).rights.roles[0].key == "salesperson"


@pytest.mark.django_db
def test_an_invitation_is_also_mailed_where_mail_is_set_up(administrator: Person, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    link = administrator.ctx.run("org.user.invite", name="May", email="may@example.com").value
    assert Job.objects.get().name.endswith("mail_invitation")
    mail_invitation(Ctx(system=True), administrator().find(User).get(name="May"))
    assert mail.outbox[0].to == ["may@example.com"]
    assert link.split(":")[0] in mail.outbox[0].body


@pytest.mark.django_db
def test_a_new_invitation_kills_the_old_one_and_ends_with_joining(administrator: Person) -> None:
    old = administrator.ctx.run("org.user.invite", name="May", email="may@example.com").value
    user = administrator().find(User).get(name="May")
    new = administrator.ctx.run("org.user.reinvite", user).value
    assert Client().get(old).status_code == 404
    Client().post(new, {"password": PASSWORD})
    with pytest.raises(Refused, match="has signed in already"):
        administrator().run("org.user.reinvite", user.pk)


@pytest.mark.django_db
@pytest.mark.covers("ORG-02")
def test_only_those_with_the_right_invite_and_deactivate(salesperson: Person, manager: Person) -> None:
    before = state()
    for verb, target, inputs in (("invite", None, {"name": "x", "email": "x@example.com"}), ("deactivate", manager.id, {}),
                                 ("set_password", manager.id, {"password": PASSWORD}), ("delete", manager.id, {})):
        with pytest.raises(Denied):
            salesperson().run(f"org.user.{verb}", target, **inputs)
    assert state() == before


@pytest.mark.django_db
@pytest.mark.covers("P12")
def test_leaving_tells_what_is_still_to_be_handed_over(firm: Firm, salesperson: Person, administrator: Person) -> None:
    assert still_owned(administrator(), salesperson.user) == []
    value = administrator.ctx.run("org.user.deactivate", salesperson.id).value
    assert value == []
    gone = administrator().find(User).get(pk=salesperson.id)
    assert not gone.is_active
    with pytest.raises(Refused, match="deactivated already"):
        administrator().run("org.user.deactivate", gone)


@pytest.mark.django_db
def test_somebody_who_has_worked_here_is_not_deleted(administrator: Person, salesperson: Person) -> None:
    before = state()
    with pytest.raises(Refused, match="has worked here"):
        administrator().run("org.user.delete", salesperson.id)
    assert state() == before
    fresh = administrator.ctx.create(User, name="by mistake", email="oops@example.com")
    administrator.ctx.run("org.user.delete", fresh)
    assert not administrator().find(User).filter(pk=fresh.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("values", "field", "words"), [
    ({"name": "x"}, "email", "to sign in with"),
    ({"name": "x", "email": "no-address"}, "email", "not a mail address"),
    ({"name": "x", "username": "12345"}, "username", "not a mere number"),
    ({"name": "x", "username": "a@b"}, "username", "letters, digits"),
    ({"name": "x", "email": "x@example.com", "time_zone": "Mars/Olympus"}, "time_zone", "no time zone"),
    ({"name": "x", "email": "ANNA@example.com"}, "email", "Somebody else signs in with this e-mail"),
])
def test_a_person_that_could_not_sign_in_is_refused(administrator: Person, salesperson: Person, values: dict[str, str],
                                                    field: str, words: str) -> None:
    before = state()
    with pytest.raises(Refused, match=words) as found:
        administrator().create(User, **values)
    assert field in found.value.errors
    assert state() == before


# the last administrator ---------------------------------------------------------------------------


def _ways(firm: Firm, last: Person) -> dict[str, Any]:
    """Everything that would take the last administrator away."""
    ctx = last()
    holding = ctx.find(policy.Holding).get(user=last.user)
    role = firm.roles["administrator"]
    return {
        "deactivate": lambda: ctx.run("org.user.deactivate", last.id),
        "withdraw": lambda: ctx.run("org.user.revoke", last.id, role=role.pk),
        "delete the holding": lambda: ctx.delete(holding),
        "give the holding away": lambda: ctx.update(holding, role=firm.roles["auditor"].pk),
        "demote the role": lambda: ctx.update(ctx.get(policy.Role, role.pk), administrator=False),
        "delete the role": lambda: ctx.delete(ctx.get(policy.Role, role.pk)),
        "delete": lambda: ctx.run("org.user.delete", last.id),
    }


@pytest.mark.django_db
@pytest.mark.covers("PERM-15")
@pytest.mark.parametrize("way", ["deactivate", "withdraw", "delete the holding", "give the holding away",
                                 "demote the role", "delete the role", "delete"])
def test_the_last_administrator_stays(firm: Firm, administrator: Person, salesperson: Person, way: str) -> None:
    User.objects.filter(pk=administrator.id).update(last_login=None)
    gone = firm.add("gone", "administrator")
    administrator().run("org.user.deactivate", gone.id)
    before = state()
    with pytest.raises(Refused):
        _ways(firm, administrator)[way]()
    assert state() == before
    assert administrator().rights.administrator


def _raised(outcome: Any) -> None:
    """The refusal of one row of a bulk action as an exception."""
    for _pk, _title, refusal in outcome.refused:
        raise refusal


@pytest.mark.django_db
@pytest.mark.covers("PERM-15")
@pytest.mark.parametrize("bulk", [False, True])
def test_of_two_administrators_one_may_go(firm: Firm, administrator: Person, bulk: bool) -> None:
    second = firm.add("second", "administrator")
    if bulk:
        ctx = administrator()
        with pytest.raises(Refused, match=NO_ADMINISTRATOR):
            _raised(ctx.run_many("org.user.deactivate", [administrator.id, second.id]))
    else:
        administrator().run("org.user.deactivate", administrator.id)
        with pytest.raises(Refused, match=NO_ADMINISTRATOR):
            second().run("org.user.deactivate", second.id)
    assert firm.system.find(User).filter(is_active=True).count() == 1


def _attempt(ctx: Ctx, verb: str, target: int, inputs: dict[str, Any]) -> str:
    try:
        ctx.run(f"org.user.{verb}", target, **inputs)
    except Refused:
        return "refused"
    return "done"


@pytest.mark.parametrize("verb", ["deactivate", "revoke"])
class TestTwoAdministratorsRemovingEachOther:
    """Whoever comes second is refused, however close together they come."""

    def _calls(self, firm: Firm, first: Person, verb: str) -> list[Any]:
        second = firm.add("second", "administrator")
        inputs = {"role": firm.roles["administrator"].pk} if verb == "revoke" else {}
        return [lambda: _attempt(first(), verb, second.id, inputs), lambda: _attempt(second(), verb, first.id, inputs)]

    def _left(self, firm: Firm) -> int:
        active = firm.system.find(User).filter(is_active=True).values("pk")
        return firm.system.find(policy.Holding).filter(role=firm.roles["administrator"], user__in=active).count()

    @pytest.mark.django_db
    @pytest.mark.covers("PERM-15")
    def test_one_after_the_other(self, firm: Firm, administrator: Person, verb: str) -> None:
        assert [call() for call in self._calls(firm, administrator, verb)] == ["done", "refused"]
        assert self._left(firm) == 1

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.covers("PERM-15")
    def test_at_the_same_moment(self, firm: Firm, administrator: Person, verb: str) -> None:
        assert sorted(at_once(self._calls(firm, administrator, verb))) == ["done", "refused"]
        assert self._left(firm) == 1
