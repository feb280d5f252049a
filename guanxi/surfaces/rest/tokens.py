"""Tokens: made once, shown once, kept as a seal; found, used and revoked."""

import datetime
import hashlib
import secrets
from typing import Any

from django.utils.translation import gettext as _

from guanxi.common.prepared import PERSON, Prepared
from guanxi.kernel import actions, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.refusal import Missing, Refused
from guanxi.surfaces.rest.models import ApiToken

BEGIN = "gx_"
READ, WRITE = "read", "write"
DAYS = (7, 30, 90, 365)
MOST = 50
#: The day of last use is written down at most this often.
_NOTED = datetime.timedelta(minutes=1)


def seal(value: str) -> str:
    """What is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(value.encode()).hexdigest()


def scope_names() -> set[str]:
    """Everything a token may be allowed."""
    return {READ, WRITE} | {action.name for model in registry.objects() if model.about.verbs
                            for action in actions.actions_of(model)}


def create(ctx: Ctx, name: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
    """A new token of the actor, and its value: the only time it can be read."""
    if unknown := sorted(set(scopes) - scope_names()):
        raise Refused(_("There is no action “%(name)s”.") % {"name": unknown[0][:80]}, field="scopes")
    if not scopes:
        raise Refused(_("Say what the token may do."), field="scopes")
    if days not in DAYS:
        raise Refused(_("Choose how long the token is valid."), field="days")
    name = " ".join(name.split())
    if not name:
        raise Refused(_("This field is needed."), field="name")
    value = BEGIN + secrets.token_urlsafe(32)
    with ctx.door("rest.apitoken.create"):
        if len(of(ctx)) >= MOST:
            raise Refused(_("At most %(count)s tokens fit. Revoke one first.") % {"count": MOST}, field="name")
        made = ctx.save(ApiToken(
            name=name[:80], user=ctx.user, scopes=sorted(set(scopes)), prefix=value[:8], digest=seal(value),
            expires_at=ctx.now + datetime.timedelta(days=days)))
    return made, value


def revoke(ctx: Ctx, pk: int) -> ApiToken:
    """End a token of the actor at once."""
    found = next((one for one in of(ctx) if one.pk == pk), None)
    if found is None:
        raise Missing(_("There is no such token."))
    with ctx.door("rest.apitoken.revoke"):
        found.revoked_at = ctx.now
        return ctx.save(found)


def of(ctx: Ctx) -> list[ApiToken]:
    """The actor's tokens that are not revoked, newest first."""
    rows = _all(ctx).filter(user_id=ctx.user_id, revoked_at=None)
    return list(rows.order_by("-pk"))


def _all(ctx: Ctx) -> Any:
    return ctx.as_system("a person's own tokens").find(ApiToken)


_TOKEN = Prepared(lambda digest: _all(Ctx()).filter(digest=digest), "digest")


def holder(value: str, ctx: Ctx) -> ApiToken | None:
    """The token of a value, if it is valid now and its person may still sign in."""
    if not value.startswith(BEGIN) or len(value) > 100:
        return None
    found: ApiToken | None = _TOKEN.row(seal(value))
    if found is None or found.revoked_at is not None or found.expires_at <= ctx.now:
        return None
    user = PERSON.row(found.user_id)
    if user is None or not user.is_active:
        return None
    found.user = user
    return found


def used(token: ApiToken, ctx: Ctx) -> None:
    """Note when and from where a token was used. No change people made: neither version nor account move."""
    if token.last_used_at and ctx.now - token.last_used_at < _NOTED:
        return
    _all(ctx).filter(pk=token.pk).update(last_used_at=ctx.now, last_used_from=ctx.client[:60])
