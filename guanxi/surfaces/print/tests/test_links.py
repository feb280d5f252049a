"""Links for customers: passcodes cannot be guessed, not even by many at once."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Role
from guanxi.surfaces.print import links
from guanxi.surfaces.print.models import LinkView, SheetLink

pytestmark = [pytest.mark.django_db, pytest.mark.covers("PERM-18")]


def test_guesses_made_at_the_same_time_are_no_more_than_one_after_another(monkeypatch: Any) -> None:
    system = Ctx(system=True, reason="test")
    with system.door("test"):
        record = system.save(Role(name="Anything"))
        made = system.save(SheetLink(
            object_type="kernel.role", object_id=record.pk, title="Q-1", record_version=1, sheet="quotation", language="en",
            nonce="n" * 24, passcode=make_password("8341"), until=system.today + datetime.timedelta(days=1)))
    url, looked_at = f"/s/{links.address(made).rpartition('/')[2]}", []

    def check(_given: str, _kept: str) -> bool:
        """While one guess is being looked at, the next one comes in."""
        looked_at.append(len(looked_at))
        if len(looked_at) < links.TRIES + 5:
            Client().post(url, {"passcode": "0000"})
        return False

    monkeypatch.setattr(links, "check_password", check)
    Client().post(url, {"passcode": "0000"})
    assert len(looked_at) == links.TRIES
    assert LinkView.objects.filter(link=made, let_in=False).count() == links.TRIES
