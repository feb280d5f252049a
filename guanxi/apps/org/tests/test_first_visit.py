"""The first visit: one administrator is made, once, by whoever knows the secret; then three doors and six steps."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from guanxi.apps.org import setup
from guanxi.apps.org.models import Company, Department, User
from guanxi.apps.org.pages.first_visit import ask_how_to_begin, first_steps
from guanxi.apps.org.tests.firm import PASSWORD, Person
from guanxi.kernel.api import Ctx, Entry, Missing, policy, registry
from guanxi.surfaces.web.tests.people import at_once

pytestmark = pytest.mark.in_turn

ANSWERS = {"company": "深圳市关系科技有限公司", "name": "王芳", "login": "wang@example.com", "password": PASSWORD,
           "language": "zh-hans", "time_zone": "Asia/Shanghai", "currency": "CNY"}


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    cache.clear()


@pytest.mark.django_db
@pytest.mark.covers("AUTH-13", "P07")
def test_the_page_is_guarded_by_a_secret_and_gone_for_ever(anonymous: Client) -> None:
    said = io.StringIO()
    call_command("welcome", "http://127.0.0.1:8000", stdout=said)
    path = said.getvalue().split("http://127.0.0.1:8000")[1].strip()
    assert path == f"/setup?token={setup.token()}"
    for wrong in ("/setup", "/setup?token=", "/setup?token=guess", f"{path}x"):
        assert anonymous.get(wrong).status_code == 404
        assert anonymous.post(wrong, ANSWERS).status_code == 404
    assert anonymous.get(path).status_code == 200
    assert anonymous.post(path, ANSWERS)["Location"] == "/welcome"
    user = User.objects.get()
    assert (user.name, user.email, user.language, user.time_zone) == ("王芳", "wang@example.com", "zh-hans", "Asia/Shanghai")
    assert Ctx(user=user).rights.administrator
    assert Company.objects.get().name == "深圳市关系科技有限公司"
    assert anonymous.get("/welcome").status_code == 200
    for _again in range(2):
        assert Client().get(path).status_code == 404
        assert Client().post(path, {**ANSWERS, "login": "13800138000"}).status_code == 404
    assert User.objects.count() == 1
    quiet = io.StringIO()
    call_command("welcome", "http://127.0.0.1:8000", stdout=quiet)
    assert quiet.getvalue() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(("wrong", "words"), [
    ({"password": "12345"}, "too short"), ({"login": "nobody"}, "phone"), ({"company": ""}, "needed"),
    ({"currency": "XXX"}, "Choose one"), ({"time_zone": "Mars"}, "Choose one"), ({"login": "a@b"}, "mail address")])
def test_a_wrong_answer_makes_nothing_and_keeps_what_was_typed(anonymous: Client, wrong: dict[str, str], words: str) -> None:
    page = anonymous.post(f"/setup?token={setup.token()}", {**ANSWERS, "language": "en", **wrong})
    text = page.content.decode()
    assert page.status_code == 400
    assert words in text
    assert ("王芳" in text, PASSWORD in text) == (True, False)
    assert [model.objects.count() for model in (User, Company, Department, policy.Role, policy.Holding, Entry)] == [0] * 6


@pytest.mark.django_db
@pytest.mark.parametrize(("headers", "cookie", "zone", "currency"), [
    ({}, "", "Asia/Shanghai", "CNY"), ({"HTTP_ACCEPT_LANGUAGE": "zh-TW,zh;q=0.9"}, "", "Asia/Taipei", "TWD"),
    ({"HTTP_ACCEPT_LANGUAGE": "en-GB"}, "", "Europe/London", "GBP"), ({}, "Asia/Tokyo", "Asia/Tokyo", "JPY"),
    ({}, "Mars/Olympus", "Asia/Shanghai", "CNY")])
def test_zone_and_currency_are_guessed_from_the_browser(headers: dict[str, str], cookie: str, zone: str, currency: str) -> None:
    client = Client()
    client.cookies["time_zone"] = cookie
    page = client.get(f"/setup?token={setup.token()}", **headers).content.decode()
    assert f'<option value="{zone}" selected>' in page
    assert f'<option value="{currency}" selected>' in page


def _visit(login: str) -> str:
    try:
        setup.set_up(Ctx(via="page"), login=login, **{key: value for key, value in ANSWERS.items() if key != "login"})
    except Missing:
        return "missing"
    return "made"


@pytest.mark.django_db
@pytest.mark.covers("AUTH-13")
def test_two_people_one_after_the_other_make_one_administrator() -> None:
    assert [_visit(f"p{n}@example.com") for n in range(2)] == ["made", "missing"]
    assert (User.objects.count(), Company.objects.count(), policy.Holding.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.covers("AUTH-13")
def test_two_people_at_the_same_moment_make_one_administrator() -> None:
    outcomes = at_once([lambda: _visit("p0@example.com"), lambda: _visit("p1@example.com")])
    assert sorted(outcomes) == ["made", "missing"]
    assert (User.objects.count(), Company.objects.count(), policy.Holding.objects.count()) == (1, 1, 1)


@pytest.mark.django_db
@pytest.mark.covers("P07")
def test_three_doors_then_the_home_page(administrator: Person, salesperson: Person) -> None:
    assert ask_how_to_begin(administrator()) == "/welcome"
    assert ask_how_to_begin(salesperson()) == ""
    assert salesperson.client.post("/welcome/empty").status_code in (403, 404)
    assert administrator.client.post("/welcome/empty")["Location"] == "/"
    assert ask_how_to_begin(administrator()) == ""


@pytest.mark.django_db
@pytest.mark.covers("P07")
def test_the_first_steps_tick_themselves(firm: Any, administrator: Person, salesperson: Person) -> None:
    assert first_steps(salesperson()) is None
    found = first_steps(administrator())
    assert found is not None
    assert {step["url"]: step["done"] for step in found["steps"]} == {
        "/company/": True, "/departments/": True, "/people/invite": True, "/customers/import": False,
        "/opportunities/new": False, "/activities/new": False}
    assert (found["done"], found["total"], found["share"]) == (3, 6, 50)
    administrator().update(administrator().find(Company).get(), short_name="")
    again = first_steps(administrator())
    assert again is not None
    assert again["done"] == 2
    administrator.client.post("/welcome/hide")
    assert first_steps(administrator()) is None


@pytest.mark.covers("P07")
def test_a_new_company_starts_with_everything_its_first_action_needs(db) -> None:
    setup.set_up(Ctx(via="page"), company="新公司", name="王芳", login="wang@example.com", password="Guanxi-2026!",
                 language="zh-hans", time_zone="Asia/Shanghai", currency="CNY")
    for name in ("sales.stage", "sales.pool", "parties.industry", "work.activitytype", "kernel.role"):
        assert Ctx(system=True, reason="test").find(registry.model_of(name)).exists(), name


@pytest.mark.django_db
def test_before_the_set_up_the_sign_in_page_says_where_to_go(anonymous: Client) -> None:
    words = "Nobody has set up this installation yet"
    assert words in anonymous.get("/accounts/login/").content.decode()
    anonymous.post(f"/setup?token={setup.token()}", ANSWERS)
    assert words not in Client().get("/accounts/login/").content.decode()


@pytest.mark.django_db
def test_the_refusal_of_a_short_password_is_in_the_language_of_the_page(anonymous: Client) -> None:
    page = anonymous.post(f"/setup?token={setup.token()}", {**ANSWERS, "password": "12345"},
                          headers={"Accept-Language": "zh-CN"})
    assert "密码太短：至少需要 10 个字符。" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.covers("AUTH-13")
def test_who_has_just_set_up_is_among_those_signed_in(anonymous: Client) -> None:
    anonymous.post(f"/setup?token={setup.token()}", ANSWERS, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    page = anonymous.get("/accounts/sessions/").content.decode()
    assert page.count('class="related-row"') == 1
    assert "Firefox · Linux" in page
