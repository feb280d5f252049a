"""What one can do about a record one may not open: ask its owner, or claim it when nobody owns it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Customer, Recognised
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Missing, Record, Refused, action, f, registry


def _found(ctx: Ctx, object: str, record: int) -> Any:
    """The record whoever owns it, locked; only objects that the duplicate check knows can be asked for."""
    model = registry.model_of(object)
    if not issubclass(model, Recognised):
        raise Missing(_("There is no such record."))
    system: Any = ctx.as_system("asked for after a duplicate check")
    found = system.find(model).select_for_update(of=("self",)).filter(pk=record).first()
    if found is None:
        raise Missing(_("There is no such record."))
    return found


@action(_("Ask for access"), on=Customer, verb="ask_access", right="view", quiet=True, icon="hand-stop",
        inputs={"object": _("Object"), "record": _("Record"), "message": f.Text(_("Why you need it"))})
def ask_for_access(ctx: Ctx, *, object: str, record: int, message: str = "") -> None:
    """Ask the owner of a customer, contact or lead to let you see it."""
    found = _found(ctx, object, record)
    if ctx.may("view", found):
        raise Refused(_("You may open “%(record)s” already.") % {"record": found}, record=found)
    if found.owner_id is None:
        raise Refused(_("Nobody owns “%(record)s”: claim it instead.") % {"record": found}, record=found)
    words = _("%(person)s asks to see it: %(message)s") % {"person": ctx.user, "message": message or "—"}
    talk.notify(ctx, [found.owner_id], talk.Notification.Kind.SYSTEM, found, str(words))
    ctx.note(found, "ask_access", inputs={"message": message})


@action(_("Claim"), on=Customer, verb="claim", right="create", quiet=True, icon="hand-grab",
        inputs={"object": _("Object"), "record": _("Record")})
def claim(ctx: Ctx, *, object: str, record: int) -> Record:
    """Become the owner of a record that nobody owns. Of two people who claim at once, one gets it."""
    found: Any = _found(ctx, object, record)
    if found.owner_id == ctx.user_id:
        return found
    if found.owner_id is not None:
        raise Refused(_("“%(record)s” has an owner: ask for access instead.") % {"record": found}, record=found)
    if not ctx.may("create", type(found)):
        raise Refused(_("You may not own %(object)s.") % {"object": type(found).about.many}, record=found)
    found.owner_id = ctx.user_id
    return ctx.save(found)
