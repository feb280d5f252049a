"""What is kept of tables that came in and went out: runs, their rejected rows, mappings, and the limits of exports."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.common import files
from guanxi.kernel.api import About, Record, f


class ImportRun(Record):
    """One import of one file: how it is read, where its columns go, how far it is and what came of it."""

    class State(f.States):
        DRAFT = "draft", _("Being prepared")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    file_name = f.Name(_("File"), max_length=200, computed=True)
    file = f.File(_("File"), upload_to=files.stored_name, max_length=200, computed=True)
    state = f.State(State, _("State"))
    preview = f.Json(_("How the file is read"), computed=True, secret=True)
    mapping = f.Json(_("Where the columns go"), computed=True, secret=True)
    options = f.Json(_("Options"), computed=True)
    figures = f.Json(_("Figures"), computed=True)
    tried = f.Json(_("Trial"), computed=True, secret=True)
    watermark = f.Integer(_("Last row done"), default=0, computed=True)
    operation = f.Integer(_("Operation"), null=True, computed=True)
    job = f.Name(_("Job"), blank=True, max_length=40, computed=True)
    message = f.Text(_("Message"))
    started_at = f.Moment(_("Started at"), null=True, computed=True)
    finished_at = f.Moment(_("Finished at"), null=True, computed=True)

    about = About(one=_("import"), many=_("imports"), icon="table-import", title=file_name, verbs=(), side=())

    @property
    def total(self) -> int:
        return int(self.preview.get("total", 0))

    def figure(self, name: str) -> int:
        return int(self.figures.get(name, 0))

    @property
    def percent(self) -> int:
        return min(100, self.figure("read") * 100 // self.total) if self.total else 0

    @property
    def over(self) -> bool:
        return self.state in (self.State.DONE, self.State.CANCELLED, self.State.FAILED, self.State.UNDONE)

    @property
    def at_work(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def busy(self) -> bool:
        """Will this change by itself?"""
        return self.at_work or self.state == self.State.UNDOING


class ImportChunk(Record):
    """Rows of a run that need words: rejected and skipped ones with the reason, and links to be set at the end."""

    run = f.Link(ImportRun, _("Import"))
    rejects = f.Json(_("Rejected rows"), default=list, computed=True, secret=True)
    links = f.Json(_("Links to be set"), default=list, computed=True, secret=True)

    about = About(one=_("part of an import"), many=_("parts of imports"), title=run, scope="everyone", verbs=(), side=())


class ImportMapping(Record):
    """Where the columns of a table of this shape went last time: the next such file maps itself."""

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    signature = f.Name(_("Shape"), max_length=64, computed=True)
    mapping = f.Json(_("Where the columns go"), computed=True, secret=True)
    options = f.Json(_("Options"), computed=True)

    about = About(one=_("import mapping"), many=_("import mappings"), title=signature, verbs=(), side=())

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("object_type", "signature"), name="impex_mapping_shape")]


class ExportRun(Record):
    """One export: who took how many rows of what, and the file where it was made in the background."""

    class State(f.States):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    file_name = f.Name(_("File"), max_length=200, computed=True)
    file = f.File(_("File"), upload_to=files.stored_name, max_length=200, computed=True, blank=True)
    state = f.State(State, _("State"))
    asked = f.Json(_("What was asked for"), computed=True)
    rows = f.Integer(_("Rows"), default=0, computed=True)
    message = f.Text(_("Message"))
    finished_at = f.Moment(_("Finished at"), null=True, computed=True)

    about = About(one=_("export"), many=_("exports"), icon="download", title=file_name, verbs=(), side=())


class ExportRule(Record):
    """How much may leave the system at once, and from how many rows on the administrators are told."""

    name = f.Name(_("Name"), default="", blank=True, computed=True)
    most_rows = f.Integer(_("Rows per export at most"), default=100_000)
    tell_from = f.Integer(_("Tell the administrators from … rows on"), default=1_000)

    about = About(one=_("export rule"), many=_("export rules"), icon="download", title=name, slug="export-rules",
                  columns=(name, most_rows, tell_from), form=((most_rows, tell_from),), scope="everyone",
                  verbs=("view", "update"), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.CheckConstraint(
            condition=models.Q(most_rows__gt=0) & models.Q(tell_from__gt=0), name="impex_rule_positive",
            violation_error_message=_("The numbers of rows must be above zero."))]

    def prepare(self) -> None:
        self.name = self.name or str(_("Exports"))


def own(ctx: Any, model: Any) -> Any:
    """The actor's runs; an administrator sees everybody's."""
    found = ctx.as_system("own imports and exports").find(model)
    return found if ctx.system or ctx.rights.administrator else found.filter(owner_id=ctx.user_id)
