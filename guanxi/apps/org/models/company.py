"""The company that uses this installation: one row."""

import functools
import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Record, Section, f


class Language(f.Options):
    """The languages people can choose, each in its own words."""

    ENGLISH = "en", "English"
    SIMPLIFIED = "zh-hans", "简体中文"
    TRADITIONAL = "zh-hant", "繁體中文"


class Currency(f.Options):
    """Currencies a company may keep its books in."""

    CNY = "CNY", _("Chinese yuan (CNY)")
    HKD = "HKD", _("Hong Kong dollar (HKD)")
    TWD = "TWD", _("New Taiwan dollar (TWD)")
    MOP = "MOP", _("Macanese pataca (MOP)")
    USD = "USD", _("US dollar (USD)")
    EUR = "EUR", _("Euro (EUR)")
    GBP = "GBP", _("Pound sterling (GBP)")
    JPY = "JPY", _("Japanese yen (JPY)")
    KRW = "KRW", _("South Korean won (KRW)")
    SGD = "SGD", _("Singapore dollar (SGD)")
    AUD = "AUD", _("Australian dollar (AUD)")
    CAD = "CAD", _("Canadian dollar (CAD)")
    CHF = "CHF", _("Swiss franc (CHF)")
    INR = "INR", _("Indian rupee (INR)")
    MYR = "MYR", _("Malaysian ringgit (MYR)")
    THB = "THB", _("Thai baht (THB)")
    VND = "VND", _("Vietnamese dong (VND)")


#: What this machine knows, looked up once: to look takes longer than everything else in saving a company.
_zones = functools.cache(zoneinfo.available_timezones)


def check_time_zone(name: str) -> None:
    """A time zone is one that this machine knows. Raises ValidationError by field."""
    if name and name not in _zones():
        raise ValidationError({"time_zone": _("“%(name)s” is no time zone; “Asia/Shanghai” is one.") % {"name": name}})


class Company(Record):
    """The company that works here: its name, currency, language and time zone."""

    name = f.Name(_("Name"))
    short_name = f.Name(_("Short name"), blank=True, max_length=40)
    currency = f.Choice(Currency, _("Currency"))
    language = f.Choice(Language, _("Language"))
    time_zone = f.Name(_("Time zone"), max_length=64, default="Asia/Shanghai")
    address = f.Text(_("Address"))
    phone = f.Phone(_("Phone"), blank=True)
    email = f.Email(_("E-mail"), blank=True)
    website = f.Url(_("Website"), blank=True)
    tax_number = f.Name(_("Tax number"), blank=True, max_length=40)
    bank = f.Name(_("Bank and account"), blank=True)
    first_steps_hidden = f.Flag(_("First steps are hidden"), computed=True)
    begun = f.Flag(_("The way to begin is chosen"), computed=True)
    only = f.Integer(_("There is one"), default=1, unique=True, computed=True)

    renews = True
    about = About(one=_("company"), many=_("companies"), icon="building", title=name, slug="company",
                  columns=(name, short_name, currency, language, time_zone), search=(),
                  form=((name, short_name), (currency, language), (time_zone,), Section(
                      _("Letterhead"), ((address,), (phone, email), (website, tax_number), (bank,)))), scope="everyone",
                  verbs=("view", "update"))

    def clean(self) -> None:
        check_time_zone(self.time_zone)
