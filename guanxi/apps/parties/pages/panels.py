"""The cards that make a customer's page a view all round: group, relations, people, figures, doubles."""

import json
from typing import Any

from django.utils.translation import gettext as _

from guanxi.apps.parties.actions import find_duplicates, group
from guanxi.apps.parties.actions.relations import drawn, neighbours
from guanxi.apps.parties.models import Contact, Customer, Employment
from guanxi.common import measures
from guanxi.kernel.api import Ctx, Record, registry
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.panels import panel

Made = dict[str, Any] | None
#: People of a customer that a card shows.
PEOPLE = 8
#: Companies of a group over which figures are added up.
GROUP = 500


@panel("group tree", on=Customer, place="top", order=10, template="parties/customer/_group.html")
def group_tree(ctx: Ctx, record: Customer, request: Any) -> Made:
    """The company group from the top down; nothing for a company that stands alone."""
    lines = group.lines(ctx, record)
    if len(lines) < 2:
        return None
    return {"title": _("Company group"), "lines": [
        {"line": line, "indent": range(min(line.depth, 12)),
         "url": addresses.record_url(Customer, line.pk) if line.title else ""} for line in lines]}


@panel("relations", on=Customer, place="side", order=20, template="parties/customer/_relations.html")
def relation_graph(ctx: Ctx, record: Customer, request: Any) -> Made:
    """Customers that have to do with this one, drawn and told."""
    found = neighbours(ctx, record)
    if not found:
        return None
    return {"title": _("Relations"), "drawing": drawn(found), "ties": [
        {"tie": tie, "url": addresses.record_url(Customer, tie.pk) if tie.title else ""} for tie in found]}


@panel("also works here", on=Customer, place="side", order=30)
def also_work_here(ctx: Ctx, record: Customer, request: Any) -> Made:
    """People whose main job is elsewhere, or was here before."""
    jobs = ctx.find(Employment).filter(customer=record).exclude(contact__customer=record).order_by("-pk")
    rows = list(jobs.select_related("contact")[:PEOPLE])
    seen = set(ctx.find(Contact).filter(pk__in=[job.contact_id for job in rows]).values_list("pk", flat=True))
    people = [{"title": str(job.contact), "subtitle": job.position, "user": job.contact.name,
               "url": addresses.record_url(Contact, job.contact_id),
               "badge": {"text": _("until %(day)s") % {"day": job.ends_on}} if job.ends_on else None}
              for job in rows if job.contact_id in seen]
    return {"title": _("Also work here"), "icon": "briefcase", "rows": people, "count": len(people)} if people else None


@panel("figures", on=Customer, place="side", order=5, template="parties/customer/_figures.html")
def figures(ctx: Ctx, record: Customer, request: Any) -> Made:
    """Every figure that any part of the product counts below a customer: for this one, and for its group below it."""
    below = {model: source.name for model, source in registry.children(Customer)}
    members = list(group.members(ctx, record.pk).values_list("pk", flat=True)[:GROUP])
    rows = []
    for one in measures.measures():
        link = below.get(one.model)
        if link is not None and one.filter(ctx) and ctx.may("view", one.model):
            own = measures.value(ctx, one, [link, "in", [record.pk]])
            whole = measures.value(ctx, one, [link, "in", members]) if len(members) > 1 else None
            if own or whole:
                rows.append({"name": one.name, "meaning": one.meaning, "unit": one.unit, "url": addresses.with_query(
                    f"/explain/{one.key}", f=json.dumps([link, "in", [record.pk]])),
                             "values": [own] if whole is None else [own, whole]})
    return {"title": _("Figures"), "rows": rows, "grouped": len(members) > 1} if rows else None


def _slug(record: Record) -> str:
    return registry.slug(type(record))


@panel("possible duplicates", on=Customer, place="side", order=40)
@panel("possible duplicates", on=Contact, place="side", order=40)
def possible_duplicates(ctx: Ctx, record: Any, request: Any) -> Made:
    """Other records of the same object that may be the same, with the way to merge them."""
    found = find_duplicates(ctx, [record.identity, *record.aliases], [type(record)], without=record, limit=3)
    rows = [{"title": hit.title, "subtitle": hit.why, "url": addresses.with_query(
        f"/merge/{_slug(record)}", ids=[record.pk, hit.pk])} for hit in found if hit.visible]
    return {"title": _("Perhaps twice here"), "icon": "copy", "rows": rows, "count": len(rows)} if rows else None
