"""A customer: a company or a person we deal with, or want to."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models.choices import (
    CreditRating,
    Fit,
    Kind,
    LifeStage,
    Party,
    Registration,
    TargetType,
)
from guanxi.apps.parties.models.masters import CustomerLevel, Industry, Source
from guanxi.apps.parties.models.recognised import Identity, Recognised
from guanxi.apps.parties.rules.identity import credit_code_normal, credit_code_valid
from guanxi.kernel.api import About, Q, Record, Section, f


class Customer(Recognised, Record):
    """A company or person we deal with, or want to: who they are, how they stand, who looks after them."""

    name = f.Name(_("Name"))
    short_name = f.Name(_("Short name"), blank=True, max_length=60)
    kind = f.Choice(Kind, _("Kind"))
    party = f.Choice(Party, _("Party type"))
    life_stage = f.Choice(LifeStage, _("Life stage"), default=LifeStage.POTENTIAL, tracked=True)
    fit = f.Choice(Fit, _("Right-customer class"), blank=True)
    target_type = f.Choice(TargetType, _("Target type"), blank=True)
    level = f.Link(CustomerLevel, _("Level"), null=True)
    industry = f.Link(Industry, _("Industry"), null=True)
    source = f.Link(Source, _("Source"), null=True)
    phone = f.Phone(_("Phone"), blank=True)
    mobile = f.Phone(_("Mobile"), blank=True)
    email = f.Email(_("E-mail"), blank=True)
    other_phone = f.Phone(_("Second phone"), blank=True)
    other_email = f.Email(_("Second e-mail"), blank=True)
    fax = f.Phone(_("Fax"), blank=True, personal=False)
    website = f.Url(_("Website"), blank=True)
    wechat = f.Name(_("WeChat"), blank=True, max_length=60, personal=True)
    province = f.Name(_("Province"), blank=True, max_length=60)
    city = f.Name(_("City"), blank=True, max_length=60)
    district = f.Name(_("District"), blank=True, max_length=60)
    address = f.Name(_("Address"), blank=True, max_length=300)
    postcode = f.Name(_("Postal code"), blank=True, max_length=20)
    founded_on = f.Day(_("Founded on"), null=True)
    birthday = f.Day(_("Birthday"), null=True, personal=True)
    staff = f.Integer(_("Number of staff"), null=True)
    business_scope = f.Text(_("Business scope"))
    credit_code = f.Name(_("Unified social credit code"), blank=True, max_length=30)
    legal_person = f.PersonName(_("Legal person"), blank=True, max_length=100)
    registered_capital = f.Money(_("Registered capital"), null=True)
    registration = f.Choice(Registration, _("Registration status"), blank=True)
    listed = f.Flag(_("Listed"))
    exchange = f.Name(_("Exchange"), blank=True, max_length=60)
    stock_code = f.Name(_("Stock code"), blank=True, max_length=20)
    listed_on = f.Day(_("Listed on"), null=True)
    credit_rating = f.Choice(CreditRating, _("Credit rating"), blank=True)
    credit_limit = f.Money(_("Credit limit"), sensitive=True, null=True)
    payment_days = f.Integer(_("Days to pay"), null=True)
    payment_terms = f.Name(_("Payment terms"), blank=True)
    parent_company = f.Link("parties.Customer", _("Parent company"), null=True, db_index=False)
    buying_habits = f.Text(_("Buying habits and preferences"))
    likings = f.Text(_("Likings"))
    inner_relations = f.Text(_("Relations inside the customer"))
    next_contact_at = f.Moment(_("Next contact"), null=True)
    last_follow_up_at = f.Moment(_("Last follow-up"), null=True, computed=True, importable=True)
    locked = f.Flag(_("Locked"), computed=True, help_text=_("A locked customer stays with its owner."))
    tags = f.Tags(_("Tags"))
    note = f.Text(_("Note"))

    about = About(
        one=_("customer"), many=_("customers"), icon="building", area="sales", title=name, subtitle=industry,
        columns=(name, level, life_stage, industry, city, phone, last_follow_up_at, next_contact_at, "owner"),
        search=(name, short_name, phone, mobile, other_phone, email, other_email, wechat, credit_code, address),
        filters=("owner", level, life_stage, party, kind, industry, source, fit, target_type, province, city,
                 last_follow_up_at, next_contact_at, parent_company, locked, tags, "created_at"),
        form=(
            (name, short_name), (kind, party), (level, life_stage), (industry, source), (phone, mobile),
            (email, wechat), (province, city, district), (address,), (next_contact_at, "owner"), (tags,), (note,),
            Section(_("Company"), (
                (credit_code, legal_person), (parent_company, registration), (registered_capital, founded_on), (staff,),
                (business_scope,), (website, fax), (other_phone, other_email), (postcode, birthday))),
            Section(_("Customer value"), ((fit, target_type), (buying_habits,), (likings,), (inner_relations,))),
            Section(_("Listing"), ((listed, exchange), (stock_code, listed_on))),
            Section(_("Credit"), ((credit_rating, credit_limit), (payment_days, payment_terms))),
        ),
        side=("group", "relations", "promises", "events", "figures", "activities", "files", "history"),
        calendar=next_contact_at, match=(credit_code, name))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("last_follow_up_at", "id"), name="parties_customer_follow"),
                   models.Index(fields=("name",), name="parties_customer_name"),  # tables name customers by it
                   models.Index(fields=("parent_company",), name="parties_customer_group",
                                condition=Q(parent_company__isnull=False))]
        constraints = [
            models.UniqueConstraint(
                fields=("credit_code",), condition=Q(deleted_at=None) & ~Q(credit_code=""),
                name="parties_customer_code",
                violation_error_message=_("This unified social credit code belongs to another customer.")),
            models.CheckConstraint(
                condition=Q(parent_company=None) | ~Q(parent_company=models.F("id")), name="parties_customer_parent",
                violation_error_message=_("A customer cannot be its own parent company.")),
            models.CheckConstraint(condition=Q(staff=None) | Q(staff__gte=0), name="parties_customer_staff",
                                   violation_error_message=_("The number of staff is never negative."))]

    def prepare(self) -> None:
        self.credit_code = credit_code_normal(self.credit_code)

    def clean(self) -> None:
        """A credit code is only kept when its check digit is right."""
        if self.credit_code and not credit_code_valid(self.credit_code):
            raise ValidationError({"credit_code": _(
                "“%(code)s” is no unified social credit code: it has 18 characters, and the last one checks "
                "the others. Compare it with the business licence.") % {"code": self.credit_code}})

    def known_as(self, name: str) -> Identity:
        """What is known of it, under one of its names."""
        phones = (self.phone, self.mobile, self.other_phone)
        return Identity(name=name, phones=tuple(filter(None, phones)), credit_code=self.credit_code,
                        emails=tuple(filter(None, (self.email, self.other_email))), city=self.city or self.province,
                        person=self.kind == Kind.PERSON)

    @property
    def identity(self) -> Identity:
        return self.known_as(self.name)

    @property
    def aliases(self) -> tuple[Identity, ...]:
        return (self.known_as(self.short_name),) if self.short_name else ()

    @property
    def standing(self) -> Any:
        return _("in the pool") if self.owner_id is None else _("owned")
