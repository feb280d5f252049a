"""Searching everything: which indexed records a person may find, and finding them in words or pinyin."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from guanxi.common.searching import candidates
from guanxi.kernel import policy, reading, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record, object_name
from guanxi.language import text
from guanxi.surfaces.web import addresses

LIMIT = 60
#: So many matches are looked at for those whose name begins with what was typed.
POOL = 200


@dataclass(frozen=True)
class Hit:
    """A record that was found."""

    model: type[Record]
    pk: int
    title: str

    @property
    def url(self) -> str:
        return addresses.record_url(self.model, self.pk)


def searchable(ctx: Ctx) -> list[type[Record]]:
    """Objects with pages that the actor may see and whose title is not withheld."""
    return [model for model in registry.objects() if "view" in model.about.verbs and model.about.search
            and ctx.may("view", model) and not policy.title_withheld(ctx, model)]


def reach(ctx: Ctx, model: type[Record]) -> Q | None:
    """The actor's rows of an object as a condition on the index, which knows owners; None for all of them."""
    allowed = policy.rows(ctx, model, "view")
    if allowed.q is None:
        return None
    name = object_name(model)
    owners = ctx.rights.reach(ctx.rights.grants(name, "view"))
    if owners is None:
        return None
    found = Q(owner_id__in=sorted(owners))
    if model.about.parent_name:
        found |= Q(upper_owner_id__in=sorted(owners))
    if shared := ctx.rights.shared(name, write=False):
        found |= Q(object_id__in=shared)
    return found


def find(ctx: Ctx, words: str, limit: int = LIMIT) -> list[Hit]:
    """Records of any object that match, within the actor's rights: names that begin so, then the newest."""
    if not words.strip():
        return []
    models = {object_name(model): model for model in searchable(ctx)}
    docs = candidates(words, {name: reach(ctx, model) for name, model in models.items()}, max(limit, POOL))
    docs.sort(key=lambda doc: _behind(doc.title, words))
    return [Hit(models[doc.object_type], doc.object_id, doc.title) for doc in docs[:limit]]


def _behind(title: str, words: str) -> tuple[bool, int]:
    """How far behind a match stands: first what begins as typed, in words, pinyin or initials; of it the short names."""
    wanted = "".join(text.fold(words).split())
    begins = "".join(text.fold(title).split()).startswith(wanted) or (wanted.isascii() and (
        text.pinyin_initials(title).startswith(wanted) or text.pinyin_full(title).replace(" ", "").startswith(wanted)))
    return (not begins, len(title) if begins else 0)


def named(ctx: Ctx, pairs: list[tuple[str, int]]) -> list[Hit]:
    """Records given by object and id, those that the actor may see, in the order given."""
    wanted = [(name, pk) for name, pk in pairs if _has_pages(name)]
    known = reading.titles(ctx, wanted)
    return [Hit(registry.model_of(name), pk, known[(name, pk)]) for name, pk in wanted if (name, pk) in known]


def _has_pages(name: str) -> bool:
    return any(object_name(model) == name and "view" in model.about.verbs for model in registry.objects())


def matches(label: str, words: str) -> bool:
    """Does a command fit what was typed: part of its words, its pinyin or initials?"""
    wanted = "".join(text.fold(words).split())
    if not wanted:
        return True
    folded = text.fold(label)
    plain = "".join(folded.split())
    return (wanted in plain or wanted in text.pinyin_full(label).replace(" ", "")
            or wanted in text.pinyin_initials(label) or all(part in folded for part in text.fold(words).split()))


def marked(label: str, words: str) -> SafeString:
    """The label, safe, with what was typed in <mark> where it is literally there."""
    wanted = words.strip()
    at = label.casefold().find(wanted.casefold()) if wanted else -1
    if at < 0 or len(label.casefold()) != len(label):
        return conditional_escape(label)
    end = at + len(wanted)
    return format_html("{}<mark>{}</mark>{}", label[:at], label[at:end], label[end:])


def grouped(hits: list[Hit]) -> list[tuple[type[Record], list[Hit]]]:
    """Hits by object, in the order in which the objects first appear."""
    found: dict[Any, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.model, []).append(hit)
    return list(found.items())
