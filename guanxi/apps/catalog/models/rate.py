"""Exchange rates, each from a day on; and the currency of the company."""

import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Company, Currency
from guanxi.kernel.api import About, Ctx, Q, Record, f
from guanxi.language import money


class ExchangeRate(Record):
    """What one unit of a foreign currency is worth in the company's currency, from a day on until the next rate."""

    currency = f.Choice(Currency, _("Currency"))
    day = f.Day(_("From day"))
    rate = f.Decimal(_("Rate to the company's currency"), decimal_places=8)

    renews = True
    about = About(one=_("exchange rate"), many=_("exchange rates"), icon="arrows-exchange", title=currency, subtitle=day,
                  slug="exchange-rates", columns=(currency, day, rate, "updated_by"), search=(currency,),
                  filters=(currency, day), form=((currency, day), (rate,)), scope="everyone", order="-day",
                  side=("history",))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("-day", "-id"), name="catalog_rate_day")]
        constraints = [
            models.UniqueConstraint(
                fields=("currency", "day"), condition=Q(deleted_at=None), name="catalog_rate_once",
                violation_error_message=_("There is a rate of this currency for this day already.")),
            models.CheckConstraint(condition=Q(rate__gt=0), name="catalog_rate_positive",
                                   violation_error_message=_("A rate is above zero."))]

    def clean(self) -> None:
        if self.currency == company_currency():
            raise ValidationError({"currency": _("%(currency)s is the company's own currency: it needs no rate.") % {
                "currency": self.currency}})


def company_currency() -> str:
    """The code of the currency in which the company keeps its books."""
    ctx = Ctx(system=True, reason="the company's currency")

    def load() -> str:
        return str(ctx.find(Company).values_list("currency", flat=True).first() or Currency.values[0])

    code: str = ctx.remembered("company currency", load)
    return code


def rate_on(currency: str, day: datetime.date) -> Decimal | None:
    """What one unit of a currency was worth on a day in the company's currency; None where nobody has said."""
    if currency == company_currency():
        return Decimal(1)
    ctx = Ctx(system=True, reason="the rate of the day")
    rows = ctx.find(ExchangeRate).filter(currency=currency, day__lte=day).order_by("-day")
    rate: Decimal | None = ctx.remembered(
        ("exchange rate", currency, day), lambda: rows.values_list("rate", flat=True).first())
    return rate


def decimals_of(currency: str) -> int:
    """The decimals of an amount in a currency."""
    return money.places(currency)
