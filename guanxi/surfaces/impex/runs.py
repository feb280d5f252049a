"""The life of an import: prepared, tried, run in chunks that survive a crash, paused, cancelled, undone."""

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.common import files, undoing
from guanxi.kernel import jobs, operations, registry
from guanxi.kernel.api import Ctx, Missing, Refused, job
from guanxi.kernel.meanwhile import Meanwhile
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.impex import ahead, matching, tables
from guanxi.surfaces.impex import plan as plans
from guanxi.surfaces.impex.documents import DocumentEngine
from guanxi.surfaces.impex.importing import FAILED, Came, Engine, Figures, own_titles
from guanxi.surfaces.impex.models import ImportChunk, ImportMapping, ImportRun, own
from guanxi.surfaces.impex.plan import Plan

#: Rows written in one transaction.
CHUNK = 500
#: A trial goes through the first rows of a file, as many as these.
TRIED = 2_000
#: Smaller files run while one waits.
AT_ONCE = 500
#: So much later a worker looks whether an import that one waited for came to its end; the process may have died.
LOOK_AGAIN = timedelta(minutes=5)
KEPT_ERRORS = 50

State = ImportRun.State


class Back(Exception):
    """Takes everything back: the end of a trial, and of an import that is all or nothing."""


def find(ctx: Ctx, pk: Any) -> ImportRun:
    """One import of the actor's. Raises Missing."""
    found: ImportRun | None = own(ctx, ImportRun).filter(pk=int(pk)).first()
    if found is None:
        raise Missing(_("There is no such import."))
    return found


def model_of(run: ImportRun) -> type[Record]:
    return registry.model_of(run.object_type)


def keep(ctx: Ctx, record: Record) -> None:
    """Write what is kept about an import; it is no part of the operation that can be undone."""
    system = ctx.as_system("import")
    system.operation_now = None
    with system.door(f"{object_name(record)}.keep"):
        system.save(record)


# before ------------------------------------------------------------------------------------------

def start(ctx: Ctx, model: type[Record], content: bytes, file_name: str) -> ImportRun:
    """Keep an uploaded table and look at it. Raises Refused where it cannot be read."""
    plans.may_import(ctx, model)
    name = files.clean_name(file_name) or "table.csv"
    run = ImportRun(object_type=object_name(model), file_name=name, owner_id=ctx.user_id,
                    preview=tables.look(content, name))
    run.file = ContentFile(content, name="table")
    propose(ctx, run)
    keep(ctx, run)
    return run


def propose(ctx: Ctx, run: ImportRun) -> None:
    """Where the columns go: as last time for a table of this shape, otherwise by their names."""
    model, columns = model_of(run), run.preview["columns"]
    known = ctx.as_system("import mappings").find(ImportMapping).filter(
        object_type=run.object_type, signature=plans.signature(columns))
    last = known.filter(owner_id=ctx.user_id).order_by("-pk").first() or known.order_by("-pk").first()
    if last is not None and set(last.mapping.get("columns", {})) == set(columns):
        may = {view.key for view in matching.targets(ctx, model)} | {matching.EXTERNAL_KEY}
        gone = {column: [key for key in keys if key in may] for column, keys in last.mapping["columns"].items()}
        run.mapping = {**last.mapping, "columns": gone}
        run.options = dict(last.options)
    else:
        run.mapping = {"columns": matching.match_columns(ctx, model, columns), "constants": {}, "values": {}}
        match = plans.default_match(ctx, model, run.mapping)
        run.options = {"mode": plans.Mode.BOTH if match else plans.Mode.CREATE, "match": match}


def read_as(ctx: Ctx, run: ImportRun, **chosen: Any) -> None:
    """Read the file another way: encoding, sheet, header row."""
    _still_draft(run)
    run.preview = tables.look(tables.source_of(run), run.file_name, **chosen)
    propose(ctx, run)
    keep(ctx, run)


def change(ctx: Ctx, run: ImportRun, mapping: dict[str, Any] | None = None, options: dict[str, Any] | None = None) -> None:
    """Set where columns go and how; a trial made before counts no more."""
    _still_draft(run)
    run.mapping, run.options, run.tried = mapping or run.mapping, options or run.options, {}
    keep(ctx, run)


def _still_draft(run: ImportRun) -> None:
    if run.state != State.DRAFT:
        raise Refused(_("This import has begun already: it cannot be changed any more."))


def plan_of(ctx: Ctx, run: ImportRun) -> Plan:
    return plans.make(ctx, model_of(run), run.mapping, run.options)


def engine_of(ctx: Ctx, run: ImportRun) -> Engine:
    plan = plan_of(ctx, run)
    kind = DocumentEngine if plan.lines or plan.number else Engine
    return kind(ctx, plan, date_1904=bool(run.preview.get("date_1904")), own_titles=own_titles(plan, tables.rows_of(run)))


def trial(ctx: Ctx, run: ImportRun) -> None:
    """Do the import and take everything back; what would have come of it is kept."""
    _still_draft(run)
    engine, via = engine_of(ctx, run), ctx.via
    total = Came()
    ctx.via = "import"
    try:
        with ctx.door(plans.title_of(engine.model)):
            for chunk in engine.chunks(tables.rows_of(run), CHUNK, most=TRIED):
                _add(total, engine.process(chunk, together=True))
            total.rejects += engine.set_links(total.links)
            raise Back
    except Back:
        ctx.via = via
    total.figures.notes = sum(1 for reject in total.rejects if reject[1] == "note")
    run.tried = {"figures": total.figures.as_dict(), "made": engine.resolver.made, "errors": total.rejects[:KEPT_ERRORS],
                 "whole": total.figures.read == run.total}
    keep(ctx, run)


def _add(total: Came, came: Came) -> None:
    for name, value in came.figures.as_dict().items():
        setattr(total.figures, name, getattr(total.figures, name) + value)
    total.rejects += came.rejects
    total.links += came.links


# running -----------------------------------------------------------------------------------------

def launch(ctx: Ctx, run: ImportRun) -> None:
    """Begin: small files are done at once, others in the background."""
    plan_of(ctx, run)
    with ctx.door("impex.importrun.launch"):
        mine = _locked(ctx, run)
        _still_draft(mine)
        title = _("Import of %(objects)s from “%(file)s”") % {"objects": model_of(run).about.many, "file": run.file_name}
        mine.operation = operations.begin(ctx, "import", title).pk
        mine.state, mine.figures, mine.watermark = State.WAITING, Figures().as_dict(), 0
        _remember(ctx, mine)
        _go(ctx, mine)
    if not mine.job:
        work(ctx, mine.pk)


def _go(ctx: Ctx, run: ImportRun) -> None:
    run.job = ""
    if run.total >= AT_ONCE:
        run.job = str(jobs.enqueue(ctx, import_rows, run.pk).key)
    else:
        jobs.enqueue_at(ctx, timezone.now() + LOOK_AGAIN, import_rows, run.pk)
    keep(ctx, run)


def _remember(ctx: Ctx, run: ImportRun) -> None:
    """The next table of this shape maps itself."""
    shape = plans.signature(run.preview["columns"])
    known = ctx.as_system("import mappings").find(ImportMapping).filter(
        object_type=run.object_type, signature=shape, owner_id=ctx.user_id).first()
    known = known or ImportMapping(object_type=run.object_type, signature=shape, owner_id=ctx.user_id)
    known.mapping, known.options = run.mapping, run.options
    keep(ctx, known)


def _locked(ctx: Ctx, run: ImportRun) -> ImportRun:
    found: ImportRun = own(ctx, ImportRun).select_for_update(of=("self",)).get(pk=run.pk)
    return found


@job(retries=5)
def import_rows(ctx: Ctx, run_id: int) -> None:
    """Bring in the rows of a table; after a crash it goes on behind the last chunk that was written."""
    work(ctx, run_id)


def work(ctx: Ctx, run_id: int) -> None:
    """Run an import to its end, or until somebody pauses or cancels it."""
    run, via = find(ctx, run_id), ctx.via
    if not run.at_work:
        return
    ctx.via = "import"
    try:
        with operations.within(ctx, run.operation):
            engine = engine_of(ctx, run)
            _set(ctx, run, state=State.RUNNING, started_at=run.started_at or timezone.now())
            if engine.plan.whole:
                _all_or_nothing(ctx, run, engine)
            else:
                _good_rows(ctx, run, engine)
    except Meanwhile:  # the chunk is tried again later
        raise
    except Refused as refusal:
        _set(ctx, run, state=State.FAILED, message=refusal.reason, finished_at=timezone.now())
        operations.finish(run.operation or 0)
    finally:
        ctx.via = via


def _set(ctx: Ctx, run: ImportRun, **values: Any) -> None:
    with ctx.door("impex.importrun.keep"):
        mine = _locked(ctx, run)
        for name, value in values.items():
            setattr(mine, name, value)
        keep(ctx, mine)
    run.state = mine.state


def _good_rows(ctx: Ctx, run: ImportRun, engine: Engine) -> None:
    verb = plans.title_of(engine.model)
    watermark = run.watermark
    chunks = engine.chunks(tables.rows_of(run), CHUNK, after=watermark)
    for chunk in ahead.thought_through(engine, chunks, run.total - run.figure("read")):
        with ctx.door(verb):
            mine = _locked(ctx, run)
            if mine.state != State.RUNNING or mine.watermark != watermark or jobs.cancelled(ctx):
                return
            _note(ctx, mine, engine.process(chunk), chunk[-1].number)
        watermark = mine.watermark
        jobs.progress(ctx, done=mine.figure("read"), total=run.total)
    _end(ctx, run, engine)


def _note(ctx: Ctx, run: ImportRun, came: Came, last: int) -> None:
    """Keep what came of a chunk, in the transaction of the chunk itself."""
    figures = came.figures.as_dict()
    run.figures = {name: run.figure(name) + value for name, value in figures.items()}
    run.watermark = last
    if came.rejects or came.links:
        keep(ctx, ImportChunk(run=run, rejects=came.rejects, links=came.links))
    keep(ctx, run)


def _end(ctx: Ctx, run: ImportRun, engine: Engine) -> None:
    """Links between rows of the table, then the end."""
    with ctx.door(plans.title_of(engine.model)):
        mine = _locked(ctx, run)
        if mine.state != State.RUNNING:
            return
        chunks = ctx.as_system("import").find(ImportChunk).filter(run=run).exclude(links=[]).order_by("pk")
        notes = [note for chunk in chunks for note in engine.set_links(chunk.links)]
        if notes:
            keep(ctx, ImportChunk(run=run, rejects=notes))
        mine.figures = {**mine.figures, "notes": mine.figure("notes") + len(notes)}
        _close(ctx, mine, State.DONE)


def _close(ctx: Ctx, run: ImportRun, state: str, message: str = "") -> None:
    run.state, run.finished_at, run.message = state, timezone.now(), message
    operations.finish(run.operation or 0, **run.figures)
    keep(ctx, run)


def _all_or_nothing(ctx: Ctx, run: ImportRun, engine: Engine) -> None:
    """One transaction for the whole table; one faulty row and nothing is written."""
    total = Came()
    try:
        with ctx.door(plans.title_of(engine.model)):
            for chunk in engine.chunks(tables.rows_of(run), CHUNK):
                _add(total, engine.process(chunk, together=True))
            total.rejects += engine.set_links(total.links)
            mine = _locked(ctx, run)
            if mine.state != State.RUNNING or any(kind != "skipped" for _number, kind, _reason in total.rejects):
                raise Back
            _note(ctx, mine, Came(total.figures, total.rejects), total.figures.read)
            _close(ctx, mine, State.DONE)
    except Back:
        _nothing(ctx, run, total)


def _nothing(ctx: Ctx, run: ImportRun, total: Came) -> None:
    """The faults of a table of which nothing was written."""
    faulty = {number for number, kind, _reason in total.rejects if kind != "skipped"}
    with ctx.door("impex.importrun.keep"):
        mine = _locked(ctx, run)
        if mine.state != State.RUNNING:
            return
        figures = Figures(read=total.figures.read, failed=len(faulty), skipped=total.figures.read - len(faulty))
        rejects = [[number, FAILED if kind == "note" else kind, reason] for number, kind, reason in total.rejects]
        _note(ctx, mine, Came(figures, rejects), total.figures.read)
        _close(ctx, mine, State.FAILED, _("Nothing was imported, because some rows have faults and it was to be all or "
                                          "nothing."))


# in between and afterwards -----------------------------------------------------------------------

def pause(ctx: Ctx, run: ImportRun) -> None:
    """Stop after the chunk being written; it can go on later."""
    with ctx.door("impex.importrun.pause"):
        mine = _locked(ctx, run)
        if not mine.at_work:
            raise Refused(_("The import is not running."))
        mine.state = State.PAUSED
        keep(ctx, mine)


def resume(ctx: Ctx, run: ImportRun) -> None:
    """Go on behind the last chunk that was written."""
    with ctx.door("impex.importrun.resume"):
        mine = _locked(ctx, run)
        if mine.state != State.PAUSED and not (mine.at_work and stuck(ctx, mine)):
            raise Refused(_("The import is not paused."))
        mine.state = State.WAITING
        _go(ctx, mine)
    if not mine.job:
        work(ctx, mine.pk)


def cancel(ctx: Ctx, run: ImportRun) -> None:
    """Stop for good. What was written stays, and can be undone."""
    with ctx.door("impex.importrun.cancel"):
        mine = _locked(ctx, run)
        if mine.over or mine.state == State.UNDOING:
            raise Refused(_("The import is over already."))
        _close(ctx, mine, State.CANCELLED)


def stuck(ctx: Ctx, run: ImportRun) -> bool:
    """Has the background work of a run ended although the run has not?"""
    if not run.busy or not run.job:
        return False
    try:
        return jobs.find(ctx, run.job).state in (jobs.Job.State.DEAD, jobs.Job.State.ENDED)
    except Missing:
        return True


def undo(ctx: Ctx, run: ImportRun) -> undoing.Undone | None:
    """Take the import back: created records go to the bin, changed ones get their values again; later work stays.

    Small ones are done at once, for others nothing is known yet.
    """
    with ctx.door("impex.importrun.undo"):
        mine = _locked(ctx, run)
        if mine.state not in (State.DONE, State.CANCELLED, State.FAILED) or not mine.operation:
            raise Refused(_("This import cannot be undone: it is “%(state)s”.") % {"state": State(mine.state).label})
        mine.options = {**mine.options, "before_undo": mine.state}
        mine.state = State.UNDOING
        large = mine.figure("created") + mine.figure("updated") > AT_ONCE
        if large:
            mine.job = str(jobs.enqueue(ctx, undo_rows, mine.pk).key)
        keep(ctx, mine)
        return None if large else take_back(ctx, mine.pk)


@job(retries=3)
def undo_rows(ctx: Ctx, run_id: int) -> None:
    """Take back what an import wrote."""
    take_back(ctx, run_id)


def take_back(ctx: Ctx, run_id: int) -> undoing.Undone | None:
    """Undo in one transaction, and keep what could not be taken back."""
    run = find(ctx, run_id)
    if run.state != State.UNDOING:
        return None
    try:
        with ctx.door("impex.importrun.undo"):
            result = undoing.undo(ctx, run.operation or 0)
            mine = _locked(ctx, run)
            mine.state = State.UNDONE
            mine.tried = {**mine.tried, "restored": result.restored,
                          "conflicts": [list(conflict) for conflict in result.conflicts[:500]]}
            keep(ctx, mine)
    except Refused as refusal:
        _set(ctx, run, state=run.options.get("before_undo", State.DONE), message=refusal.reason)
        raise
    return result
