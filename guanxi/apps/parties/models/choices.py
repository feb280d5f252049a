"""The fixed words a customer and a contact are described by."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.api import f


class Kind(f.Options):
    COMPANY = "company", _("Company")
    PERSON = "person", pgettext_lazy("party", "Person")


class Party(f.Options):
    CUSTOMER = "customer", pgettext_lazy("party", "Customer")
    DISTRIBUTOR = "distributor", _("Distributor")
    PARTNER = "partner", _("Partner")


class LifeStage(f.Options):
    FUTURE = "future", _("Future customer")
    POTENTIAL = "potential", _("Potential customer")
    ACTUAL = "actual", _("Actual customer")
    LOYAL = "loyal", _("Loyal customer")


class Fit(f.Options):
    EXISTING = "existing", _("Existing customer")
    TARGET = "target", _("Target customer")
    POTENTIAL = "potential", _("Prospective customer")


class TargetType(f.Options):
    CONSUMER = "consumer", _("Consumer (B2C)")
    BUSINESS = "business", _("Business (B2B)")
    CHANNEL = "channel", _("Channel, distributor or franchisee")
    USER = "user", _("User inside a company")


class Registration(f.Options):
    ACTIVE = "active", _("In business")
    MOVED = "moved", _("Moved")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Licence revoked")
    CANCELLED = "cancelled", _("Deregistered")


class CreditRating(f.Options):
    AAA = "aaa", "AAA"
    AA = "aa", "AA"
    A = "a", "A"
    B = "b", "B"
    C = "c", "C"
    D = "d", "D"


class Gender(f.Options):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
