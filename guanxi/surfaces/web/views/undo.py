"""Undo: take back a whole operation, and say what stayed because it was changed since."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.common import undoing
from guanxi.kernel import registry
from guanxi.surfaces.web import addresses, base
from guanxi.surfaces.web.base import PageRequest, page


@page(methods=("POST",))
def take_back(request: PageRequest, operation_id: int) -> HttpResponse:
    """Take back an operation of one's own."""
    result = undoing.undo(request.ctx, operation_id)
    count = result.restored
    message = ngettext("%(n)s record put back", "%(n)s records put back", count) % {"n": count}
    if not result.conflicts:
        return base.done(request, message)
    first = result.conflicts[0]
    if base.is_fragment(request):
        left = ngettext("%(n)s was changed since and left as it is", "%(n)s were changed since and left as they are",
                        len(result.conflicts)) % {"n": len(result.conflicts)}
        return base.done(request, f"{message}; {left}: {first[2]} – {first[3]}", wrong=True)
    rows = [{"title": title, "reason": reason, "url": addresses.record_url(registry.model_of(name), pk)}
            for name, pk, title, reason in result.conflicts]
    return base.render(request, "web/result.html", {
        "title": _("Undone in part"), "lines": [{"label": _("Put back"), "count": count},
                                                {"label": _("Left as it is"), "count": len(rows)}],
        "refused": rows, "back_url": base.back(request), "undo_url": ""})
