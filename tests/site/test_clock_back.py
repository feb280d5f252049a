"""The clock of the server is set back by an hour: who is signed in stays so, tokens and links hold, history is in order."""

import datetime
import time
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.test import Client
from django.utils import timezone

from guanxi.apps.conftest import firm, manager, salesperson  # noqa: F401  fixtures
from guanxi.apps.org import tokens as links
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.org.tokens import ResetTokens
from guanxi.apps.parties.models import Customer
from guanxi.kernel import entries
from guanxi.kernel.api import Entry
from guanxi.surfaces.rest import tokens
from tests.contract.test_clocks import stopped

pytestmark = [pytest.mark.django_db, pytest.mark.covers("FLT-04")]
HOUR = datetime.timedelta(hours=1)


def test_tokens_links_and_history_hold(salesperson: Any, monkeypatch: Any) -> None:  # noqa: F811
    acme = salesperson().create(Customer, name="Acme")
    api = Client(headers={"Authorization": f"Bearer {tokens.create(salesperson(), 'test', ['write'], 30)[1]}"})
    reset, invitation = ResetTokens().make_token(salesperson.user), links.invitation(salesperson.user)
    plain = default_token_generator.make_token(salesperson.user)

    back = timezone.now() - HOUR
    monkeypatch.setattr(timezone, "datetime", stopped(back))
    monkeypatch.setattr(time, "time", back.timestamp)

    assert timezone.now() == back
    assert salesperson.client.get(f"/customers/{acme.pk}").status_code == 200
    assert api.get(f"/api/v1/customers/{acme.pk}").status_code == 200
    assert ResetTokens().check_token(salesperson.user, reset)
    assert default_token_generator.check_token(salesperson.user, plain)
    assert signing.loads(invitation.rpartition("/")[2], salt=links._SALT, max_age=links.INVITATION_DAYS * 86400)[0] == salesperson.id
    changed = salesperson.client.post(f"/customers/{acme.pk}/edit", {"name": "Acme 2", "version": acme.version})
    assert changed.status_code == 302
    verbs = Entry.objects.filter(object_type="parties.customer", object_id=acme.pk).order_by("pk").values_list("verb", "version")
    assert list(verbs) == [("parties.customer.create", 1), ("parties.customer.update", 2)]
    assert entries.broken_at() is None
    assert api.get(f"/api/v1/customers/{acme.pk}").json()["version"] == 2
