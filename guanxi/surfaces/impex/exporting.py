"""Exports: what the person may see, as it is on the screen, within limits, and written down every time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count, zip_longest
from tempfile import TemporaryFile
from typing import Any

from django.core.files.base import File
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.common import talk
from guanxi.kernel import facts, finding, paging, reading, registry
from guanxi.kernel.api import Ctx, Denied, Refused, job, policy
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.impex import line_fields, runs, writing
from guanxi.surfaces.impex.line_fields import LineField
from guanxi.surfaces.impex.models import ExportRule, ExportRun, own
from guanxi.surfaces.web.question import Question

#: More rows than these are written in the background.
AT_ONCE = 5_000
CHUNK = 200
UNFIT = frozenset({"json", "file"})
_FEW = frozenset({"choice", "state", "flag"})
_AS_IS = frozenset({"integer", "decimal", "money", "percent", "day"})


def may_export(ctx: Ctx, model: type[Record]) -> None:
    """Raises Denied without the right to take rows of this object out."""
    answer = ctx.may("export", model)
    if "export" not in model.about.verbs or not answer:
        raise Denied(_("You may not export %(objects)s: %(reason)s") % {
            "objects": model.about.many, "reason": answer.reason or _("this object has no export")})
    if ctx.read_only:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))


def rule(ctx: Ctx) -> ExportRule:
    """The limits in force."""
    return ctx.as_system("export limits").find(ExportRule).order_by("pk").first() or ExportRule()


def columns_of(ctx: Ctx, model: type[Record]) -> list[FieldView]:
    """What may be taken out: fields hidden from this person and secrets are not among them."""
    views = (*facts.fields(model, ctx), *line_fields.views(ctx, model))
    return [view for view in views if view.kind not in UNFIT and not view.secret]


def rows_of(ctx: Ctx, model: type[Record], asked: dict[str, Any]) -> Any:
    """The chosen rows, or all that a list found; only those the right to export reaches."""
    if asked.get("ids"):
        return finding.select(ctx, model, verb="export").filter(pk__in=asked["ids"])
    return Question(ctx, model, QueryDict(asked.get("query", ""))).found("export")


def begin(ctx: Ctx, model: type[Record], keys: list[str], kind: str, asked: dict[str, Any]) -> ExportRun:
    """Write the file now, or in the background where it is long. Raises Refused above the limit."""
    may_export(ctx, model)
    known = {view.key for view in columns_of(ctx, model)}
    if not keys or (unknown := [key for key in keys if key not in known]):
        raise Refused(_("Choose the columns.") if not keys else _("There is no field “%(key)s”.") % {
            "key": unknown[0][:60]}, field="columns")
    if kind not in ("xlsx", "csv"):
        raise Refused(_("This kind of file is not known."), field="kind")
    limits, count = rule(ctx), _rows_to_come(ctx, model, keys, rows_of(ctx, model, asked))
    if count > limits.most_rows:
        raise Refused(_("These are %(count)s rows; at most %(most)s may be exported at once. Narrow the filter.") % {
            "count": count, "most": limits.most_rows})
    stamp = timezone.localtime().strftime("%Y-%m-%d")
    run = ExportRun(object_type=object_name(model), file_name=f"{model.about.many} {stamp}.{kind}", rows=count,
                    owner_id=ctx.user_id, asked={"columns": keys, "kind": kind, **asked})
    runs.keep(ctx, run)
    _tell(ctx, run, limits)
    if count > AT_ONCE:
        ctx.later(write_export, run.pk)
    else:
        write(ctx, run)
    return run


def _tell(ctx: Ctx, run: ExportRun, limits: ExportRule) -> None:
    """Every export stands in the account; administrators hear of large ones."""
    facts_ = {"object": run.object_type, "rows": run.rows, "columns": run.asked["columns"], "via": ctx.via}
    with ctx.door("impex.exportrun.export"):
        ctx.note(run, "export", inputs=facts_)
        if run.rows >= limits.tell_from:
            roles = ctx.as_system("whom to tell").find(policy.Role).filter(administrator=True)
            people = ctx.as_system("whom to tell").find(policy.Holding).filter(role__in=roles).values_list(
                "user_id", flat=True)
            model = registry.model_of(run.object_type)
            talk.notify(ctx, set(people), talk.Notification.Kind.SYSTEM, None, _(
                "%(person)s exported %(count)s %(objects)s.") % {
                    "person": ctx.user or _("The system"), "count": run.rows, "objects": model.about.many})


@job(retries=2)
def write_export(ctx: Ctx, run_id: int) -> None:
    """Write the file of a long export, and say that it is there."""
    run = own(ctx, ExportRun).get(pk=run_id)
    if run.state == ExportRun.State.DONE:
        return
    try:
        write(ctx, run)
    except Refused as refusal:
        run.state, run.message = ExportRun.State.FAILED, refusal.reason
        runs.keep(ctx, run)
        raise
    with ctx.door("impex.exportrun.ready"):
        talk.notify(ctx, [ctx.user_id], talk.Notification.Kind.DONE, None, _(
            "Your export “%(file)s” is ready under Imports and exports.") % {"file": run.file_name})


def write(ctx: Ctx, run: ExportRun) -> None:
    """Write the file and keep it; rights are asked again, for they may have changed."""
    model = registry.model_of(run.object_type)
    may_export(ctx, model)
    known = {view.key: view for view in columns_of(ctx, model)}
    views = [known[key] for key in run.asked["columns"] if key in known]
    header, numbers = [view.label for view in views], count()
    lines = (line for line, _number in zip(cells(ctx, model, views, run.asked), numbers, strict=False))
    with TemporaryFile() as target:
        if run.asked["kind"] == "csv":
            writing.write_csv(target, header, lines)
        else:
            writing.write_xlsx(target, header, lines, str(model.about.many))
        run.rows, run.state, run.finished_at = next(numbers), ExportRun.State.DONE, timezone.now()
        run.file = File(target, name="export")
        runs.keep(ctx, run)


def cells(ctx: Ctx, model: type[Record], views: list[FieldView], asked: dict[str, Any]) -> Iterator[list[Any]]:
    """The rows in the order of the list, as this person reads them."""
    found, after, words = rows_of(ctx, model, asked), "", Words()
    sort = QueryDict(asked.get("query", "")).get("sort") or paging.usual(ctx, model)
    tell = _with_lines if line_fields.of_lines(views) else _alone
    if tell is _alone:  # lines may be told with what stands in other columns of their document
        column = paging.order_of(ctx, model, sort).column
        found = found.only("pk", *({column} if not column.startswith("x_") else ()),
                           *{"extra" if view.custom else view.key for view in views})
    while True:
        part = paging.page(ctx, found, model, sort=sort, after=after, limit=CHUNK)
        yield from tell(ctx, part.rows, views, words)
        after = part.after
        if not after:
            return


class Words(dict[tuple[FieldView, Any], str]):
    """The words for values of which there are few; each is asked for once."""

    def __missing__(self, key: tuple[FieldView, Any]) -> str:
        view, value = key
        self[key] = words = view.text(value)
        return words


def _alone(ctx: Ctx, rows: Sequence[Record], views: list[FieldView], words: Words) -> Iterator[list[Any]]:
    titles = reading.titles_of(ctx, rows, views)
    for record in rows:
        yield [_cell(view, record, titles, words) for view in views]


def _with_lines(ctx: Ctx, rows: Sequence[Record], views: list[FieldView], words: Words) -> Iterator[list[Any]]:
    """One row for each line, what the document says repeated; a document without lines has one row too."""
    of_lines = line_fields.of_lines(views)
    lists = list(dict.fromkeys(view.lines for view in of_lines))
    own = [view for view in views if view not in of_lines]
    titles = dict(reading.titles_of(ctx, rows, own))
    for lines in lists:
        lines.load(list(rows))
        below = [line for record in rows for line in getattr(record, lines.name)]
        titles |= reading.titles_of(ctx, below, [view.inner for view in of_lines if view.lines is lines])
    for record in rows:
        said = {view: _cell(view, record, titles, words) for view in own}
        for together in list(zip_longest(*(getattr(record, lines.name) for lines in lists))) or [(None,) * len(lists)]:
            line_of = dict(zip(lists, together, strict=True))
            yield [said[view] if not isinstance(view, LineField) else _cell(view.inner, line, titles, words)
                   if (line := line_of[view.lines]) is not None else None for view in views]


def _rows_to_come(ctx: Ctx, model: type[Record], keys: list[str], found: Any) -> int:
    """How many rows the file gets: of documents with their lines, one for each line."""
    count: int = found.count()
    for lines in model.line_lists:
        if any(key.startswith(f"{lines.name}.") for key in keys):
            below = ctx.find(lines.model, "export").filter(**{f"{lines.model.about.parent_name}__in": found.values("pk")})
            count = max(count, below.count())
    return count


def _cell(view: FieldView, record: Record, titles: reading.Titles, words: Words) -> Any:
    """A number or day as such, everything else in words; masked as on the screen."""
    value = view.raw(record)
    if value is None or value == "":
        return None
    if view.masked or view.target:
        return reading.text(view, record, titles)
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if view.kind in _FEW:
        return words[view, value]
    return value if view.kind in _AS_IS else view.text(value)
