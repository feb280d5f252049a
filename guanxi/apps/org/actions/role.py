"""Changing what a role may do."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import Ctx, Refused, action, f, policy, registry


@action(_("Change rights"), icon="shield-check", quiet=True, right="update", inputs={
    "grants": f.Json(_("Rights"), default=None, null=True), "masks": f.Json(_("Field rights"), default=None, null=True)})
def change_rights_role(ctx: Ctx, role: policy.Role, *, grants: list | None = None, masks: list | None = None) -> None:
    """Say anew which objects, verbs, rows and fields this role opens; what is not given stays."""
    if role.administrator:
        raise Refused(_("An administrator may do everything: there is nothing to choose."), record=role)
    grants = role.grants if grants is None else grants
    masks = role.masks if masks is None else masks
    if not isinstance(grants, list) or not isinstance(masks, list):
        raise Refused(_("Rights are given as lists."), field="grants")
    for grant in grants:
        _check_grant(grant)
    for mask in masks:
        if not isinstance(mask, dict) or mask.get("level") not in policy.Mask.values:
            raise Refused(_("This is no field right."), field="masks")
        registry.model_of(str(mask.get("object", ""))[:80])
    role.grants, role.masks = grants, masks
    ctx.save(role)


def _check_grant(grant: Any) -> None:
    """A right names an object or a pattern, a verb and a scope."""
    good = (isinstance(grant, dict) and isinstance(grant.get("object"), str) and isinstance(grant.get("verb"), str)
            and grant.get("scope") in policy.Scope.values and grant.get("kind") in (None, "owned", "shared"))
    if not good:
        raise Refused(_("This is no right."), field="grants")
    if not grant["object"].endswith("*"):
        registry.model_of(grant["object"][:80])
