"""The words for why two records were judged the same or different."""

from django.utils.translation import gettext_lazy as _

REASONS = {
    "credit_code": _("Same unified credit code"),
    "other_code": _("Different unified credit codes"),
    "mobile": _("Same mobile number"),
    "phone": _("Same phone number"),
    "email": _("Same mail address"),
    "domain": _("Same mail domain"),
    "name": _("Same name"),
    "alias": _("One name is short for the other"),
    "form": _("Different legal forms"),
    "region": _("Different regions"),
    "branch": _("Different branches"),
    "city": _("Different cities"),
    "same_city": _("Same city"),
    "company": _("Same customer"),
}
