"""The roles every company starts with; each is data, to be changed in the role matrix."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from guanxi.apps.org.models import Company
from guanxi.common import showing
from guanxi.kernel.api import Ctx, Scope, policy

Grant = dict[str, Any]

#: What nobody gets by the way: taking data out, bringing masses in, giving away, binning.
_APART = ["export", "import", "assign", "delete"]
_SELLING = ("parties.*", "work.*", "sales.*", "print.*", "channels.*")
_WORKING = ("parties.*", "work.*")


def _grants(patterns: tuple[str, ...], scope: str, *, verb: str = "*", without: list[str] | None = None) -> list[Grant]:
    """A verb, or all verbs but some, on the owned objects of the patterns."""
    return [{"object": pattern, "kind": "owned", "verb": verb, "scope": scope,
             **({"except": without} if without else {})} for pattern in patterns]


def _everybody() -> list[Grant]:
    """Everybody sees colleagues, products, and the shared lists that forms offer; changing those is others' work."""
    return [*({"object": pattern, "kind": "shared", "verb": "view", "scope": Scope.EVERYONE}
              for pattern in ("org.*", "parties.*", "work.*", "sales.*", "catalog.*", "marketing.*", "service.*",
                              "orders.*", "contracts.*", "money.*", "print.*")),
            {"object": "catalog.product", "verb": "view", "scope": Scope.OWN},
            {"object": "automation.approvalrequest", "verb": "view", "scope": Scope.OWN},
            {"object": "automation.delegation", "verb": "*", "scope": Scope.OWN,
             "except": ["export", "import", "assign"]}]


#: What we earn is for those who answer for it: these roles see neither cost nor margin. Else the ready roles see all.
_WITHOUT_MARGIN = ("salesperson", "service_representative", "service_manager", "marketer", "agent")
_MARGIN: list[Grant] = [{"object": name, "field": field, "level": policy.Mask.HIDDEN} for name, field in (
    ("catalog.product", "cost"), ("sales.quote", "margin"), ("sales.quote", "margin_percent"), ("sales.quoteline", "cost"))]

#: key, name, what it is for, administrator, grants
READY: tuple[tuple[str, str, str, bool, list[Grant]], ...] = (
    ("administrator", _("Administrator"), _("Sets up the system and may do everything."), True, []),
    ("management", _("Senior management"), _("Sees all business of the company, changes only their own."), False, [
        *_everybody(), {"object": "*", "kind": "owned", "verb": "view", "scope": Scope.EVERYONE},
        {"object": "inventory.*", "verb": "view", "scope": Scope.EVERYONE},
        *_grants(("parties.*", "sales.*", "marketing.*", "service.*", "orders.*", "contracts.*"), Scope.EVERYONE,
                 verb="export"),
        *_grants((*_SELLING, "marketing.*", "service.*", "orders.*", "contracts.*"), Scope.OWN,
                 without=["import", "delete"])]),
    ("sales_manager", _("Sales manager"), _("Leads a department: works on everything of it and of those below."), False,
     [*_everybody(), *_grants((*_SELLING, "orders.*", "contracts.*"), Scope.BRANCH),
      {"object": "catalog.*", "verb": "*", "scope": Scope.EVERYONE}]),
    ("salesperson", _("Salesperson"), _("Works on their own customers and deals, and on those shared with them."), False,
     [*_everybody(), *_grants(("catalog.*",), Scope.OWN, verb="view"),
      *_grants((*_SELLING, "orders.*", "contracts.*"), Scope.OWN, without=_APART)]),
    ("service_representative", _("Service representative"), _("Answers customers: sees them all, works on own requests."),
     False, [*_everybody(), *_grants(("parties.*", "orders.*", "contracts.*"), Scope.EVERYONE, verb="view"),
             *_grants(("work.*", "service.*"), Scope.OWN, without=_APART)]),
    ("service_manager", _("Service manager"), _("Leads the service: reviews and approves what the department does."),
     False, [*_everybody(), *_grants(("parties.*", "orders.*", "contracts.*"), Scope.EVERYONE, verb="view"),
             *_grants(("work.*", "service.*"), Scope.BRANCH)]),
    ("marketer", _("Marketer"), _("Sees all customers and leads, runs campaigns, and hands leads over."), False,
     [*_everybody(), *_grants(("parties.*", "sales.*"), Scope.EVERYONE, verb="view"),
      *_grants(("marketing.*",), Scope.BRANCH),
      *_grants(_WORKING, Scope.OWN, without=_APART),
      {"object": "sales.lead", "verb": "*", "scope": Scope.OWN, "except": ["export", "delete"]}]),
    ("agent", _("Call-centre agent"), _("Sees customers during a call, writes down contacts, new leads and quotes."), False,
     [*_everybody(), *_grants(("parties.*", "orders.*", "service.*"), Scope.EVERYONE, verb="view"),
      *_grants(("work.*", "service.*"), Scope.OWN, without=_APART),
      {"object": "sales.lead", "verb": "*", "scope": Scope.OWN, "except": _APART},
      *_grants(("catalog.*",), Scope.OWN, verb="view"),
      *_grants(("sales.quote", "sales.quoteline"), Scope.OWN, without=_APART)]),
    ("finance", _("Finance"), _("Sees all customers, quotes, orders and contracts, and works on the money."), False,
     [*_everybody(), *_grants(("parties.*", "catalog.*", "sales.*", "orders.*", "contracts.*", "purchasing.*"),
                              Scope.EVERYONE, verb="view"),
      {"object": "catalog.exchangerate", "verb": "*", "scope": Scope.EVERYONE},
      {"object": "inventory.*", "verb": "view", "scope": Scope.EVERYONE},
      *_grants(("money.*",), Scope.EVERYONE), *_grants(("work.*",), Scope.OWN, without=_APART)]),
    ("auditor", _("Read-only auditor"), _("Sees everything, changes nothing, takes nothing out."), False,
     [{"object": "*", "verb": "view", "scope": Scope.EVERYONE}]),
)


def seed(ctx: Ctx) -> dict[str, policy.Role]:
    """Create the ready roles that do not exist yet, in the company's language; returns all of them by key.

    A role that somebody changed or put into the recycle bin stays as it is.
    """
    ctx = ctx.as_system("the roles every company starts with")
    company = ctx.find(Company).first()
    with translation.override(company.language if company else translation.get_language()), ctx.door("seed"):
        known = {role.key: role for role in (*ctx.binned(policy.Role), *ctx.find(policy.Role)) if role.key}
        made = ctx.save_all([
            policy.Role(key=key, name=gettext(name), note=gettext(note), administrator=administrator, grants=grants,
                        masks=[] if administrator else showing.opened(*(_MARGIN if key in _WITHOUT_MARGIN else [])))
            for key, name, note, administrator, grants in READY if key not in known])
        for role, refusal in made:
            if refusal is not None:
                raise refusal
            known[role.key] = role
    return known
