"""The facts of a record as its page tells them: subtitle, key facts, and everything else by section."""

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import facts
from guanxi.kernel.about import ref_name
from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record
from guanxi.surfaces.web import cells

KEY_FACTS = 5
OPEN_SECTIONS = 2


def told(ctx: Ctx, record: Record, may_update: bool, may_reveal: bool) -> dict[str, Any]:
    """Key facts, subtitle and the facts by section, all links looked up together."""
    model, about = type(record), record.about
    views = {view.key: view for view in facts.fields(model, ctx) if view.kind not in cells.UNSHOWN and not view.secret}
    sections = [(str(part.title), [views[name] for row in part.rows for name in row if name in views])
                for part in about.sections]
    placed = {view.key for _title, group in sections for view in group}
    rest = [view for view in views.values() if view.key not in placed and view.key not in facts.SYSTEM_KEYS
            and view.key not in (about.title_name, "owner")]
    custom = [view for view in rest if view.custom]
    computed = [view for view in rest if not view.custom]
    system = [views[key] for key in ("owner", *facts.SYSTEM_KEYS) if key in views and key not in placed]
    groups = [*sections, (_("More"), custom), (_("Kept by the system"), [*computed, *system])]
    known = cells.titles_of(ctx, [record], views.values())
    parent = views.get(ref_name(about.subtitle)) if about.subtitle else None
    sub = cells.cell(parent, record, known) if parent else None
    keys = [views[name] for name in about.column_names if name in views and name != about.title_name
            and views[name] is not parent][:KEY_FACTS]
    return {
        "subtitle": sub.text if sub else "", "subtitle_url": sub.url if sub else "",
        "key_facts": cells.cells(keys, record, known),
        "sections": [{"title": title, "closed": place >= OPEN_SECTIONS,
                      "items": cells.cells(group, record, known, may_update, may_reveal)}
                     for place, (title, group) in enumerate(groups) if group]}
