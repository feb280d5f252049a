"""What belongs to a company's profile: its business by year, its shareholders, its bank accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models.customer import Customer
from guanxi.kernel.api import About, Q, Record, f


class BusinessYear(Record):
    """How a customer did in one year."""

    customer = f.Link(Customer, _("Customer"))
    year = f.Integer(_("Year"))
    revenue = f.Money(_("Revenue"), null=True)
    profit = f.Money(_("Profit"), null=True)
    assets = f.Money(_("Assets"), null=True)
    liabilities = f.Money(_("Liabilities"), null=True)
    staff = f.Integer(_("Number of staff"), null=True)
    main_business = f.Text(_("Main business"))

    about = About(one=_("business year"), many=_("business years"), icon="chart-bar", area="", title=year,
                  subtitle=customer, parent=customer, columns=(customer, year, revenue, profit, assets, liabilities),
                  filters=(customer, year), order="-year", side=("history",),
                  form=((customer, year), (revenue, profit), (assets, liabilities), (staff,), (main_business,)))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=("customer", "year"), condition=Q(deleted_at=None), name="parties_year_once",
                                    violation_error_message=_("The figures of this year are there already.")),
            models.CheckConstraint(condition=Q(year__gte=1800, year__lte=2200), name="parties_year_range",
                                   violation_error_message=_("The year must lie between 1800 and 2200."))]


class Shareholder(Record):
    """Who owns a part of a customer, and how much of it."""

    customer = f.Link(Customer, _("Customer"))
    name = f.Name(_("Name"))
    holder = f.Link(Customer, _("Is our customer"), null=True)
    share = f.Percent(_("Share held"), null=True)
    capital = f.Money(_("Capital paid in"), null=True)
    since = f.Day(_("Since"), null=True)

    about = About(one=_("shareholder"), many=_("shareholders"), icon="chart-pie", area="", title=name,
                  subtitle=customer, parent=customer, columns=(customer, name, share, capital, since), search=(name,),
                  filters=(customer, since), form=((customer, name), (share, since), (capital, holder)),
                  order="-share", side=("history",))

    class Meta(Record.Meta):
        constraints = [models.CheckConstraint(
            condition=Q(share=None) | Q(share__gt=0, share__lte=100), name="parties_shareholder_share",
            violation_error_message=_("A share lies above 0 and at most at 100 percent."))]


class BankAccount(Record):
    """A bank account from which a customer pays, or to which we pay."""

    customer = f.Link(Customer, _("Customer"))
    bank = f.Name(_("Bank"))
    account_name = f.Name(_("Account name"), blank=True)
    number = f.Name(_("Account number"), max_length=40, personal=True)
    bank_code = f.Name(_("Bank code"), blank=True, max_length=20)
    main = f.Flag(_("Default account"))
    note = f.Text(_("Note"))

    about = About(one=_("bank account"), many=_("bank accounts"), icon="building-bank", area="", title=bank,
                  subtitle=customer, parent=customer, columns=(customer, bank, account_name, number, main),
                  search=(bank, account_name), filters=(customer, bank, main), side=("history",),
                  form=((customer, bank), (account_name, number), (bank_code, main), (note,)))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("customer", "number"), condition=Q(deleted_at=None), name="parties_account_once",
            violation_error_message=_("The customer has this account already."))]

    def prepare(self) -> None:
        """Account numbers are written with spaces and kept without."""
        self.number = "".join(self.number.split()).replace("-", "")
