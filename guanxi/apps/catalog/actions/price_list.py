"""What one does with a price list: make the next one from it."""

import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import PriceList, PriceListCustomer, PriceListItem, decimals_of
from guanxi.apps.catalog.rules import prices
from guanxi.kernel.api import Ctx, Denied, Refused, action, f


@action(_("Copy"), verb="copy", right="view", icon="copy", undo=True, inputs={
    "name": _("Name of the new list"), "percent": f.Percent(_("Change of all prices in percent"), default=0),
    "valid_from": _("Valid from"), "valid_until": _("Valid until"), "customers": f.Flag(_("For the same customers"))})
def copy_price_list(ctx: Ctx, price_list: PriceList, *, name: str, percent: Decimal = Decimal(0),
                    valid_from: datetime.date | None = None, valid_until: datetime.date | None = None,
                    customers: bool = False) -> PriceList:
    """Make a new price list with the same products, at the same prices or so many percent above or below."""
    for model in (PriceList, PriceListItem):
        if not (answer := ctx.may("create", model)):
            raise Denied(_("You may not create %(object)s: %(reason)s") % {
                "object": model.about.many, "reason": answer.reason}, record=price_list)
    if percent < -100:
        raise Refused(_("A price is never negative: at most -100 percent."), field="percent", record=price_list)
    made = ctx.save(PriceList(
        name=name, currency=price_list.currency, tax_included=price_list.tax_included, restricted=price_list.restricted,
        note=price_list.note, valid_from=valid_from, valid_until=valid_until))
    places = decimals_of(price_list.currency)
    _keep(ctx, [PriceListItem(
        price_list=made, product_id=item.product_id, min_quantity=item.min_quantity,
        price=prices.changed(item.price, percent, places) if percent else item.price)
        for item in ctx.find(PriceListItem).filter(price_list=price_list).order_by("pk") if _goes_on(item, ctx.today)])
    if customers:
        _keep(ctx, [PriceListCustomer(price_list=made, customer_id=one.customer_id)
                    for one in ctx.find(PriceListCustomer).filter(price_list=price_list).order_by("pk")])
    return made


def _goes_on(item: PriceListItem, today: datetime.date) -> bool:
    """What has run out or is yet to come is not copied: the new list holds what is in force."""
    return (item.valid_until is None or today <= item.valid_until) and (item.valid_from is None or item.valid_from <= today)


def _keep(ctx: Ctx, records: list[PriceListItem] | list[PriceListCustomer]) -> None:
    for _record, refusal in ctx.save_all(records):
        if refusal is not None:
            raise refusal
