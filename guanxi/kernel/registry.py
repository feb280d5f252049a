"""The only registry: every object and every action."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps

from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Missing

if TYPE_CHECKING:
    from guanxi.kernel.actions import Action

_actions: dict[str, dict[str, "Action"]] = {}
_listeners: dict[str, list[Any]] = {}
_gates: list[Any] = []
_BASE_LINKS = frozenset({"owner", "upper_owner", "created_by", "updated_by"})


@cache
def objects() -> tuple[type[Record], ...]:
    """Every object, in the order of the apps and of their declaration."""
    return tuple(model for model in apps.get_models() if issubclass(model, Record))


@cache
def _by_name() -> dict[str, type[Record]]:
    found = {object_name(model): model for model in objects()}
    for model in objects():
        found.setdefault(slug(model), model)
    return found


def model_of(name: str) -> type[Record]:
    """The object called ``sales.quote``, or by its slug ``quotes``. Missing where there is none."""
    model = _by_name().get(name.lower())
    if model is None:
        raise Missing(f"There is no object “{name[:80]}”.")
    return model


@cache
def slug(model: type[Record]) -> str:
    """The plural under which pages and the API find an object."""
    if model.about.slug:
        return model.about.slug
    name = str(model._meta.model_name)
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


@cache
def links_to(model: type[Record]) -> tuple[tuple[type[Record], Any], ...]:
    """Every link from another object to this one, apart from owners and authors."""
    return tuple((other, source) for other in objects() for source in other._meta.concrete_fields
                 if source.is_relation and source.related_model is model and source.name not in _BASE_LINKS)


@cache
def links_of(model: type[Record]) -> tuple[Any, ...]:
    """The links of an object to others, apart from owners and authors."""
    return tuple(source for source in model._meta.concrete_fields if source.is_relation
                 and source.name not in _BASE_LINKS and issubclass(source.related_model or object, Record))


@cache
def children(model: type[Record]) -> tuple[tuple[type[Record], Any], ...]:
    """Objects that hang below this one: those that name it as their parent, with the link."""
    return tuple((other, source) for other, source in links_to(model) if other.about.parent_name == source.name)


@cache
def document(model: type[Record]) -> type[Record] | None:
    """The object whose lines these records are; None for all that stand by themselves."""
    return next((other for other in objects() for lines in other.line_lists if lines.model is model), None)


def add_action(action: "Action") -> None:
    """Called by ``@action``; one name belongs to one function."""
    verbs = _actions.setdefault(action.object_name, {})
    if action.verb in verbs and verbs[action.verb].function is not action.function:
        raise ValueError(f"{action.name} is declared twice")
    verbs[action.verb] = action


def declared(model: type[Record]) -> dict[str, "Action"]:
    """The actions written for an object, by verb."""
    return _actions.get(object_name(model), {})


def all_declared() -> Iterator["Action"]:
    for verbs in _actions.values():
        yield from verbs.values()


def add_listener(name: str, function: Any) -> None:
    if function not in _listeners.setdefault(name, []):
        _listeners[name].append(function)


def listeners(name: str) -> list[Any]:
    """The functions that run in the same transaction after an action of this name."""
    return _listeners.get(name, [])


def add_gate(function: Any) -> None:
    """``gate(ctx, action, record, values)`` may stop an action that asks for others' consent: it returns the request
    it has written, or None to let the action through. ``ctx.granted`` is the request whose last consent was given.
    """
    if function not in _gates:
        _gates.append(function)


def gates() -> list[Any]:
    """What may stand between an actor who has the right and the action."""
    return _gates
