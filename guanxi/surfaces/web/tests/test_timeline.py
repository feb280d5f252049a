"""The timeline: one stream of comments, files and changes in pages; mentions; rights that were lost."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.common import talk
from guanxi.common.talk import Comment, Notification
from guanxi.kernel import registry
from guanxi.kernel.entries import Entry
from guanxi.surfaces.web.views import timeline

pytestmark = pytest.mark.in_turn

HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme(anna, customer):
    return anna().create(customer, name="小鹏科技", city="深圳")


def events(client, path):
    page = client.get(path, headers=HTMX).content.decode()
    later = re.search(r'hx-get="([^"]*timeline[^"]*)"', page)
    return re.findall(r'<div class="event-body">([^<]*)', page), later[1].replace("&amp;", "&") if later else ""


@pytest.mark.covers("T8", "T14")
def test_changes_are_told_with_old_and_new_words(anna, acme, system):
    level = next(view for view in acme._meta.concrete_fields if view.name == "level").related_model
    with system.door("test"):
        gold = system.save(level(name="金牌"))
    anna().update(acme, city="上海", level=gold.pk)

    page = anna.client.get(f"/customers/{acme.pk}").content.decode()

    assert "<del>深圳</del> → <ins>上海</ins>" in page
    assert "Level: <ins>金牌</ins>" in page


@pytest.mark.covers("PERM-20")
@pytest.mark.parametrize("level", ["hidden", "masked"])
def test_a_field_right_that_was_lost_hides_old_values_too(person, customer, system, level):
    carl = person("carl", {"parties.customer": {"view": "own", "create": "own", "update": "own"}})
    record = carl().create(customer, name="甲", city="旧城")
    carl().update(record, city="新城")
    assert "旧城" in carl.client.get(f"/customers/{record.pk}").content.decode()
    role = carl().rights.roles[0]
    role.masks = [{"object": "parties.customer", "field": "city", "level": level}]
    with system.door("test"):
        system.save(role)

    for path in (f"/customers/{record.pk}", f"/customers/{record.pk}/timeline", f"/history/customers/{record.pk}"):
        page = carl.client.get(path, headers=HTMX).content.decode()
        assert "旧城" not in page and "新城" not in page


def test_pages_neither_repeat_nor_miss(anna, acme):
    for number in range(50):
        talk.comment(anna(), acme, f"note {number:02}")
        if number % 3 == 0:
            anna().update(anna().get(type(acme), acme.pk), city=f"城{number}")

    found, path = [], f"/customers/{acme.pk}/timeline"
    while path:
        bodies, path = events(anna.client, path)
        found += bodies

    assert [body for body in found if body] == [f"note {number:02}" for number in reversed(range(50))]


def test_only_what_is_asked_for_is_shown(anna, acme):
    talk.comment(anna(), acme, "a word")
    anna().update(acme, city="上海")

    talked = anna.client.get(f"/customers/{acme.pk}/timeline?show=talk", headers=HTMX).content.decode()
    changed = anna.client.get(f"/customers/{acme.pk}/timeline?show=changes", headers=HTMX).content.decode()

    assert ("a word" in talked, "上海" in talked) == (True, False)
    assert ("a word" in changed, "上海" in changed) == (False, True)
    assert anna.client.get(f"/customers/{acme.pk}/timeline?show=x", headers=HTMX).status_code == 400
    assert anna.client.get(f"/customers/{acme.pk}/timeline?e=x", headers=HTMX).status_code == 400


@pytest.mark.covers("T9")
def test_a_comment_mentions_people_by_name(anna, bert, acme, system):
    talk_url = f"/customers/{acme.pk}/timeline"
    anna.client.post(f"/customers/{acme.pk}/share", {"user": str(bert.user.pk), "level": "read"})
    Notification.objects.all().delete()

    answer = anna.client.post(talk_url, {"kind": "comment", "text": "Look at this, @bert!"}, headers=HTMX)

    assert answer.status_code == 204
    assert Comment.objects.get().text == f"Look at this, @[{bert.user.pk}]!"
    assert list(Notification.objects.values_list("user_id", "kind")) == [(bert.user.pk, "mention")]
    assert '<span class="mention">@bert</span>' in anna.client.get(f"/customers/{acme.pk}").content.decode()


@pytest.mark.covers("PERM-17")
def test_somebody_without_access_is_not_told_and_may_be_let_in(anna, bert, acme):
    answer = anna.client.post(f"/customers/{acme.pk}/timeline", {"text": "@bert look"}, headers=HTMX)

    assert f"/customers/{acme.pk}/share?user={bert.user.pk}" in answer["HX-Trigger"]
    assert Notification.objects.count() == 0


def test_what_is_said_is_shown_as_text(anna, acme):
    anna.client.post(f"/customers/{acme.pk}/timeline", {"text": "<script>alert(1)</script> @[1]"})

    page = anna.client.get(f"/customers/{acme.pk}").content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_an_empty_comment_is_refused(anna, acme):
    before = Entry.objects.count()

    assert anna.client.post(f"/customers/{acme.pk}/timeline", {"text": "  "}, headers=HTMX).status_code == 400
    assert (Comment.objects.count(), Entry.objects.count()) == (0, before)


def test_a_comment_with_a_false_file_leaves_nothing(anna, acme):
    answer = anna.client.post(f"/customers/{acme.pk}/timeline", {
        "text": "see", "file": SimpleUploadedFile("a.png", b"<svg/>")}, headers=HTMX)

    assert answer.status_code == 400
    assert Comment.objects.count() == 0


def test_the_longest_name_wins(anna, person):
    long = person("annamaria", administrator=True)

    assert timeline.mentioned(anna(), "hi @annamaria and @anna, @nobody") == (
        f"hi @[{long.user.pk}] and @[{anna.user.pk}], @nobody")


def test_daily_work_is_told_with_the_record_it_belongs_to(boss, anna, acme, system):
    kind, activity = registry.model_of("work.activitytype"), registry.model_of("work.activity")
    with system.door("test"):
        visit = system.save(kind(name="Visit", icon="map-pin"))
    for number in range(45):
        boss().create(activity, name=f"visit {number:02}", type=visit.pk, customer=acme.pk, description=f"word {number:02}")

    found, path = [], f"/customers/{acme.pk}/timeline?show=activities"
    while path:
        bodies, path = events(boss.client, path)
        found += bodies

    assert found == [f"word {number:02}" for number in reversed(range(45))]
    assert "word 01" not in anna.client.get(f"/customers/{acme.pk}/timeline?show=activities", headers=HTMX).content.decode()


@pytest.mark.covers("P14")
def test_a_follow_up_is_logged_from_a_list_row(boss, bert, acme):
    page = boss.client.get(f"/customers/{acme.pk}/log", headers=HTMX).content.decode()

    assert f'action="/customers/{acme.pk}/timeline"' in page and 'name="text"' in page and 'name="once"' in page
    assert bert.client.get(f"/customers/{acme.pk}/log", headers=HTMX).status_code == 404
