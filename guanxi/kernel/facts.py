"""FieldView: the one description of a field, declared or custom, as one actor may see it."""

import decimal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import custom, external
from guanxi.kernel import fields as f
from guanxi.kernel.policy import Mask
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

#: Fields of every record that people see but never type.
SYSTEM_KEYS = ("created_at", "created_by", "updated_at", "updated_by")
_NEVER = frozenset({"id", "version", "sort_key", "extra", "upper_owner", "deleted_at", "password", "last_login"})


@dataclass(frozen=True, eq=False)
class FieldView:
    """A field for one actor: what it is called, what it holds, what the actor may do with it."""

    key: str
    label: str
    kind: str
    source: Any = field(repr=False)
    model: Any = field(default=None, repr=False)
    help: str = ""
    required: bool = False
    readonly: bool = False
    masked: bool = False
    secret: bool = False
    custom: bool = False
    tracked: bool = False
    importable: bool = False
    choices: list[tuple[str, str, str]] = field(default_factory=list)
    target: str = ""
    max_length: int | None = None
    sortable: bool = True
    align: str = ""
    ops: tuple[str, ...] = ()

    @cached_property
    def attname(self) -> str:
        return f"{self.key}_id" if self.target and not self.custom else self.key

    @property
    def filterable(self) -> bool:
        return bool(self.ops) and not self.masked and not self.secret

    @cached_property
    def target_model(self) -> type[Record]:
        return apps.get_model(self.target)

    def raw(self, record: Record) -> Any:
        """The stored value; for a link the id."""
        if not self.custom:
            return getattr(record, self.attname)
        value = record.extra.get(self.key)
        return self.source.to_python(value) if value is not None and not self.target else value

    def text(self, value: Any) -> str:
        """The value as this actor reads it. A link's text is the linked record's title: see ``reading.titles``."""
        if self.secret:
            return str(_("set")) if value else ""
        if self.masked:
            return masked(self.kind, value)
        return str(self.source.text(value))

    def plain(self, value: Any) -> Any:
        """The value as JSON carries it to this actor."""
        if self.secret:
            return bool(value)
        if self.masked:
            return masked(self.kind, value)
        return self.source.plain(value) if not self.target else value

    def parse(self, raw: Any, ctx: "Ctx") -> Any:
        """A person's or a program's input as a value; links are looked up among what the actor may see."""
        try:
            value = parse_link(self, raw, ctx) if self.target else self.source.parse(raw)
        except ValueError as error:
            raise Refused(str(error), field=self.key) from error
        if self.required and value in (None, "", []):
            raise Refused(_("This field is needed."), field=self.key)
        if self.max_length and isinstance(value, str) and len(value) > self.max_length:
            raise Refused(_("At most %(count)s characters fit.") % {"count": self.max_length}, field=self.key)
        if value is None and not self.custom and not self.source.null and self.source.has_default():
            return self.source.get_default()
        if value is None and not self.custom and not self.source.null:
            raise Refused(_("This field is needed."), field=self.key)
        return value

    def put(self, record: Record, value: Any) -> None:
        """Set the value on the record; nothing is saved."""
        if not self.custom:
            setattr(record, self.attname, value)
        elif value in (None, "", []):
            record.extra.pop(self.key, None)
        else:
            plain = value if self.target else self.source.plain(value)
            record.extra[self.key] = plain


def parse_link(view: FieldView, raw: Any, ctx: "Ctx") -> int | None:
    """The id of a linked record given as id, record or exact title; only what the actor may see is found."""
    if isinstance(raw, models.Model):
        return int(raw.pk)
    if raw is None or str(raw).strip() == "":
        return None
    target, words = view.target_model, str(raw).strip()
    by_id = isinstance(raw, int) or (words.isascii() and words.isdigit() and len(words) < 19)
    found = _by_id(ctx, target, int(words)) if by_id else []
    if by_id and not found and (survivor := external.survivor_of(target, int(words))):
        found = _by_id(ctx, target, survivor)
    if not found:
        found = list(target.titled(ctx.find(target), words).values_list("pk", flat=True)[:2])
    if len(found) > 1:
        raise ValueError(_("There are several %(object)s called “%(value)s”: choose one.") % {
            "object": target.about.many, "value": words})
    if not found:
        raise ValueError(_("Unknown %(object)s “%(value)s”.") % {"object": target.about.one, "value": words})
    return int(found[0])


def _by_id(ctx: "Ctx", target: type[Record], pk: int) -> list[int]:
    """The id, if the record may be seen; asked once while nothing but new records is written in a transaction."""
    mark, unit = (ctx.system, object_name(target), pk), ctx.open_unit
    if unit is not None and mark in unit.links:
        return [pk]
    found = list(ctx.find(target).filter(pk=pk).values_list("pk", flat=True))
    if found and unit is not None:
        unit.links.add(mark)
    return found


def masked(kind: str, value: Any) -> str:
    """What is left to see of a masked value."""
    words = str(value or "")
    if not words:
        return ""
    if kind == "phone":
        digits = words.partition(";ext=")[0].removeprefix("+86")
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else f"****{digits[-2:]}"
    if kind == "email":
        name, _at, host = words.partition("@")
        return f"{name[:2]}*****@{host}" if host else "*****"
    if kind in ("money", "decimal", "integer", "percent"):
        return "****"
    return f"{words[:1]}****"


def fields(model: type[Record], ctx: "Ctx") -> list[FieldView]:
    """Every field of an object that the actor may know of: declared first, then custom, hidden ones absent."""
    name = object_name(model)
    if (known := ctx.views.get(name)) is None:
        who = None if ctx.system else tuple(role.pk for role in ctx.rights.roles)
        known = ctx.views[name] = ctx.remembered(("fields", name, get_language(), who), lambda: [
            view for view in (*declared(model, ctx), *_added(model, ctx)) if view])
    return known


def declared(model: type[Record], ctx: "Ctx") -> list[FieldView]:
    """The fields of the declaration alone, without those the company added: for the system this needs no database."""
    found = (_view(model, ctx, source, source.name) for source in model._meta.concrete_fields
             if isinstance(source, f.Fact) and source.name not in _NEVER)
    return [view for view in found if view]


def field_of(model: type[Record], ctx: "Ctx", key: str) -> FieldView:
    """One field by its key. Refused where the actor has no such field."""
    for view in fields(model, ctx):
        if view.key == key:
            return view
    raise Refused(_("%(object)s has no field “%(key)s”.") % {"object": model.about.one, "key": key}, field=key)


def parse_all(ctx: "Ctx", model: type[Record], given: dict[str, Any], creating: bool,
              without: str = "") -> dict[FieldView, Any]:
    """Field values as given by a person or a program. Unknown, hidden and read-only fields are refused by name."""
    known = {view.key: view for view in fields(model, ctx) if view.key != without}
    errors: dict[str, list[str]] = {}
    values: dict[FieldView, Any] = {}
    for key, raw in given.items():
        view = known.get(key)
        if view is None:
            errors[key] = [str(_("%(object)s has no field “%(key)s”.") % {"object": model.about.one, "key": key[:60]})]
        elif view.readonly and not ctx.system and not (view.importable and ctx.migrating):
            errors[key] = [str(_("“%(field)s” cannot be changed.") % {"field": view.label})]
        elif view.readonly and creating and raw in (None, ""):
            continue  # what a file leaves empty is filled as for any new record
        else:
            try:
                values[view] = view.parse(raw, ctx)
            except Refused as refusal:
                errors[key] = [refusal.reason]
    if creating:
        for view in known.values():
            if view.required and view.key not in given:
                errors[view.key] = [str(_("This field is needed."))]
    if errors:
        raise Refused(errors=errors)
    return values


def unchanged_links(ctx: "Ctx", record: Record, given: dict[str, Any]) -> set[str]:
    """Links that stay as they are: what they lead to may be out of the actor's sight."""
    return {view.key for view in fields(type(record), ctx) if view.target and not view.readonly
            and isinstance(raw := given.get(view.key), int | str) and str(raw) == str(view.raw(record))}


def _added(model: type[Record], ctx: "Ctx") -> list[FieldView | None]:
    rows = custom.of(object_name(model), ctx.mark)
    return [_view(model, ctx, row.as_field(), row.key, row) for row in rows]


def _view(model: type[Record], ctx: "Ctx", source: Any, key: str, row: Any = None) -> FieldView | None:
    """One FieldView, or None where the actor's roles hide the field."""
    mask = Mask.NONE if ctx.system else ctx.rights.mask(object_name(model), key)
    if mask == Mask.HIDDEN:
        return None
    target, kind = _target(source, row)
    return FieldView(
        key=key, label=str(source.verbose_name), kind=kind, source=source, model=model, help=str(source.help_text),
        required=_required(source, row), readonly=source.computed or mask in (Mask.READONLY, Mask.MASKED),
        masked=mask == Mask.MASKED, secret=source.secret, custom=row is not None, tracked=source.tracked,
        importable=source.importable and not mask,
        choices=_choices(source, row), target=target, max_length=None if target else source.max_length,
        sortable=source.sortable and mask != Mask.MASKED and not source.secret,
        align="" if target else source.align, ops=f.CHOICE_OPS if target else source.ops)


def _target(source: Any, row: Any) -> tuple[str, str]:
    """The object a link points to, and the kind of the field."""
    if isinstance(source, f.Link):
        return source.remote_field.model._meta.label_lower, "user" if source.is_user else source.kind
    if row is not None and row.field_kind == "user":
        return settings.AUTH_USER_MODEL.lower(), "user"
    if row is not None and row.field_kind == "link":
        return row.target, "link"
    return "", source.kind


def _required(source: Any, row: Any) -> bool:
    if row is not None:
        return bool(row.required)
    return not (source.blank or source.null or source.computed or source.has_default())


def _choices(source: Any, row: Any) -> list[tuple[str, str, str]]:
    colors = getattr(source, "colors", {})
    if row is not None and row.options:
        return [(str(option["value"]), custom.option_label(option), str(option.get("color", "")))
                for option in row.options if option.get("active", True)]
    if isinstance(source, f.Tags):
        return [(str(code), str(label), "") for code, label in source.words]
    return [(str(code), str(label), colors.get(str(code), "")) for code, label in source.flatchoices or ()]


def comparable(view: FieldView, value: Any) -> Any:
    """A custom value as its index compares it: numbers as numbers, everything else as text."""
    if view.custom and isinstance(value, decimal.Decimal | int):
        return decimal.Decimal(value)
    return view.source.plain(value) if view.custom and not view.target else value
