"""Reveal: a masked value shown once to who may see it, with the reason asked before and written down."""

from dataclasses import replace

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.common import revealing
from guanxi.kernel import facts
from guanxi.kernel import fields as f
from guanxi.kernel.api import Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Denied
from guanxi.surfaces.web import addresses, base, cells
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.views.records import once_key

LONGEST_REASON = 200


@page
def reveal(request: PageRequest, slug: str, pk: int, key: str) -> HttpResponse:
    """The question for the reason, and after it the value."""
    ctx = request.ctx
    record = ctx.get(base.model_or_missing(request, slug), pk)
    view = facts.field_of(type(record), ctx, key)
    answer = ctx.may("reveal", record)
    if ctx.read_only or not answer:
        raise Denied(answer.reason or _("You are viewing as somebody else: nothing can be changed."), record=record)
    if request.method == "GET":
        return _ask(request, record, view)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        return _ask(request, record, view, reason, 422)
    try:
        value = revealing.reveal(replace(ctx, reason=reason), record, key)
    except Refused as refusal:
        if base.is_fragment(request) or base.wants_json(request):
            raise
        return base.fault(request, refusal)
    left = max(0, revealing.DAILY_LIMIT - revealing.used_today(ctx))
    return base.render(request, "web/revealed.html", {
        "title": f"{view.label} · {record}", "value": value, "field": view, "left": left,
        "record_url": addresses.record_url(type(record), pk)})


def _ask(request: PageRequest, record: Record, view: FieldView, reason: str = "", status: int = 200) -> HttpResponse:
    if not view.masked:
        raise Refused(_("“%(field)s” is not masked.") % {"field": view.label}, field=view.key, record=record)
    wrong = [] if status == 200 else [_("At most %(count)s characters fit.") % {"count": LONGEST_REASON} if reason
                                      else _("This field is needed.")]
    source = f.Name(_("Reason"), max_length=LONGEST_REASON)
    source.set_attributes_from_name("reason")
    asked = FieldView(key="reason", label=_("Why do you need it?"), kind="name", source=source, required=True,
                      max_length=LONGEST_REASON)
    url = addresses.reveal_url(type(record), record.pk, view.key)
    return base.render(request, "web/dialog.html", {
        "title": f"{view.label} · {record}", "action": {"label": _("Reveal"), "enabled": True}, "action_url": url,
        "what": _("The value is shown once. Who looked, when and why is written down."), "once": once_key(),
        "items": [cells.item(asked, reason, {}, wrong)],
        "errors": [{"id": "id_reason", "label": asked.label, "message": wrong[0]}] if wrong else [],
        "cancel_url": addresses.record_url(type(record), record.pk)}, status=status)
