"""What stock starts with: the roles of those who keep it; what somebody changed or deleted stays as it is."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from guanxi.apps.org.models import Company
from guanxi.common import showing
from guanxi.kernel.api import Ctx, Scope, policy

Grant = dict[str, Any]


def _shared(*patterns: str) -> list[Grant]:
    return [{"object": one, "kind": "shared", "verb": "view", "scope": Scope.EVERYONE} for one in patterns]


_LISTS = _shared("org.*", "catalog.*", "inventory.*")
_PRODUCTS: Grant = {"object": "catalog.product", "verb": "view", "scope": Scope.EVERYONE}
_MINIMUM: Grant = {"object": "inventory.stockbalance", "verb": "set_minimum", "scope": Scope.EVERYONE}
#: key, name, what it is for, grants
ROLES: tuple[tuple[str, str, str, list[Grant]], ...] = (
    ("warehouse_keeper", _("Warehouse keeper"),
     _("Writes and confirms the stock documents of the own department; cancels and takes out nothing."),
     [*_LISTS, _PRODUCTS, _MINIMUM,
      {"object": "inventory.*", "kind": "owned", "verb": "*", "scope": Scope.BRANCH,
       "except": ["cancel", "delete", "export", "import", "assign"]}]),
    ("warehouse_manager", _("Warehouse manager"),
     _("Runs the warehouses: every stock document, opening stock, warehouses and minimums."),
     [*_LISTS, _PRODUCTS, {"object": "inventory.*", "verb": "*", "scope": Scope.EVERYONE, "except": ["repair"]}]),
)


def seed(ctx: Ctx) -> dict[str, policy.Role]:
    """Create the roles that do not exist yet, in the company's language; returns those of stock by key."""
    system = ctx.as_system("the roles of those who keep stock")
    company = system.find(Company).first()
    known = {role.key: role for role in (*system.binned(policy.Role), *system.find(policy.Role))}
    with translation.override(company.language if company else translation.get_language()), system.door("inventory.seed"):
        for key, name, note, grants in ROLES:
            if key not in known:
                known[key] = system.save(policy.Role(
                    key=key, name=gettext(name), note=gettext(note), grants=grants, masks=showing.opened()))
    return {key: known[key] for key, *_rest in ROLES}
