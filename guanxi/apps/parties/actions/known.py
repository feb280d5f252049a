"""The duplicate check for many new records at once, such as the rows of a table."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.apps.parties.actions.duplicates import COMPARED, best_match, colleague_keys
from guanxi.apps.parties.reasons import REASONS
from guanxi.common import searching
from guanxi.kernel.api import Ctx

#: So sure must it be that nobody is left out for a name or a switchboard number alone.
SURE = 0.9


def already_known(ctx: Ctx, records: Sequence[Any]) -> list[str]:
    """For each new record of one object, why it looks like a known one or one before it; empty where it does not.

    The number of queries does not depend on the number of records. Only the name of the other record is told.
    """
    if not records:
        return []
    model = type(records[0])
    keys = [record.match_keys() for record in records]
    holders = searching.holders(set().union(*keys), model._meta.label_lower)
    near = [_nearest(mine, holders) for mine in keys]
    known = ctx.as_system("duplicate check").find(model).in_bulk(sorted(set().union(*near)))
    before: dict[str, list[int]] = {}
    told = []
    for place, (record, mine, ids) in enumerate(zip(records, keys, near, strict=True)):
        earlier = [records[other] for other in _nearest(mine, before)]
        why = _why(record, [*(known[pk] for pk in ids if pk in known), *earlier])
        told.append(why)
        for key in mine if not why else ():
            before.setdefault(key, []).append(place)
    return told


def _nearest(keys: Iterable[str], holders: dict[str, list[int]]) -> list[int]:
    """Those that share most keys, as many as are compared for one question."""
    if holders.keys().isdisjoint(key[:120] for key in keys):
        return []
    shared = Counter(pk for key in sorted(keys) for pk in holders.get(key[:120], ()))
    return [pk for pk, _count in shared.most_common(COMPARED)]


def _why(record: Any, others: Sequence[Any]) -> str:
    """What it is most like, and in what; nothing where it is like none of the others."""
    asked = [record.identity, *record.aliases] if others else []
    fits = [(best_match(asked, other, colleague_keys(record)), other) for other in others]
    match, other = max(fits, key=lambda fit: fit[0].score, default=(None, None))
    if match is None or match.score < SURE:
        return ""
    return _("It looks like “%(record)s”: %(why)s.") % {
        "record": other, "why": " · ".join(str(REASONS[reason]) for reason in match.reasons)}
