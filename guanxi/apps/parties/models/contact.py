"""A contact: a person at one customer or at several."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.parties.models.choices import Gender
from guanxi.apps.parties.models.customer import Customer
from guanxi.apps.parties.models.recognised import Identity, Recognised
from guanxi.kernel.api import About, Ctx, Q, Record, Section, f


class Contact(Recognised, Record):
    """A person we know at a customer: how to reach them, what they like, where they work."""

    name = f.PersonName(pgettext_lazy("person", "Name"))
    customer = f.Link(Customer, _("Customer"), null=True, help_text=_("Where the person mainly works."))
    gender = f.Choice(Gender, _("Gender"), blank=True)
    position = f.Name(_("Position"), blank=True, max_length=100)
    department = f.Name(_("Department"), blank=True, max_length=100)
    mobile = f.Phone(_("Mobile"), blank=True)
    phone = f.Phone(_("Phone"), blank=True)
    email = f.Email(_("E-mail"), blank=True)
    other_phone = f.Phone(_("Second phone"), blank=True)
    other_email = f.Email(_("Second e-mail"), blank=True)
    wechat = f.Name(_("WeChat"), blank=True, max_length=60, personal=True)
    address = f.Name(_("Postal address"), blank=True, max_length=300, personal=True)
    birthday = f.Day(_("Birthday"), null=True, personal=True)
    superior = f.Link("parties.Contact", _("Superior"), null=True)
    decides = f.Flag(_("Decides"))
    likings = f.Text(_("Likings"))
    habits = f.Text(_("Habits"))
    buying_habits = f.Text(_("Buying habits"))
    family = f.Text(_("Family"), personal=True)
    education = f.Name(_("Education"), blank=True)
    birthplace = f.Name(_("Home town"), blank=True, max_length=100, personal=True)
    former_work = f.Text(_("Former work"))
    consent = f.Text(_("Consent and purpose"), help_text=_("Why we may keep and use these personal data."))
    left = f.Flag(_("Has left"))
    next_contact_at = f.Moment(_("Next contact"), null=True)
    last_follow_up_at = f.Moment(_("Last follow-up"), null=True, computed=True, importable=True)
    tags = f.Tags(_("Tags"))
    note = f.Text(_("Note"))

    about = About(
        one=_("contact"), many=_("contacts"), icon="address-book", area="sales", title=name, subtitle=customer,
        parent=customer, columns=(name, customer, position, mobile, email, wechat, last_follow_up_at, "owner"),
        search=(name, mobile, phone, other_phone, email, other_email, wechat, position),
        filters=("owner", customer, decides, left, birthday, last_follow_up_at, next_contact_at, tags, "created_at"),
        form=(
            (name, customer), (position, department), (mobile, phone), (email, wechat), (decides, left),
            (next_contact_at, "owner"), (tags,), (note,),
            Section(_("Person"), ((gender, birthday), (superior, birthplace), (education,), (address,), (family,),
                                  (former_work,), (other_phone, other_email), (consent,))),
            Section(_("Likings and habits"), ((likings,), (habits,), (buying_habits,)))),
        side=("employments", "activities", "files", "history"), calendar=birthday, match=(mobile, email))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("mobile",), name="parties_contact_mobile"),
                   models.Index(fields=("email",), name="parties_contact_email")]

    @property
    def identity(self) -> Identity:
        phones = (self.mobile, self.phone, self.other_phone)
        return Identity(name=self.name, phones=tuple(filter(None, phones)), person=True,
                        emails=tuple(filter(None, (self.email, self.other_email))))

    def match_keys(self) -> set[str]:
        """Namesakes at one customer are the same person more often than not."""
        return super().match_keys() | self.colleague_keys()

    def colleague_keys(self) -> set[str]:
        """The key that a namesake at the same customer has too."""
        name = "".join(self.name.casefold().split())[:40]
        return {f"w:{self.customer_id}:{name}"} if self.customer_id and name else set()

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q:
        """Who sees a customer sees the people who work there besides their main job."""
        jobs = ctx.as_system("people with several jobs").find(Employment)
        return Q(pk__in=jobs.filter(customer__in=ctx.find(Customer).values("pk")).values("contact_id"))

    @property
    def standing(self) -> Any:
        return _("has left") if self.left else _("owned") if self.owner_id else _("without owner")


class Employment(Record):
    """A person works for a customer: as what, from when, until when."""

    contact = f.Link(Contact, _("Contact"))
    customer = f.Link(Customer, _("Customer"))
    position = f.Name(_("Position"), blank=True, max_length=100)
    department = f.Name(_("Department"), blank=True, max_length=100)
    role = f.Name(_("Role"), blank=True, max_length=100)
    starts_on = f.Day(_("Begins on"), null=True)
    ends_on = f.Day(_("Ends on"), null=True)
    main = f.Flag(_("Main job"))

    about = About(one=_("employment"), many=_("employments"), icon="briefcase", title=position, subtitle=customer,
                  parent=contact, columns=(contact, customer, position, department, role, starts_on, ends_on, main),
                  search=(position, department, role), filters=(contact, customer, main, starts_on, ends_on),
                  form=((contact, customer), (position, department), (role, main), (starts_on, ends_on)),
                  area="", side=("history",))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("contact", "customer", "position"), condition=Q(deleted_at=None),
                name="parties_employment_once",
                violation_error_message=_("This person has this position at this customer already.")),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="parties_employment_days",
                violation_error_message=_("The last day is before the first."))]

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q:
        """Who sees a customer sees who works there."""
        return Q(customer__in=ctx.find(Customer).values("pk"))
