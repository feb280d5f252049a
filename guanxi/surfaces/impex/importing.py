"""The engine of imports: finds, creates and updates the records of a chunk of rows; a trial runs the very same code."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import actions, documents, door, external, facts, inserting, match_keys, meanwhile, registry, writing
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.engine_sql import listed
from guanxi.kernel.facts import FieldView
from guanxi.kernel.meanwhile import Meanwhile
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.impex.converting import Converter, Prepared
from guanxi.surfaces.impex.hooks import duplicate_checkers
from guanxi.surfaces.impex.matching import EXTERNAL_KEY, bare
from guanxi.surfaces.impex.plan import Likeness, Mode, Plan
from guanxi.surfaces.impex.reading import Row
from guanxi.surfaces.impex.resolving import Resolver

FAILED, SKIPPED, NOTE = "failed", "skipped", "note"


@dataclass
class Figures:
    """What came of the rows; ``read`` is always the sum of the four others. ``notes`` are rows that need a look.

    ``documents`` says how many documents the rows are, where they are documents with lines.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    notes: int = 0
    documents: int = 0

    def as_dict(self) -> dict[str, int]:
        return {name: value for name, value in asdict(self).items() if value or name != "documents"}


@dataclass
class Came:
    """What came of one chunk: rejects are row number, kind and reason; links are row, id, field and name."""

    figures: Figures = field(default_factory=Figures)
    rejects: list[list[Any]] = field(default_factory=list)
    links: list[list[Any]] = field(default_factory=list)

    def reject(self, number: int, kind: str, reason: Any) -> None:
        self.rejects.append([number, kind, str(reason)])
        if kind == FAILED:
            self.figures.failed += 1
        elif kind == SKIPPED:
            self.figures.skipped += 1
        else:
            self.figures.notes += 1


class Refusing(Exception):
    """A listener refused one record of a chunk: the chunk is done again row by row."""


class Engine:
    """Writes rows by a plan, for one person. Works inside an open door."""

    def __init__(self, ctx: Ctx, plan: Plan, *, date_1904: bool = False, own_titles: set[str] | None = None) -> None:
        self.ctx, self.plan, self.model = ctx, plan, plan.model
        self.resolver = Resolver(ctx, plan.source)
        self.converter = Converter(ctx, plan, self.resolver, date_1904, own_titles or set())
        self.required = [view for view in facts.fields(self.model, ctx) if view.required]
        self.customs = [view for view in facts.fields(self.model, ctx) if view.custom]
        name = object_name(self.model)
        self.listening = {verb: bool(registry.listeners(f"{name}.{verb}")) for verb in ("create", "update")}
        self.reached: set[int] = set()
        self.together = False
        sources: Any = self.model._meta.concrete_fields
        self.fresh = [source for source in sources if callable(source.default) and not source.is_relation]
        #: Links that begin with a value worked out by a query are worked out once.
        self.blank = {source.attname: None if source in self.fresh else source.get_default() for source in sources}

    def chunks(self, rows: Iterable[Row], size: int, after: int = 0, most: int = 0) -> Iterator[list[Row]]:
        """So many rows at a time, from behind the row ``after`` on, and ``most`` of them where that is said."""
        wanted = islice((row for row in rows if row.number > after), most or None)
        while chunk := list(islice(wanted, size)):
            yield chunk

    # one chunk -----------------------------------------------------------------------------------

    def process(self, rows: Sequence[Row], *, together: bool = False) -> Came:
        """Find, create and update the records of some rows; each row counts once.

        ``together`` says that more rows follow in this transaction: they are to know these as duplicates.
        """
        came, self.together = Came(Figures(read=len(rows))), together
        good = []
        for made in self.converter.prepare(rows):
            if made.faults:
                came.reject(made.number, FAILED, " ".join(made.faults))
            else:
                good.append(made)
        for wave in self._waves(good):
            self._wave(wave, came)
        came.rejects.sort(key=lambda reject: reject[0])
        return came

    def _waves(self, rows: list[Prepared]) -> Iterator[list[Prepared]]:
        """Rows of one key follow one another, so that the second finds what the first has made."""
        while rows:
            seen: set[Any] = set()
            wave: list[Prepared] = []
            rest: list[Prepared] = []
            for row in rows:
                key = self._key(row)
                (rest if key is not None and key in seen else wave).append(row)
                seen.add(key)
            yield wave
            rows = rest

    @cached_property
    def _matched(self) -> list[FieldView | None]:
        """The fields by which records are found; None stands for the external id."""
        return [None if key == EXTERNAL_KEY else self._view(key) for key in self.plan.match]

    def _key(self, row: Prepared) -> Any:
        """The values by which a row's record is found; None where one is empty."""
        if not self._matched:
            return None
        key = tuple(row.external if view is None else row.values.get(view) for view in self._matched)
        return None if None in key or "" in key else key

    def _wave(self, rows: list[Prepared], came: Came) -> None:
        found = self._existing(rows)
        creates: list[tuple[Prepared, Record]] = []
        updates: list[tuple[Prepared, Record]] = []
        for row in rows:
            try:
                there = found.get(self._key(row), [])
                if len(there) > 1:
                    raise Refused(_("Several %(objects)s have this key: it is not clear which one is meant.") % {
                        "objects": self.model.about.many})
                if there:
                    self._decide_known(row, there[0], updates, came)
                elif self.plan.mode in (Mode.UPDATE, Mode.FILL):
                    came.reject(row.number, SKIPPED, _("No such %(object)s is known.") % {"object": self.model.about.one})
                else:
                    creates.append((row, self._build(row)))
            except Refused as refusal:
                self._refuse(row, refusal, came)
        creates = self._unlike(creates, came)
        self._write(creates, updates, came)

    def _existing(self, rows: list[Prepared]) -> dict[Any, list[Record]]:
        """Known records by key, read and locked in one query."""
        keys = [key for row in rows if (key := self._key(row)) is not None]
        if not keys:
            return {}
        names = self.plan.match
        found: dict[Any, list[Record]] = {}
        visible = self.ctx.find(self.model).select_for_update(of=("self",)).order_by("pk")
        by_external: dict[int, list[str]] = {}
        for place, name in enumerate(names):
            wanted = {key[place] for key in keys}
            if name == EXTERNAL_KEY:
                for mark, pk in external.ids_of(self.plan.source, self.model, wanted).items():
                    by_external.setdefault(pk, []).append(mark)
                visible = visible.filter(pk__in=by_external)
            else:
                texts = set(map(type, wanted)) == {str}
                visible = visible.filter(**{f"{self._view(name).attname}__in": listed(wanted) if texts else wanted})
        for record in visible:
            for key in self._keys_of(record, by_external):
                found.setdefault(key, []).append(record)
        ids = [record.pk for group in found.values() for record in group]
        within = self.ctx.find(self.model, "update").filter(pk__in=ids)
        self.reached = set(within.values_list("pk", flat=True)) if ids else set()
        return found

    def _keys_of(self, record: Record, by_external: dict[int, list[str]]) -> Iterator[tuple[Any, ...]]:
        for mark in by_external.get(record.pk, [""]):
            yield tuple(mark if name == EXTERNAL_KEY else self._view(name).raw(record) for name in self.plan.match)

    def _view(self, key: str) -> FieldView:
        return next(view for view in self.plan.views if view.key == key)

    def _decide_known(self, row: Prepared, record: Record, updates: list[tuple[Prepared, Record]], came: Came) -> None:
        if self.plan.mode == Mode.CREATE:
            came.reject(row.number, SKIPPED, _("“%(record)s” is there already.") % {"record": record})
            return
        if record.pk not in self.reached:
            raise Refused(_("You may not change “%(record)s”.") % {"record": record})
        filling = self.plan.mode == Mode.FILL
        values = {view: value for view, value in row.values.items() if not filling or view.raw(record) in (None, "", [])}
        if self.plan.clear and not filling:
            values |= {view: view.parse(None, self.ctx) for view in row.empty}
        lines = self._given(row, record)
        self._agree(record, {view.key: value for view, value in values.items()} | lines)
        for view, value in values.items():
            view.put(record, value)
        if lines:
            documents.take(self.ctx, record, lines)
        updates.append((row, record))

    def _given(self, row: Prepared, record: Record | None) -> dict[str, Any]:
        """What a row says of a document's lines: nothing, where a row is a record."""
        return {}

    def _agree(self, record: Record, values: dict[str, Any]) -> None:
        """Refused where others must agree to a change first, with whom it was sent to."""
        for gate in registry.gates():
            asked = gate(self.ctx, actions.verb_of(self.model, "update"), record, dict(values))
            if asked is not None:
                raise Refused(getattr(asked, "announcement", asked), record=record)

    def _build(self, row: Prepared) -> Record:
        if lacking := [view for view in self.required if view not in row.values and view.key not in dict(row.later)]:
            needed = str(_("This field is needed."))
            raise Refused(needed, errors={view.label: [needed] for view in lacking})
        plain = {view.attname: value for view, value in row.values.items() if not view.custom}
        record = self._new(plain)
        for view in self.customs:
            if view in row.values:
                view.put(record, row.values[view])
            elif view.source.default not in (None, ""):
                view.put(record, view.source.get_default())
        for view, value in row.values.items():
            if view.target and not view.custom and (linked := self.resolver.record(view, value)) is not None:
                view.source.set_cached_value(record, linked)
        if lines := self._given(row, None):
            documents.take(self.ctx, record, lines)
        return record

    def _new(self, values: dict[str, Any]) -> Record:
        begin = {source.attname: source.get_default() for source in self.fresh}
        made: Record = inserting.fresh(self.model, {**self.blank, **begin, **values})
        return made

    def _unlike(self, creates: list[tuple[Prepared, Record]], came: Came) -> list[tuple[Prepared, Record]]:
        """Leave out new records that look like known ones, unless they are wanted all the same."""
        checker = duplicate_checkers.get(self.model)
        if checker is None or not creates or self.plan.likeness == Likeness.CREATE:
            return creates
        kept = []
        for pair, why in zip(creates, checker(self.ctx, [record for _row, record in creates]), strict=True):
            if why:
                came.reject(pair[0].number, SKIPPED, why)
            else:
                kept.append(pair)
        return kept

    # writing -------------------------------------------------------------------------------------

    def _write(self, creates: list[tuple[Prepared, Record]], updates: list[tuple[Prepared, Record]], came: Came) -> None:
        for pairs, verb in ((creates, "create"), (updates, "update")):
            if not pairs:
                continue
            mark = self.ctx.unit.mark()
            try:
                with meanwhile.looking(self.ctx):
                    results = self._bulk(pairs, verb)
            except (Refusing, Meanwhile):
                self.ctx.unit.back_to(mark)
                results = [self._one(pair, verb) for pair in pairs]
            self._count(results, verb, came)

    def _bulk(self, pairs: list[tuple[Prepared, Record]], verb: str) -> list[tuple[Prepared, Record, Any]]:
        before = {id(record): record.version for _row, record in pairs}
        write = writing.create_many if verb == "create" else documents.save_all
        refusals = {id(record): refusal for record, refusal in write(self.ctx, [record for _row, record in pairs])}
        done = [(row, record, refusals[id(record)] or (verb == "create" or record.version != before[id(record)]))
                for row, record in pairs]
        if self.listening[verb]:
            for _row, record, came in done:
                if came is True:
                    self._listen(record, verb)
        return done

    def _listen(self, record: Record, verb: str) -> None:
        try:
            door.listen(self.ctx, actions.verb_of(self.model, verb), record, record)
        except Refused as refusal:
            raise Refusing from refusal

    def _one(self, pair: tuple[Prepared, Record], verb: str) -> tuple[Prepared, Record, Any]:
        """One row on its own, after a listener refused one of the chunk, or others came in between."""
        row, record = pair
        mark = self.ctx.unit.mark()
        self._forget(record)
        if verb == "create":
            record.pk, record._state.adding = None, True
        else:
            again = self.ctx.find(self.model).select_for_update(of=("self",)).get(pk=record.pk)
            for view in [*row.values, *row.empty]:
                view.put(again, view.raw(record))
            record = again
        try:
            with meanwhile.looking(self.ctx):
                _row, record, came = self._bulk([(row, record)], verb)[0]
        except (Refusing, Meanwhile) as refusing:
            self.ctx.unit.back_to(mark)
            self._forget(record)
            came = refusing if isinstance(refusing, Meanwhile) else refusing.__cause__
        return row, record, came

    def _forget(self, record: Record) -> None:
        """A record that was rolled back is not to be found by search."""
        self.ctx.unit.indexed.pop((object_name(record), record.pk or 0), None)

    def _count(self, results: list[tuple[Prepared, Record, Any]], verb: str, came: Came) -> None:
        keys = []
        for row, record, what in results:
            if isinstance(what, Refused):
                self._refuse(row, what, came)
                continue
            if what and verb == "create":
                came.figures.created += 1
            elif what:
                came.figures.updated += 1
            else:
                came.figures.skipped += 1
            if row.external:
                keys.append((row.external, record))
            came.links += [[row.number, record.pk, key, raw] for key, raw in row.later]
        if keys:
            external.remember(self.plan.source, keys)
        if self.together and verb == "create" and self.model in duplicate_checkers:
            match_keys.update(record for _row, record, what in results if what is True)

    def _refuse(self, row: Prepared, refusal: Refused, came: Came) -> None:
        came.reject(row.number, FAILED, self._reason(refusal))

    def _reason(self, refusal: Refused) -> str:
        """A refusal with the names of its fields."""
        labels = {view.key: view.label for view in facts.fields(self.model, self.ctx)}
        named = [f"{labels.get(key, key)}: {text}" for key, texts in refusal.errors.items() if key for text in texts]
        return " ".join(named) or refusal.reason

    # the end -------------------------------------------------------------------------------------

    def set_links(self, links: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Set links between rows of the same table; what cannot be set comes back as notes."""
        notes: list[list[Any]] = []
        by_key: dict[str, list[Sequence[Any]]] = {}
        for link in links:
            by_key.setdefault(str(link[2]), []).append(link)
        for key, group in by_key.items():
            view = self._view(key)
            self.resolver.known = {}
            self.resolver.load(view, {str(raw) for _number, _pk, _key, raw in group})
            rows = {row.pk: row for row in self.ctx.find(self.model).select_for_update(of=("self",)).filter(
                pk__in=[link[1] for link in group])}
            changed: dict[int, tuple[int, Record]] = {}
            for number, pk, _key, raw in group:
                target = self.resolver.find(view, str(raw))
                if target is None or target < 0 or pk not in rows:
                    notes.append([number, NOTE, f"{view.label}: {self.resolver.unknown(view, str(raw))}"])
                else:
                    view.put(rows[pk], target)
                    changed[pk] = (number, rows[pk])
            numbers = {id(record): number for number, record in changed.values()}
            for record, refusal in documents.save_all(self.ctx, [record for _number, record in changed.values()]):
                if refusal is not None:
                    notes.append([numbers[id(record)], NOTE, self._reason(refusal)])
        return notes


def own_titles(plan: Plan, rows: Iterator[Row]) -> set[str]:
    """The titles a table holds, where its rows link to one another; otherwise nothing is read."""
    name = object_name(plan.model)
    titles = [column for column, view in plan.columns if view.key == plan.model.about.title_name]
    if not titles or not any(view.target == name for _column, view in plan.columns):
        return set()
    return {bare(cell) for row in rows if (cell := row.cells.get(titles[0])) is not None}
