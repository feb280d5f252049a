"""A masked value is shown only to who may, is written down each time, and not without end."""

from typing import Any

import pytest

from guanxi.common import revealing
from guanxi.kernel.api import Ctx, Entry, Refused
from guanxi.kernel.refusal import Denied
from tests.fake_shop.models import Customer

pytestmark = pytest.mark.django_db

MASK = [{"object": "fake_shop.customer", "field": "phone", "level": "masked"}]


@pytest.mark.covers("PERM-19")
def test_a_reveal_is_written_down_and_counted(person: Any, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revealing, "DAILY_LIMIT", 2)
    clerk = Ctx(user=person("clerk", {"fake_shop.customer": {"view": "everyone", "reveal": "everyone"}}, masks=MASK))
    assert revealing.reveal(clerk, customer, "phone") == "13800138000"
    entry = Entry.objects.get(verb="fake_shop.customer.reveal")
    assert (entry.object_id, entry.inputs, entry.actor_id) == (customer.pk, {"field": "phone"}, clerk.user_id)
    assert "138" not in str(entry.changes)
    revealing.reveal(clerk, customer, "phone")
    with pytest.raises(Denied, match="limit"):
        revealing.reveal(clerk, customer, "phone")
    assert Entry.objects.filter(verb="fake_shop.customer.reveal").count() == 2


def test_without_the_right_or_the_mask_nothing_is_revealed(person: Any, anna: Ctx, customer: Customer) -> None:
    reader = Ctx(user=person("reader", {"fake_shop.customer": {"view": "everyone"}}, masks=MASK))
    with pytest.raises(Denied):
        revealing.reveal(reader, customer, "phone")
    with pytest.raises(Refused, match="not masked"):
        revealing.reveal(anna, customer, "name")
    assert not Entry.objects.filter(verb__endswith=".reveal").exists()
