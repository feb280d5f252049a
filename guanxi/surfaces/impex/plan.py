"""The plan of an import: where each column goes, what values mean, by what records are found and what is done to them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel import facts
from guanxi.kernel.api import Ctx, Denied, Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.fields import States
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.impex import line_fields
from guanxi.surfaces.impex.line_fields import LineField
from guanxi.surfaces.impex.matching import EXTERNAL_KEY, allowed, bare, targets

#: How a cell's value is replaced: a prefix of these, or one of the words.
TEXT, ROW, CREATE_AS, BLANK, CREATE, ME, REFUSE = "text:", "id:", "create:", "blank", "create", "me", "refuse"


class Mode(States):
    """What is done to records that are there already, and to those that are not."""

    BOTH = "both", _("Create new ones and update known ones")
    CREATE = "create", _("Only create new ones")
    UPDATE = "update", _("Only update known ones")
    FILL = "fill", _("Only fill blank fields of known ones")


class Likeness(States):
    """What is done with a new record that looks like a known one."""

    SKIP = "skip", _("Leave it out and list it")
    CREATE = "create", _("Create it all the same")


@dataclass
class Plan:
    """A checked plan: every field in it may be filled by this person."""

    model: type[Record]
    columns: list[tuple[str, FieldView]]
    external: str = ""
    constants: dict[FieldView, Any] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    match: tuple[str, ...] = ()
    mode: str = Mode.BOTH
    source: str = ""
    clear: bool = False
    whole: bool = False
    likeness: str = Likeness.SKIP
    #: Of documents: the column with their number, the columns of lines, and a plan for each of their lists of lines.
    number: str = ""
    line_columns: list[tuple[str, LineField]] = field(default_factory=list)
    lines: dict[str, "Plan"] = field(default_factory=dict)

    @property
    def views(self) -> list[FieldView]:
        return [*dict.fromkeys([*(view for _column, view in self.columns), *self.constants])]

    def replaced(self, view: FieldView, cell: Any) -> str | None:
        """How the person said a value is to be understood."""
        return self.values.get(view.key, {}).get(bare_value(cell))


def bare_value(cell: Any) -> str:
    """A cell's value as the value mapping knows it."""
    return " ".join(str(cell).split()).casefold()


def signature(columns: Sequence[str]) -> str:
    """The shape of a table: its column names, whatever their order."""
    return hashlib.sha256("\n".join(sorted(bare(name) for name in columns)).encode()).hexdigest()


def may_import(ctx: Ctx, model: type[Record]) -> None:
    """Raises Denied without the right to import this object; lets those migrate who may."""
    answer = ctx.may("import", model)
    if "import" not in model.about.verbs or not answer:
        raise Denied(_("You may not import %(objects)s: %(reason)s") % {
            "objects": model.about.many, "reason": answer.reason or _("this object has no import")})
    if ctx.read_only:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))
    migrating = bool(ctx.may("migrate", model))
    if migrating != ctx.migrating:
        ctx.migrating = migrating
        ctx.views.clear()


def make(ctx: Ctx, model: type[Record], mapping: dict[str, Any], options: dict[str, Any]) -> Plan:
    """The plan that a mapping means for this person. Refused columns are named one by one."""
    may_import(ctx, model)
    known = {view.key: view for view in (*facts.fields(model, ctx), *line_fields.views(ctx, model))}
    plan = Plan(model, [], match=tuple(options.get("match", ())), mode=str(options.get("mode", Mode.BOTH)),
                source=str(options.get("source") or "import")[:60], clear=bool(options.get("clear")),
                whole=bool(options.get("whole")), likeness=str(options.get("likeness", Likeness.SKIP)),
                values=mapping.get("values", {}))
    errors: dict[str, list[str]] = {}
    for column, keys in mapping.get("columns", {}).items():
        for key in keys:
            if key == EXTERNAL_KEY:
                plan.external = column
            elif (reason := _unfit(ctx, plan, known.get(key), key)) is not None:
                errors.setdefault(column, []).append(reason)
            else:
                plan.columns.append((column, known[key]))
    for key, raw in mapping.get("constants", {}).items():
        view = known.get(key)
        if view is None or not allowed(ctx, view) or view.kind == "number":
            errors.setdefault(key, []).append(_unfit(ctx, plan, view, key) or str(_("It may not be filled.")))
        else:
            plan.constants[view] = raw
    _check(ctx, plan, errors)
    _part(plan)
    return plan


def _part(plan: Plan) -> None:
    """What lines say becomes a plan of its own for each list, and the number tells which rows are one document."""
    plan.line_columns = [(column, view) for column, view in plan.columns if isinstance(view, LineField)]
    fixed = {view: raw for view, raw in plan.constants.items() if isinstance(view, LineField)}
    number = line_fields.number_key(plan.model)
    plan.number = next((column for column, view in plan.columns if view.key == number), "")
    plan.columns = [(column, view) for column, view in plan.columns
                    if not isinstance(view, LineField) and view.key != number]
    plan.constants = {view: raw for view, raw in plan.constants.items() if not isinstance(view, LineField)}
    for lines in plan.model.line_lists:
        columns = [(column, view.inner) for column, view in plan.line_columns if view.lines is lines]
        if columns:
            known = {f"{lines.name}.{view.key}": view.key for _column, view in columns}
            plan.lines[lines.name] = Plan(
                lines.model, columns, constants={view.inner: raw for view, raw in fixed.items() if view.lines is lines},
                values={known[key]: said for key, said in plan.values.items() if key in known},
                source=plan.source, clear=plan.clear)


def _unfit(ctx: Ctx, plan: Plan, view: FieldView | None, key: str) -> str | None:
    """Why a column may not go there."""
    if view is None:
        return str(_("%(object)s has no field “%(key)s”, or you may not see it.") % {
            "object": plan.model.about.one, "key": key[:60]})
    if not allowed(ctx, view):
        return str(_("You may not fill “%(field)s” by an import.") % {"field": view.label})
    if view in [known for _column, known in plan.columns]:
        return str(_("“%(field)s” is filled from another column already.") % {"field": view.label})
    return None


def _check(ctx: Ctx, plan: Plan, errors: dict[str, list[str]]) -> None:
    if plan.mode not in Mode.values or plan.likeness not in Likeness.values:
        raise Refused(_("This way of importing is not known."), field="mode")
    mapped = {view.key for view in plan.views}
    for key in plan.match:
        if (key != EXTERNAL_KEY and key not in mapped) or (key == EXTERNAL_KEY and not plan.external):
            errors.setdefault("match", []).append(str(_(
                "Records cannot be found by “%(key)s”: no column holds it.") % {"key": key[:60]}))
    if plan.mode != Mode.CREATE and not plan.match:
        if plan.mode == Mode.BOTH:
            plan.mode = Mode.CREATE
        else:
            errors.setdefault("match", []).append(str(_("Say by which column known records are found.")))
    if not plan.columns:
        errors.setdefault("columns", []).append(str(_("Choose a field for at least one column.")))
    if errors:
        column, reasons = next(iter(errors.items()))
        raise Refused(f"{column}: {reasons[0]}" if column not in ("match", "columns") else reasons[0], errors=errors)
    needed = ("create",) if plan.mode == Mode.CREATE else ("create", "update") if plan.mode == Mode.BOTH else ("update",)
    for verb in needed:
        if not (answer := ctx.may(verb, plan.model)):
            raise Denied(_("This import needs the right to %(verb)s %(objects)s: %(reason)s") % {
                "verb": _("create") if verb == "create" else _("change"), "objects": plan.model.about.many,
                "reason": answer.reason})


def missing(ctx: Ctx, model: type[Record], mapping: dict[str, Any]) -> list[FieldView]:
    """Needed fields that neither a column nor a fixed value fills."""
    filled = {key for keys in mapping.get("columns", {}).values() for key in keys} | set(mapping.get("constants", {}))
    lists = {key.partition(".")[0] for key in filled if "." in key}
    return [view for view in targets(ctx, model) if view.required and view.key not in filled
            and (not isinstance(view, LineField) or view.lines.name in lists)]


def match_choices(ctx: Ctx, model: type[Record], mapping: dict[str, Any]) -> list[tuple[str, str]]:
    """By what records can be found: keys the object names, its title and the external id, as far as columns hold them."""
    held = {key for keys in mapping.get("columns", {}).values() for key in keys}
    views = {view.key: view for view in targets(ctx, model) if not isinstance(view, LineField)}
    unique = [view.key for view in views.values() if not view.custom and getattr(view.source, "unique", False)]
    names = dict.fromkeys([*model.about.match_names, *unique, model.about.title_name])
    found = [(EXTERNAL_KEY, str(_("External id")))] if EXTERNAL_KEY in held else []
    found += [(key, views[key].label) for key in names if key in held and key in views]
    return found + [(view.key, view.label) for view in views.values()
                    if view.key in held and view.key not in names and not view.custom and view.kind not in ("text", "tags")]


def default_match(ctx: Ctx, model: type[Record], mapping: dict[str, Any]) -> list[str]:
    """The strongest key the table holds."""
    names = {EXTERNAL_KEY, *model.about.match_names, line_fields.number_key(model)}
    return [key for key, _label in match_choices(ctx, model, mapping) if key in names][:1]


def title_of(model: type[Record]) -> str:
    return f"{object_name(model)}.import"
