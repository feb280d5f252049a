"""The pages of the organisation: directory, rights, why, another person's eyes, one's own settings."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.apps.org.models import Department, User
from guanxi.apps.org.tests.firm import Firm, Person
from guanxi.kernel.api import Ctx, Entry, policy

pytestmark = [pytest.mark.django_db, pytest.mark.in_turn]


def entries(word: str) -> list[Entry]:
    return [entry for entry in Entry.objects.order_by("id") if entry.word == word]


# the directory -----------------------------------------------------------------------------------


@pytest.mark.covers("ORG-06", "USR-03", "USR-04")
@pytest.mark.parametrize(("query", "found"), [
    ("", {"anna", "maria", "bert", "王小明"}), ("q=wxm", {"王小明"}), ("q=wangxiaoming", {"王小明"}), ("q=小明", {"王小明"}),
    ("q=0013", {"王小明"}), ("q=nobody", set())])
def test_everybody_finds_everybody(firm: Firm, salesperson: Person, other_salesperson: Person, query: str,
                                   found: set[str]) -> None:
    firm.add("王小明", "salesperson", department=firm.south, email="ming@example.com", phone="+8613800130013")
    page = salesperson.client.get(f"/directory?{query}")
    assert {card["name"] for card in page.context["people"]} == found


@pytest.mark.covers("ORG-06")
def test_the_tree_narrows_to_a_department_and_those_below(firm: Firm, salesperson: Person, other_salesperson: Person) -> None:
    for unit, found in ((firm.south, {"bert"}), (firm.sales, {"anna", "maria", "bert"})):
        page = salesperson.client.get(f"/directory?department={unit.pk}")
        assert {card["name"] for card in page.context["people"]} == found
    assert [(row["name"], row["depth"]) for row in page.context["tree"]] == [
        ("Head office", 0), ("Sales", 1), ("East", 2), ("South", 2)]
    assert page.context["people"][0]["places"] == ["East · Sales representative"]


def test_those_who_left_are_not_in_the_directory(salesperson: Person, colleague: Person, administrator: Person) -> None:
    administrator.ctx.run("org.user.deactivate", colleague.id)
    page = salesperson.client.get("/directory")
    assert "adam" not in {card["name"] for card in page.context["people"]}


@pytest.mark.parametrize("query", ["q=%00", "q=%27%22--", "page=x", "page=999", "q=" + "a" * 3000])
def test_odd_questions_are_answered(salesperson: Person, query: str) -> None:
    assert salesperson.client.get(f"/directory?{query}").status_code in (200, 400)


def test_the_directory_costs_the_same_for_many_people(firm: Firm, salesperson: Person) -> None:
    counts = []
    salesperson.client.get("/directory")
    for batch in (2, 30):
        for n in range(batch):
            firm.add(f"p{batch}-{n}", department=firm.south)
        with CaptureQueriesContext(connection) as queries:
            assert salesperson.client.get("/directory").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_inviting_by_page_shows_the_link(firm: Firm, administrator: Person, salesperson: Person) -> None:
    assert salesperson.client.get("/people/invite").status_code == 403
    assert salesperson.client.post("/people/invite", {"name": "x", "email": "x@example.com"}).status_code == 403
    page = administrator.client.post("/people/invite", {"name": "May", "email": "may@example.com"})
    assert page.context["link"].startswith("http://testserver/invitation/")
    wrong = administrator.client.post("/people/invite", {"name": "", "email": "nothing"})
    assert wrong.status_code == 400
    assert {item.field.key for item in wrong.context["items"] if item.errors} == {"name", "email"}
    assert administrator().find(User).filter(name="May").count() == 1


# another person's eyes ---------------------------------------------------------------------------


@pytest.mark.covers("PERM-16")
def test_viewing_as_somebody_changes_nothing_and_names_both(firm: Firm, administrator: Person, salesperson: Person) -> None:
    browser = administrator.client
    before = browser.cookies["sessionid"].value
    assert browser.post(f"/view-as/{salesperson.id}")["Location"] == "/"
    assert browser.cookies["sessionid"].value != before
    page = browser.get("/directory")
    assert page.status_code == 200
    assert page.context["ctx"].user.pk == salesperson.id
    assert browser.get("/rights").status_code == 403
    people = list(User.objects.order_by("pk").values())
    count = Entry.objects.count()
    for path, values in (("/me", {"name": "x"}), ("/people/invite", {"name": "x", "email": "x@example.com"}),
                         ("/welcome/empty", {}), ("/accounts/password/change/", {"oldpassword": "x"}),
                         (f"/view-as/{salesperson.id}", {}), ("/people/new", {"name": "x"})):
        assert browser.post(path, values).status_code == 403, path
    assert list(User.objects.order_by("pk").values()) == people
    assert Entry.objects.count() == count
    browser.post("/view-as/stop")
    assert browser.get("/rights").status_code == 200
    for word in ("view_as", "view_as_stop"):
        (entry,) = entries(word)
        assert (entry.actor_id, entry.real_actor_id, entry.object_id) == (salesperson.id, administrator.id, salesperson.id)


@pytest.mark.covers("PERM-16")
def test_only_an_administrator_looks_through_other_eyes(administrator: Person, manager: Person, salesperson: Person) -> None:
    assert manager.client.post(f"/view-as/{salesperson.id}").status_code == 403
    assert administrator.client.post(f"/view-as/{administrator.id}").status_code == 400
    assert administrator.client.get(f"/view-as/{salesperson.id}").status_code == 405
    assert entries("view_as") == []


@pytest.mark.covers("PERM-16")
def test_who_is_no_administrator_any_more_sees_their_own_again(firm: Firm, administrator: Person, salesperson: Person) -> None:
    second = firm.add("second", "administrator")
    second.client.post(f"/view-as/{salesperson.id}")
    administrator.ctx.run("org.user.revoke", second.id, role=firm.roles["administrator"].pk)
    page = second.client.get("/me")
    assert page.context["ctx"].user.pk == second.id
    assert not page.context["ctx"].read_only


# why ---------------------------------------------------------------------------------------------


@pytest.mark.covers("P13")
def test_why_names_the_role_and_the_reason(firm: Firm, salesperson: Person, administrator: Person) -> None:
    page = salesperson.client.get(f"/why/departments/{firm.east.pk}?verb=update")
    assert (page.status_code, bool(page.context["answer"])) == (200, False)
    assert [(reason.gives, str(reason.text)) for reason in page.context["reasons"]] == [
        (False, "Role “Salesperson” does not include this right.")]
    page = administrator.client.get(f"/why/departments/{firm.east.pk}?verb=view&user={salesperson.id}")
    assert bool(page.context["answer"]) is True
    assert page.context["person"].pk == salesperson.id


@pytest.mark.covers("P13")
def test_why_tells_strangers_nothing(firm: Firm, salesperson: Person, colleague: Person, administrator: Person) -> None:
    assert salesperson.client.get(f"/why/departments/{firm.east.pk}?user={colleague.id}").status_code == 403
    assert salesperson.client.get("/why/departments/999999").status_code == 404
    assert salesperson.client.get("/why/nothing/1").status_code == 404
    assert salesperson.client.get(f"/why/roles/{firm.roles['agent'].pk}").status_code == 404
    assert administrator.client.get(f"/why/departments/{firm.east.pk}?verb=fly").status_code == 400


# roles -------------------------------------------------------------------------------------------


@pytest.mark.covers("ORG-02")
def test_the_matrix_shows_a_change_before_it_is_saved(firm: Firm, administrator: Person, salesperson: Person,
                                                      colleague: Person) -> None:
    role = firm.roles["salesperson"]
    path, sent = f"/rights/{role.pk}", {"org.department:view": "", "org.position:update": "everyone", "version": role.version}
    assert administrator.client.get(path).status_code == 200
    shown = administrator.client.post(path, sent)
    assert [(row["gained"], row["lost"]) for row in shown.context["changes"]] == [(0, 8), (None, None)]
    assert salesperson().find(Department).count() == 4
    assert administrator.client.post(path, {**sent, "confirm": "yes"}).status_code == 302
    assert salesperson().find(Department).count() == 0
    assert salesperson().may("view", User)
    assert salesperson().may("update", firm.salesman)
    late = administrator.client.post(path, {"org.position:update": "", "version": role.version, "confirm": "yes"})
    assert late.status_code == 409
    assert salesperson().may("update", firm.salesman)


@pytest.mark.covers("ORG-02")
def test_field_rights_are_chosen_per_object(firm: Firm, administrator: Person, salesperson: Person) -> None:
    role = firm.roles["salesperson"]
    path = f"/rights/{role.pk}/people"
    assert administrator.client.get(path).status_code == 200
    done = administrator.client.post(path, {"version": role.version, "phone": "masked", "email": "hidden"})
    assert done.status_code == 302
    firm.add("carl", department=firm.south, phone="+8613800138000")
    cards = {card["name"]: card for card in salesperson.client.get("/directory").context["people"]}
    assert (cards["carl"]["phone"], "email" in cards["carl"], cards["carl"]["plain_phone"]) == ("138****8000", False, "")


@pytest.mark.parametrize("path", ["/rights", "/rights/{role}", "/rights/{role}/people"])
def test_rights_are_the_administrators(firm: Firm, manager: Person, path: str) -> None:
    assert manager.client.get(path.format(role=firm.roles["agent"].pk)).status_code == 403
    assert manager.client.post(path.format(role=firm.roles["agent"].pk), {"confirm": "yes"}).status_code in (403, 405)


@pytest.mark.parametrize(("grants", "masks"), [
    ([{"object": "org.user"}], []), ([{"object": "no.thing", "verb": "view", "scope": "own"}], []),
    ([{"object": "org.user", "verb": "view", "scope": "all"}], []), ([], [{"object": "org.user", "level": "x"}])])
def test_rights_that_mean_nothing_are_refused(firm: Firm, administrator: Person, grants: Any, masks: Any) -> None:
    role = firm.roles["agent"]
    before = policy.Role.objects.values().get(pk=role.pk)
    with pytest.raises(Exception, match=r"no right|no field right|no object"):
        administrator().run("kernel.role.change_rights", role.pk, grants=grants, masks=masks)
    assert policy.Role.objects.values().get(pk=role.pk) == before


# one's own ---------------------------------------------------------------------------------------


def test_my_profile_is_mine_to_change_but_not_my_rights(salesperson: Person) -> None:
    done = salesperson.client.post("/me", {"name": "Anna Li", "phone": "13800138000", "language": "zh-hans",
                                           "time_zone": "Asia/Tokyo", "email": "evil@example.com", "is_active": "false",
                                           "superior": ""})
    assert done.status_code == 302
    user = User.objects.get(pk=salesperson.id)
    assert (user.name, user.phone, user.language, user.time_zone, user.email, user.is_active) == (
        "Anna Li", "+8613800138000", "zh-hans", "Asia/Tokyo", "anna@example.com", True)
    assert user.superior_id is not None
    assert 'lang="zh-hans"' in salesperson.client.get("/me").content.decode()
    wrong = salesperson.client.post("/me", {"name": "", "phone": "x", "language": "", "time_zone": "Mars"})
    assert wrong.status_code == 400
    assert User.objects.get(pk=salesperson.id).name == "Anna Li"


def test_the_language_switch_keeps_the_page_and_is_remembered(salesperson: Person, anonymous: Any) -> None:
    answer = anonymous.post("/language", {"language": "zh-hans", "next": "/accounts/login/?next=/me"})
    assert answer["Location"] == "/accounts/login/?next=/me"
    assert 'lang="zh-hans"' in anonymous.get("/accounts/login/").content.decode()
    assert anonymous.post("/language", {"language": "zh-hans", "next": "https://evil.example/"})["Location"] == "/"
    assert anonymous.get("/language").status_code == 405
    salesperson.client.post("/language", {"language": "zh-hant", "next": "/me"})
    assert User.objects.get(pk=salesperson.id).language == "zh-hant"
    salesperson.client.post("/language", {"language": "xx", "next": "/me"})
    assert User.objects.get(pk=salesperson.id).language == "zh-hant"


@pytest.mark.covers("TIM-01")
def test_today_is_the_persons_own(firm: Firm, salesperson: Person, administrator: Person) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        administrator().update(administrator().get(User, salesperson.id), time_zone=zone)
        salesperson.client.get("/me")
        assert timezone.get_current_timezone_name() == zone
    administrator().update(administrator().get(User, salesperson.id), time_zone="")
    salesperson.client.get("/me")
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"


def test_the_frame_carries_the_company(firm: Firm, salesperson: Person) -> None:
    frame = salesperson.client.get("/me").context["shell"]
    assert frame["organisation"] == "关系"
    assert [link["url"] for link in frame["links"]] == [
        "/me", "/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/"]
    assert Ctx(user=salesperson.user).rights.roles[0].key == "salesperson"
