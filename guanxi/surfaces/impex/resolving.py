"""Links of imported rows: looked up for a whole chunk at once, among what the actor may see."""

from collections.abc import Iterable
from itertools import count

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import external, writing
from guanxi.kernel.api import Ctx, Denied
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.language.text import pinyin_full
from guanxi.surfaces.impex.matching import bare

#: A shared list up to this size is read once and compared without regard to case, width and signs.
SMALL = 5000
_LOOK_UP_BY = ("email", "phone", "mobile", "credit_code", "username", "job_number", "code")


class Ambiguous(int):
    """Stands for several records of one name."""


SEVERAL = Ambiguous(-1)


class Resolver:
    """Ids of linked records by what tables call them: external id, title, e-mail, phone, credit code."""

    def __init__(self, ctx: Ctx, source: str) -> None:
        self.ctx, self.source = ctx, source
        self.small: dict[str, dict[str, int]] = {}
        self.known: dict[tuple[str, str], int | None] = {}
        self.rows: dict[str, dict[int, Record]] = {}
        self.seen: set[tuple[str, int]] = set()
        self.made = 0

    def load(self, view: FieldView, raws: Iterable[str]) -> None:
        """Look up names that have not been asked for before, in one query per object."""
        if self.is_small(view):
            return
        wanted = {raw for raw in raws if (view.target, raw) not in self.known}
        if not wanted:
            return
        model = view.target_model
        self.known |= {(view.target, raw): None for raw in wanted}
        by_key = external.ids_of(self.source, model, wanted)
        visible = self.ctx.find(model)
        columns = self._columns(model)
        query = Q(pk__in=by_key.values())
        for column in columns:
            query |= Q(**{f"{column}__in": wanted})
        found = list(visible.filter(query).values_list("pk", *columns))
        there = {row[0] for row in found}
        self.seen |= {(view.target, pk) for pk in there}
        for place in range(len(columns), 0, -1):
            names: dict[str, int] = {}
            for row in found:
                if row[place] in wanted:
                    names[row[place]] = SEVERAL if names.get(row[place], row[0]) != row[0] else row[0]
            self.known |= {(view.target, name): pk for name, pk in names.items()}
        self.known |= {(view.target, key): pk for key, pk in by_key.items() if pk in there}

    def find(self, view: FieldView, raw: str) -> int | None:
        """The id of a record, SEVERAL for a name of many, None for an unknown one. Ask ``load`` first."""
        if self.is_small(view):
            return self.small[view.target].get(bare(raw))
        return self.known.get((view.target, raw))

    def record(self, view: FieldView, pk: int | None) -> Record | None:
        """The linked record itself, where it was read with a shared list."""
        return self.rows.get(view.target, {}).get(pk) if pk is not None else None

    def may_see(self, view: FieldView, pk: int) -> bool:
        """Is a record one of those the actor may see? Those that were found here need no further question."""
        mark = (view.target, pk)
        if mark not in self.seen and (self.record(view, pk) is not None
                                      or self.ctx.find(view.target_model).filter(pk=pk).exists()):
            self.seen.add(mark)
        return mark in self.seen

    def is_small(self, view: FieldView) -> bool:
        """Is the target a short shared list? It is read here, once."""
        if view.target not in self.small:
            model = view.target_model
            if model.about.scope != "everyone":
                return False
            rows = list(self.ctx.find(model)[:SMALL + 1])
            if len(rows) > SMALL:
                return False
            self.small[view.target] = {}
            self.rows[view.target] = {row.pk: row for row in rows}
            for row in rows:
                self._learn(view.target, row)
        return True

    def _learn(self, target: str, row: Record) -> None:
        words = self.small[target]
        labels = getattr(row, "labels", None)
        names = [str(row), *(str(getattr(row, column)) for column in self._columns(type(row)) if getattr(row, column)),
                 *(str(label) for label in (labels.values() if isinstance(labels, dict) else ()))]
        for name in {bare(name) for name in names} - {""}:
            words[name] = SEVERAL if words.get(name, row.pk) != row.pk else row.pk

    @staticmethod
    def _columns(model: type[Record]) -> list[str]:
        """The columns by which records of an object are known, the title first."""
        names = dict.fromkeys([model.about.title_name, *model.about.match_names, *_LOOK_UP_BY])
        sources = {source.name: source for source in model._meta.concrete_fields}
        return [name for name in names if name in sources and not sources[name].is_relation
                and sources[name].get_internal_type() in ("CharField", "TextField")]

    def unknown(self, view: FieldView, raw: str) -> str:
        """Why a link cannot be set, for people."""
        model = view.target_model
        words = {"object": model.about.one, "objects": model.about.many, "value": raw[:80]}
        if self.find(view, raw) == SEVERAL:
            return str(_("There are several %(objects)s called “%(value)s”: choose one.") % words)
        return str(_("Unknown %(object)s “%(value)s”.") % words)

    def make(self, view: FieldView, raw: str) -> int:
        """Create the record a name stands for: an entry of a shared list, or a person who cannot sign in yet."""
        model = view.target_model
        if not (answer := self.ctx.may("create", model)):
            raise Denied(_("You may not create %(objects)s: %(reason)s") % {
                "objects": model.about.many, "reason": answer.reason})
        made = model(**{model.about.title_name: raw})
        if object_name(model) == settings.AUTH_USER_MODEL.lower():
            made.is_active = False  # type: ignore[attr-defined]
            setattr(made, get_user_model().USERNAME_FIELD, self._free_name(raw))
        writing.save(self.ctx, made)
        self.made += 1
        if self.is_small(view):
            self.rows[view.target][made.pk] = made
            self._learn(view.target, made)
        else:
            self.known[(view.target, raw)] = made.pk
        return int(made.pk)

    def _free_name(self, raw: str) -> str:
        """A user name nobody has, made of the person's name."""
        read = pinyin_full(raw, person=True) or raw
        base = "".join(sign for sign in read.lower() if sign.isascii() and sign.isalnum())[:40]
        base = base if len(base) > 1 and not base.isdigit() else f"person{base}"
        column = get_user_model().USERNAME_FIELD
        users = self.ctx.as_system("free user names").find(get_user_model())
        taken = set(users.filter(**{f"{column}__startswith": base}).values_list(column, flat=True))
        return next(name for n in count(1) if (name := base if n == 1 else f"{base}{n}") not in taken)


def makeable(ctx: Ctx, view: FieldView) -> bool:
    """Can a missing record of this kind be created on the way: shared lists that need no more than a name?"""
    model = view.target_model
    if model.about.scope != "everyone" or "create" not in model.about.verbs or not ctx.may("create", model):
        return False
    if object_name(model) == settings.AUTH_USER_MODEL.lower():
        return True
    needed = [source for source in model._meta.concrete_fields
              if not (source.blank or source.null or source.has_default() or source.primary_key
                      or getattr(source, "computed", False)) and source.name != model.about.title_name]
    return not needed and not model._meta.get_field(model.about.title_name).is_relation
