"""Home, search and palette, notifications, explained figures, history and the log."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.common import measures, talk
from guanxi.common.talk import Notification
from guanxi.kernel import entries
from guanxi.kernel.entries import Entry
from guanxi.language.phones import in_groups
from guanxi.surfaces.web import panels, searching

pytestmark = pytest.mark.in_turn

HTMX = {"HX-Request": "true"}
HOME_QUERIES, SEARCH_QUERIES = 9, 6


@pytest.fixture
def acme(anna, customer):
    return anna().create(customer, name="深圳市小鹏科技有限公司", phone="13800138000", city="深圳")


@pytest.fixture
def figure(customer, monkeypatch):
    monkeypatch.setattr(measures, "_measures", {})
    return measures.measure("test.southern", "Customers in the south", "Customers in Shenzhen.", customer,
                            tree=["city", "is", "深圳"])


# home --------------------------------------------------------------------------------------------


def test_home_greets_and_shows_figures_and_recent_work(anna, acme, figure):
    page = anna.client.get("/").content.decode()

    assert "anna" in page
    assert 'href="/explain/test.southern"' in page and "Customers in the south" in page
    assert f'href="/customers/{acme.pk}"' in page


def test_blocks_are_for_areas_and_roles(anna, boss, monkeypatch):
    monkeypatch.setattr(panels, "_blocks", {})
    for name, marks in (("all", {}), ("sales", {"areas": ["sales"]}), ("none", {"areas": ["nowhere"]}),
                        ("of role", {"roles": ["role of boss"]})):
        panels.block(name, **marks)(lambda ctx, request, name=name: {"title": f"Block {name}", "rows": [], "empty": ""})

    shown = [f"Block {name}" in anna.client.get("/").content.decode() for name in ("all", "sales", "none", "of role")]
    assert shown == [True, True, False, False]
    assert "Block of role" in boss.client.get("/").content.decode()


def test_a_door_comes_before_home(anna, monkeypatch):
    monkeypatch.setattr(panels, "_doors", [lambda ctx: "/welcome"])

    assert anna.client.get("/")["Location"] == "/welcome"


@pytest.mark.covers("P31")
@pytest.mark.parametrize("count", [10, 1000])
def test_home_and_search_cost_the_same_at_any_size(anna, many, settings, monkeypatch, figure, count):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    monkeypatch.setattr(panels, "_blocks", {key: one for key, one in panels._blocks.items() if key in ("my-figures", "recent")})
    many(anna, count)
    anna.client.get("/")

    with CaptureQueriesContext(connection) as home:
        anna.client.get("/")
    with CaptureQueriesContext(connection) as search:
        page = anna.client.get("/search?q=客户").content.decode()

    assert len(home) <= HOME_QUERIES, "\n".join(query["sql"][:200] for query in home)
    assert len(search) <= SEARCH_QUERIES, "\n".join(query["sql"][:200] for query in search)
    assert page.count('class="related-row"') == 10


# search and palette ------------------------------------------------------------------------------


@pytest.mark.covers("T10", "T11")
@pytest.mark.parametrize("words", ["小鹏", "xiaopeng", "xpkj", "38000"])
def test_everything_is_found_by_parts_pinyin_and_phone(anna, bert, acme, words):
    for path in (f"/search?q={words}", f"/palette?q={words}"):
        assert f'href="/customers/{acme.pk}"' in anna.client.get(path, headers=HTMX).content.decode()
        assert f'href="/customers/{acme.pk}"' not in bert.client.get(path, headers=HTMX).content.decode()


def test_a_shared_record_is_found(anna, bert, acme):
    anna.client.post(f"/customers/{acme.pk}/share", {"user": str(bert.user.pk), "level": "read"})

    assert f'href="/customers/{acme.pk}"' in bert.client.get("/palette?q=小鹏", headers=HTMX).content.decode()


@pytest.mark.parametrize("words", ["澜海", "lh", "lanhai"])
def test_names_that_begin_as_typed_go_before_newer_ones_that_contain_it(anna, customer, words):
    names = ["澜海精密制造有限公司", "澜海集团", "深圳澜海贸易"]
    for name in names:
        anna().create(customer, name=name)
    for place in range(12):
        anna().create(customer, name=f"上海波澜海运 {place}")
    found = [hit.title for hit in searching.find(anna(), words, 12)]
    assert (found[:2], found[2], len(found)) == (["澜海集团", "澜海精密制造有限公司"], "上海波澜海运 11", 12)


def test_the_palette_offers_what_the_role_permits(anna, person, acme):
    reader = person("reader", {"parties.customer": {"view": "own"}})

    assert 'href="/customers/new" data-dialog' in anna.client.get("/palette?q=new", headers=HTMX).content.decode()
    assert "/customers/new" not in reader.client.get("/palette?q=new", headers=HTMX).content.decode()
    assert 'href="/customers/"' in reader.client.get("/palette?q=cust", headers=HTMX).content.decode()
    empty = anna.client.get("/palette", headers=HTMX).content.decode()
    assert empty.index("Recent") < empty.index(f'href="/customers/{acme.pk}"') < empty.index("Do")


def test_what_was_typed_is_marked_and_harmless(anna, customer):
    anna().create(customer, name="<b>Acme</b>")

    page = anna.client.get("/palette?q=Acme", headers=HTMX).content.decode()

    assert "&lt;b&gt;<mark>Acme</mark>&lt;/b&gt;" in page and "<b>Acme" not in page


# notifications -----------------------------------------------------------------------------------


@pytest.fixture
def told(anna, bert, acme):
    """Anna shared a record with Bert and mentioned him twice."""
    anna.client.post(f"/customers/{acme.pk}/share", {"user": str(bert.user.pk), "level": "read"})
    talk.comment(anna(), acme, f"@[{bert.user.pk}] one")
    talk.comment(anna(), acme, f"@[{bert.user.pk}] two")
    return bert


@pytest.mark.covers("T50")
def test_notices_are_grouped_counted_and_read(told, acme):
    assert ">3<" in told.client.get("/notifications/count").content.decode()
    page = told.client.get("/notifications").content.decode()
    newest = Notification.objects.filter(user=told.user).order_by("-pk").first()

    assert "anna mentioned you: 深圳市小鹏科技有限公司" in page
    assert page.count("notice-row is-unread") == 2
    assert "mentioned" not in told.client.get("/notifications?kind=assigned").content.decode()

    answer = told.client.post(f"/notifications/{newest.pk}/open?also={newest.pk},{newest.pk - 1}", headers=HTMX)
    assert answer["HX-Redirect"] == f"/customers/{acme.pk}"
    assert Notification.objects.filter(user=told.user, read_at=None).count() == 1
    told.client.post("/notifications/read")
    assert Notification.objects.filter(user=told.user, read_at=None).count() == 0


@pytest.mark.covers("PERM-17")
def test_a_notice_of_a_lost_record_tells_nothing(told, acme, system):
    with system.door("test"):
        talk.notify(system, [told.user.pk], "reminder", acme, "call 小鹏 about the price")
    share = talk.policy.Share.objects.get()
    with system.door("test"):
        system.delete(share)

    page = told.client.get("/notifications").content.decode()

    assert "小鹏" not in page and "price" not in page
    assert page.count("A record you may no longer see") == 3


def test_another_persons_notice_is_not_there(told, anna):
    newest = Notification.objects.order_by("-pk").first()

    assert anna.client.post(f"/notifications/{newest.pk}/open").status_code == 404
    assert Notification.objects.filter(user=told.user, read_at=None).count() == 3


# figures -----------------------------------------------------------------------------------------


@pytest.mark.covers("F9")
def test_a_figure_explains_itself_and_opens_its_rows(anna, bert, acme, figure):
    page = anna.client.get("/explain/test.southern").content.decode()

    assert 'id="figure">1</p>' in page
    assert "Customers in Shenzhen." in page and "City is 深圳" in page and "number of customers" in page
    rows = anna.client.get("/customers/?f=%5B%22city%22%2C%22is%22%2C%22深圳%22%5D&view=all").content.decode()
    assert f"/customers/{acme.pk}" in rows
    assert "f=%5B%22city%22%2C%22is%22%2C%22%E6%B7%B1%E5%9C%B3%22%5D&amp;view=all" in page
    assert 'id="figure">0</p>' in bert.client.get("/explain/test.southern").content.decode()
    assert anna.client.get("/explain/none").status_code == 404


def test_figures_of_one_object_cost_one_query(anna, acme, figure, customer, many):
    every = measures.measure("test.all", "All", "All.", customer)
    credit = measures.measure("test.credit", "Credit", "Credit.", customer, formula="sum:credit_limit", unit="money")
    many(anna, 3, credit_limit=5)
    ctx = anna()
    expected = {one.key: measures.value(ctx, one) for one in (figure, every, credit)}

    with CaptureQueriesContext(connection) as asked:
        found = measures.values(ctx, [figure, every, credit])

    assert found == expected == {"test.southern": 1, "test.all": 4, "test.credit": 15}
    assert len(asked) == 1


def test_a_figure_of_a_withheld_field_is_withheld(person, customer, monkeypatch):
    monkeypatch.setattr(measures, "_measures", {})
    measures.measure("test.credit", "Credit", "All credit.", customer, formula="sum:credit_limit", unit="money")
    carl = person("carl", {"parties.customer": {"view": "own"}}, masks=[
        {"object": "parties.customer", "field": "credit_limit", "level": "masked"}])

    assert carl.client.get("/explain/test.credit").status_code == 403
    assert "/explain/test.credit" not in carl.client.get("/").content.decode()


# history and log ---------------------------------------------------------------------------------


@pytest.mark.covers("T14")
def test_an_old_value_is_put_back(anna, bert, acme):
    anna().update(acme, city="上海")
    entry = Entry.objects.filter(object_type="parties.customer", verb__endswith=".update").get()
    body = {"entry": str(entry.pk), "field": "city", "once": "r"}

    page = anna.client.get(f"/history/customers/{acme.pk}?field=city").content.decode()
    assert "Put back “深圳”" in page
    assert bert.client.post(f"/history/customers/{acme.pk}/restore", body).status_code == 404
    assert anna.client.post(f"/history/customers/{acme.pk}/restore", {**body, "field": "name"}).status_code == 404
    answer = anna.client.post(f"/history/customers/{acme.pk}/restore", body, headers=HTMX)

    assert json.loads(answer["HX-Trigger"])["done"]["message"] == "“City” of “深圳市小鹏科技有限公司” is as it was before."
    assert anna().get(type(acme), acme.pk).city == "深圳"


@pytest.mark.covers("P34")
def test_the_log_is_for_auditors_and_filtered(anna, boss, person, acme):
    auditor = person("auditor", {"kernel.entry": {"view": "everyone"}})
    anna().update(acme, city="上海")

    assert anna.client.get("/audit").status_code == 403
    for who in (boss, auditor):
        page = who.client.get(f"/audit?object=parties.customer&record={acme.pk}&verb=update&actor={anna.user.pk}")
        assert page.content.decode().count("<tr><td") == 1
    assert "上海" in boss.client.get("/audit?object=parties.customer&verb=update").content.decode()
    assert "上海" not in boss.client.get("/audit?until=2020-01-01").content.decode()
    assert boss.client.get("/audit?since=nonsense").status_code == 400


def test_the_seals_are_checked(boss, acme, monkeypatch):
    assert "The log is whole" in boss.client.get("/audit?check=1").content.decode()
    monkeypatch.setattr(entries, "broken_at", lambda: 7)
    assert "entry 7 does not fit" in boss.client.get("/audit?check=1").content.decode()


@pytest.mark.covers("P34")
def test_the_log_speaks_of_deeds_not_of_codes(boss, anna, acme, system):
    talk.comment(anna(), acme, f"@[{anna.user.pk}] look at this")
    with system.door("test"):
        system.note(anna.user, "sign_in")
        system.note(acme, "update", {}, reason="the lead is converted")
    boss.client.post("/language", {"language": "zh-hans"})
    page = boss.client.get("/audit").content.decode()

    assert "登录了系统" in page and "sign in" not in page
    assert "线索转化" in page and "the lead is converted" not in page
    assert "@anna look at this" in page and "@[" not in page
    assert "对象: <ins>客户</ins>" in page and "parties.customer<" not in page
    assert '<option value="sign_in">' in page


@pytest.mark.parametrize(("stored", "shown"), [
    ("+8613800138000", "138 0013 8000"), ("+862155502425", "021 5550 2425"), ("+8675526001234;ext=12", "0755 2600 1234-12"),
    ("+442079460958", "+44 20 7946 0958"), ("95588", "95588"), ("", "")])
def test_numbers_are_shown_in_groups(stored, shown):
    assert in_groups(stored) == shown
