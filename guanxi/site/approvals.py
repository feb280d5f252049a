"""The rules of approval every company starts with; each is data, to be changed like any other."""

import json

from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.apps.org.models import Company
from guanxi.apps.sales.models import Quote
from guanxi.kernel.api import Ctx
from guanxi.surfaces.automation.models import ApprovalRule, ApprovalStep


def above(percent: int) -> str:
    return json.dumps(["discount_percent", "gt", percent])


def seed(ctx: Ctx) -> None:
    """A quote with more than ten percent off is sent after the superior's yes, above twenty also the next superior's.

    Whoever has no superior needs no yes. A company that has, or had, any rule about sending quotes keeps what it has.
    """
    system = ctx.as_system("the rules of approval every company starts with")
    name = Quote._meta.label_lower
    if any(rows.filter(object_type=name, action="send").exists() for rows in (
            system.find(ApprovalRule), system.binned(ApprovalRule))):
        return
    company = system.find(Company).first()
    step = {"kind": ApprovalStep.Kind.SUPERIOR, "nobody": ApprovalStep.Nobody.PASS, "remind_days": 1}
    with translation.override(company.language if company else translation.get_language()):
        title = _("Discount on quotes")
    system.create(ApprovalRule, name=title, object_type=name, action="send", condition=above(10), steps=[
        {**step, "level": 1}, {**step, "level": 2, "condition": above(20)}])
