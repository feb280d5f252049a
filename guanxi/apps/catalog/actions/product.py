"""What one does with a product: take it off sale, sell it again, put it on a price list."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import PriceList, PriceListItem, Product, Sale, prices_for
from guanxi.apps.catalog.rules import money, prices
from guanxi.kernel.api import Ctx, Denied, Refused, action, f


@action(_("Take off sale"), where=lambda product: product.active, right="update", icon="archive")
def retire_product(ctx: Ctx, product: Product) -> None:
    """The product is not offered any more; what was sold keeps it."""
    product.active = False
    ctx.save(product)


@action(_("Sell again"), where=lambda product: not product.active, right="update", icon="archive-off")
def resume_product(ctx: Ctx, product: Product) -> None:
    """The product may be offered again."""
    product.active = True
    ctx.save(product)


@action(_("Put on a price list"), verb="put_on_list", right="view", icon="tag-starred", undo=True, inputs={
    "price_list": _("Price list"), "percent": f.Percent(_("Change of the list price in percent"), default=0)})
def list_product(ctx: Ctx, product: Product, *, price_list: PriceList, percent: Decimal = Decimal(0)) -> PriceListItem:
    """Write the product into a price list, at its list price or so many percent above or below."""
    for answer in (ctx.may("create", PriceListItem), ctx.may("update", price_list)):
        if not answer:
            raise Denied(_("You may not change the prices of “%(list)s”: %(reason)s") % {
                "list": price_list, "reason": answer.reason}, record=price_list)
    if percent < -100:
        raise Refused(_("A price is never negative: at most -100 percent."), field="percent")
    sale = Sale(currency=price_list.currency, day=ctx.today, price_list_id=0, tax_included=price_list.tax_included)
    price = prices_for(sale, [(product.pk, Decimal(1))])[product.pk, Decimal(1)].price
    if price is None:
        raise Refused(_("“%(product)s” has no list price in %(currency)s, and no exchange rate gives one: write one down "
                        "first.") % {"product": product, "currency": price_list.currency}, field="price_list",
                      record=product)
    return ctx.save(PriceListItem(price_list=price_list, product=product, owner_id=price_list.owner_id,
                                  price=prices.changed(price, percent, money.PRICE_PLACES)))
