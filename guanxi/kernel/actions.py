"""Actions: a plain typed function becomes a verb with a right, a form, an address and a place in the account."""

import datetime
import decimal
import enum
import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import fields as f
from guanxi.kernel import registry
from guanxi.kernel.facts import FieldView
from guanxi.kernel.policy import Answer
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

Condition = Callable[[Any], bool | str | Answer]


@dataclass(frozen=True, eq=False)
class Action:
    """One verb of one object. ``takes`` says what the function is given: a record, a list of them, or none."""

    verb: str
    model: type[Record]
    function: Callable[..., Any]
    label: Any
    takes: str = "record"
    inputs: tuple[FieldView, ...] = ()
    when: tuple[str, ...] = ()
    where: Condition | None = None
    right: str = ""
    icon: str = "bolt"
    danger: bool = False
    undo: bool = False
    derived: bool = False
    quiet: bool = False

    @property
    def object_name(self) -> str:
        return object_name(self.model)

    @property
    def name(self) -> str:
        """``sales.quote.accept``: right, audit verb, API path and documentation anchor."""
        return f"{self.object_name}.{self.verb}"

    @property
    def help(self) -> str:
        """The first line of the docstring: tooltip, confirmation and tool description."""
        return str(_((self.function.__doc__ or "").strip().splitlines()[0])) if self.function.__doc__ else ""

    def available(self, record: Record) -> Answer:
        """Is the record in a state in which the action makes sense? The answer says why not."""
        if self.when:
            state = state_field(self.model)
            if getattr(record, state.name) not in self.when:
                return Answer(False, _("Only possible while “%(field)s” is: %(states)s.") % {
                    "field": state.verbose_name, "states": ", ".join(state.text(value) for value in self.when)})
        if self.where is not None:
            found = self.where(record)
            if isinstance(found, Answer):
                return found
            if isinstance(found, str):
                return Answer(not found, found)
            return Answer(bool(found), "" if found else _("Not possible for this record now."))
        return Answer(True)


@dataclass
class Outcome:
    """What came of an action: records done, refused with the reason, or ``asked`` for; and the function's value."""

    done: list[Record] = field(default_factory=list)
    asked: list[Record] = field(default_factory=list)
    refused: list[tuple[int | None, str, Refused]] = field(default_factory=list)
    value: Any = None
    operation_id: int | None = None
    repeated: bool = False

    @property
    def record(self) -> Any:
        """The one record of a single action: what it returned, or what it was run on."""
        return self.value if isinstance(self.value, Record) else (self.done[0] if self.done else None)


def state_field(model: type[Record]) -> Any:
    """The object's state."""
    return next(source for source in model._meta.concrete_fields if isinstance(source, f.State))


def action(label: Any, *, when: Any = (), where: Condition | None = None, verb: str = "", right: str = "",
           icon: str = "bolt", danger: bool = False, undo: bool = False, quiet: bool = False, on: Any = None,
           inputs: dict[str, Any] | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a verb. ``def send_quote(ctx, quote: Quote, *, message: str = "")`` is ``sales.quote.send``.

    ``when`` are states of the record, ``where`` a further condition. ``inputs`` gives parameters a label or a field
    kind of their own. ``on`` names the object of a verb that takes no record. ``undo`` makes one operation of it.
    ``quiet`` verbs have no button. ``right`` is the verb whose right is asked for, if not its own.
    """
    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        takes, model, found = _signature(function, on, inputs or {})
        states = (when,) if isinstance(when, str) else tuple(when)
        name = verb or function.__name__.removesuffix(f"_{model._meta.model_name}").removesuffix(
            f"_{registry.slug(model).replace('-', '_')}")
        registry.add_action(Action(
            verb=name, model=model, function=function, label=label, takes=takes, inputs=found, when=states, where=where,
            right=right or name, icon=icon, danger=danger, undo=undo, quiet=quiet))
        function.action_name = f"{object_name(model)}.{name}"  # type: ignore[attr-defined]
        return function
    return declare


def after(target: Any, verb: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Listen to an action of a lower floor, in its transaction: ``@after(accept_quote)`` or ``@after(Quote, "create")``.

    The listener is called as ``listener(ctx, record, value)`` for every record done. The verb ``owner`` stands for
    every change of a record's owner, by whatever action; the value is the owner's id before and after.
    """
    def listen(function: Callable[..., Any]) -> Callable[..., Any]:
        name = f"{object_name(target)}.{verb}" if isinstance(target, type) else target.action_name
        registry.add_listener(name, function)
        return function
    return listen


_KINDS: dict[Any, Callable[..., Any]] = {
    str: f.Name, int: f.Integer, bool: f.Flag, decimal.Decimal: f.Money, datetime.date: f.Day,
    datetime.datetime: f.Moment, dict: f.Json, list: f.Json}


def _signature(function: Callable[..., Any], on: Any, labels: dict[str, Any]) -> tuple[str, Any, tuple[FieldView, ...]]:
    """What an action takes, on which object, with which inputs: read from its type hints."""
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    takes, model = "none", on
    if parameters and parameters[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
        hint = hints[parameters.pop(0).name]
        takes, model = ("list", typing.get_args(hint)[0]) if typing.get_origin(hint) is list else ("record", hint)
    if model is None:
        raise TypeError(f"{function.__name__}: say which object the action belongs to")
    return takes, model, tuple(_input(one, hints[one.name], labels.get(one.name), model) for one in parameters)


def _input(parameter: inspect.Parameter, hint: Any, given: Any, model: type[Record]) -> FieldView:
    """One keyword-only parameter as a field of a form."""
    optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
    if optional:
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    many = typing.get_origin(hint) is list
    inner = typing.get_args(hint)[0] if many else hint
    needed = parameter.default is inspect.Parameter.empty
    label = given if given is not None and not isinstance(given, models.Field) else parameter.name.replace("_", " ")
    target = object_name(inner) if isinstance(inner, type) and issubclass(inner, models.Model) else ""
    if isinstance(given, models.Field):
        source: Any = given
    elif target:
        source = f.Link(inner, label, null=not needed)
    elif isinstance(inner, type) and issubclass(inner, enum.Enum):
        source = f.Choice(inner, label, blank=not needed)
    else:
        make = _KINDS.get(inner, f.Name)
        source = make(label, **({} if inner is bool else {"blank": not needed, "null": optional and inner is not str}))
    source.set_attributes_from_name(parameter.name)
    source.model = model
    kind = "links" if target and many else "user" if target and source.is_user else source.kind
    return FieldView(
        key=parameter.name, label=source.verbose_name, kind=kind, source=source, model=model, help=source.help_text,
        required=needed and not isinstance(source, f.Flag), target=target, custom=False, secret=source.secret,
        max_length=getattr(source, "max_length", None) if not target else None,
        choices=[(str(code), label, "") for code, label in (getattr(source, "flatchoices", None) or ())])


def verb_of(model: type[Record], verb: str) -> Action:
    """An action of an object by its verb, declared or derived. Refused where there is none."""
    found = registry.declared(model).get(verb)
    if found is None and verb not in _derived:
        raise Refused(_("%(object)s has no action “%(verb)s”.") % {"object": model.about.one, "verb": verb[:60]})
    return found or _derived_for(model, verb)


_derived: dict[str, Callable[[type[Record]], Action]] = {}


@functools.cache
def _derived_for(model: type[Record], verb: str) -> Action:
    """One Action is made per object."""
    return _derived[verb](model)


def derive(verb: str, factory: Callable[[type[Record]], Action]) -> None:
    """Called once per derived verb: create, update, delete, restore."""
    _derived[verb] = factory


def actions_of(model: type[Record]) -> list[Action]:
    """Everything one can do to an object: derived verbs its About allows, then its own."""
    own = registry.declared(model)
    general = [verb_of(model, verb) for verb in _derived if verb not in own and allows(model, verb)]
    return [*general, *own.values()]


def allows(model: type[Record], verb: str) -> bool:
    """Whether an object has a derived verb at all."""
    if verb == "assign":
        return model.about.scope == "owner"
    return (verb if verb != "restore" else "delete") in model.about.verbs


def resolve(given: Any) -> Action:
    """An Action from itself, from its function, or from its name ``sales.quote.accept``."""
    if isinstance(given, Action):
        return given
    name = given if isinstance(given, str) else given.action_name
    owner, _dot, verb = name.rpartition(".")
    return verb_of(registry.model_of(owner), verb)


def parse(ctx: "Ctx", found: Action, given: dict[str, Any]) -> dict[str, Any]:
    """Inputs as the function wants them. Unknown ones are refused, links are looked up among what may be seen."""
    known = {view.key: view for view in found.inputs}
    if unknown := [key for key in given if key not in known]:
        raise Refused(_("Unknown input “%(key)s”.") % {"key": str(unknown[0])[:60]}, field=str(unknown[0])[:60])
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for key, view in known.items():
        if key in given or view.required:
            try:
                values[key] = _parsed(ctx, view, given.get(key))
            except Refused as refusal:
                errors.setdefault(key, []).append(refusal.reason)
    if errors:
        raise Refused(errors=errors)
    return values


def _parsed(ctx: "Ctx", view: FieldView, raw: Any) -> Any:
    if isinstance(view.source, f.File):
        return raw
    if view.kind == "links":
        wanted = raw if isinstance(raw, list | tuple) else [raw]
        found = [ctx.get(view.target_model, view.parse(one, ctx)) for one in wanted if one not in (None, "")]
        if view.required and not found:
            raise Refused(_("This field is needed."), field=view.key)
        return found
    value = view.parse(raw, ctx)
    return ctx.get(view.target_model, value) if view.target and value is not None else value


def cover(found: Action, given: dict[str, Any]) -> dict[str, Any]:
    """Inputs as the account may keep them: plain values, secrets covered, files by name."""
    kept: dict[str, Any] = {}
    for view in found.inputs:
        if view.key in given:
            value = given[view.key]
            if view.secret:
                kept[view.key] = "•••"
            elif isinstance(value, Record):
                kept[view.key] = value.pk
            elif isinstance(value, Sequence) and value and isinstance(value[0], Record):
                kept[view.key] = [one.pk for one in value]
            else:
                kept[view.key] = str(value) if isinstance(view.source, f.File) else view.source.plain(value)
    return kept


def pick(targets: Any) -> list[int]:
    """Ids of targets given as records, ids or a queryset, in ascending order without repetition."""
    rows: Iterable[Any] = targets.values_list("pk", flat=True) if isinstance(targets, models.QuerySet) else targets
    return sorted({int(one.pk if isinstance(one, models.Model) else one) for one in rows})
