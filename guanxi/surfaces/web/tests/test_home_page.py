"""The home page: what to do today, nothing that is noise, and blocks as each person wants them."""

import datetime

import pytest
from django.utils import timezone

from guanxi.kernel import registry
from guanxi.surfaces.web import panels

HTMX = {"HX-Request": "true"}
OWN = {"view": "own", "create": "own", "update": "own"}
SHARED = ("org.user", "sales.pipeline", "sales.stage", "parties.customerlevel", "work.activitytype")


@pytest.fixture
def seller(person):
    return person("sofia", {"parties.customer": OWN, "sales.opportunity": OWN, "work.activity": OWN,
                            **{name: {"view": "everyone"} for name in SHARED}})


@pytest.fixture
def stage(system):
    pipeline = system.create(registry.model_of("sales.pipeline"), name="Standard", default=True, position=1)
    return system.create(registry.model_of("sales.stage"), name="First", pipeline=pipeline.pk, probability=10, position=1)


@pytest.fixture
def three(monkeypatch):
    """Nothing but three blocks."""
    monkeypatch.setattr(panels, "_blocks", {})
    for place, name in enumerate(("one", "two", "three")):
        panels.block(name, order=place)(lambda ctx, request, name=name: {"title": f"Block {name}", "rows": [], "empty": ""})


def order(who):
    page = who.client.get("/").content.decode()
    return sorted((name for name in ("one", "two", "three") if f"Block {name}" in page),
                  key=lambda name: page.index(f"Block {name}"))


@pytest.mark.covers("USR-05")
def test_deals_without_a_step_and_customers_to_contact_are_on_the_page(seller, customer, stage):
    late = timezone.now() - datetime.timedelta(days=3)
    far = timezone.now() + datetime.timedelta(days=30)
    ctx = seller()
    deal = registry.model_of("sales.opportunity")
    for name, amount, when in (("Small", 1, None), ("Large", 9, late), ("Arranged", 5, far)):
        ctx.create(deal, name=f"Deal {name}", stage=stage.pk, amount=amount, next_contact_at=when)
    ctx.create(customer, name="Waiting Ltd", next_contact_at=late)
    ctx.create(customer, name="Quiet Ltd", next_contact_at=far)

    page = seller.client.get("/").content.decode()
    todo = page[page.index("Deals that need a step"):page.index("Customers to contact")]
    contact = page[page.index("Customers to contact"):page.index("Worked on last")]

    assert todo.index("Deal Large") < todo.index("Deal Small") and "Deal Arranged" not in todo
    assert "Waiting Ltd" in contact and "Quiet Ltd" not in contact and "3 days late" in contact


def test_own_settings_and_what_was_written_by_the_dozen_are_no_recent_work(seller, customer, many):
    many(seller, 5)
    seller.client.post("/language", {"language": "en"})
    seller().create(customer, name="Newest Ltd")

    page = seller.client.get("/").content.decode()
    recent = page[page.index("Worked on last"):]

    assert recent.count('class="related-row"') == 2
    assert "Newest Ltd" in recent and f"/people/{seller.user.pk}" not in recent


@pytest.mark.covers("USR-09")
def test_blocks_are_put_in_order_and_away_by_each_person(anna, bert, three):
    dialog = anna.client.get("/home/blocks", headers=HTMX).content.decode()
    assert [f'value="{name}"' in dialog for name in ("one", "two", "three")] == [True] * 3

    answer = anna.client.post("/home/blocks", {"order": ["three", "one", "two", "nonsense"], "blocks": ["three", "two"]},
                              headers=HTMX)
    assert answer["HX-Redirect"] == "/"
    assert (order(anna), order(bert)) == (["three", "two"], ["one", "two", "three"])

    assert anna.client.post("/home/blocks", {"drag": "1", "main": ["two"], "side": ["three"]}).status_code == 302
    assert order(anna) == ["two", "three"]
    page = anna.client.get("/").content.decode()
    assert page.index("Block two") < page.index('data-block-column="side"') < page.index("Block three")
    anna.client.post("/home/blocks", {"reset": "1"})
    assert order(anna) == ["one", "two", "three"]


def test_somebody_elses_eyes_arrange_nothing(anna, boss, three):
    assert boss.client.post(f"/view-as/{anna.user.pk}").status_code == 302
    assert boss.client.post("/home/blocks", {"order": ["one"], "blocks": []}).status_code == 403
    assert order(anna) == ["one", "two", "three"]


@pytest.mark.covers("USR-09")
def test_settings_stand_in_the_rail_of_those_who_change_them(anna, boss):
    level = 'href="/customerlevels/"'
    assert level not in anna.client.get("/").content.decode()
    assert level in boss.client.get("/").content.decode()
    assert anna.client.get("/customerlevels/").status_code == 200
