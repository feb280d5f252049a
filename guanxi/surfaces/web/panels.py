"""What apps add to the generic pages: cards of a record, blocks of the home page, duplicate hints, follow-ups.

An app declares them in its ``pages`` module::

    @panel("group tree", on=Customer, place="side", order=10, template="parties/customer/_tree.html")
    def group_tree(ctx, record, request):
        return {"title": _("Group"), "rows": [...]}

The template finds what the function returned as ``panel`` (``block`` on the home page); None shows nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record
from guanxi.surfaces.web import arrangement

Context = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """A card on the page of a record."""

    name: str
    on: type[Record] | None
    place: str
    order: int
    template: str
    later: bool
    make: Callable[[Ctx, Any, Any], Context | None]


@dataclass(frozen=True)
class Block:
    """A block of the home page; ``areas`` and ``roles`` say for whom, empty for everybody."""

    name: str
    key: str
    column: str
    order: int
    template: str
    areas: tuple[str, ...]
    roles: tuple[str, ...]
    make: Callable[[Ctx, Any], Context | None]


@dataclass(frozen=True)
class Logger:
    """How a follow-up is logged with a record: the kinds one may choose, and the function that keeps it."""

    on: type[Record]
    kinds: Callable[[Ctx], list[tuple[str, Any, str]]]
    keep: Callable[..., Any]


_panels: dict[tuple[str, Any], Panel] = {}
_blocks: dict[str, Block] = {}
_duplicates: dict[type[Record], Callable[..., list[Context]]] = {}
_loggers: dict[type[Record], Logger] = {}
_next_steps: dict[str, Callable[[Ctx, Record], Context | None]] = {}
_welcome: list[Callable[[Ctx], Context | None]] = []
_doors: list[Callable[[Ctx], str]] = []
_featured: list[str] = []
_warnings: list[Callable[[Ctx, Record, Any], list[Context]]] = []
_holds: list[Callable[[Ctx, Record], Callable[[Any], str]]] = []
_suggestions: dict[Callable[..., Any], Callable[[Ctx, Any], dict[str, Any]]] = {}

PLACES = ("top", "side", "main")


def panel(name: str, *, on: type[Record] | None = None, place: str = "side", order: int = 100,
          template: str = "web/panels/related.html", later: bool = True) -> Callable[..., Any]:
    """Declare a card of a record's page; without ``on`` for every object. It may name another ``template`` itself.

    Cards at the side are fetched after the page has been shown; ``later=False`` makes one come with the page.
    """
    if place not in PLACES:
        raise ValueError(f"panel {name}: place is one of {', '.join(PLACES)}")

    def declare(function: Callable[[Ctx, Any, Any], Context | None]) -> Any:
        _panels[(name, on)] = Panel(name, on, place, order, template, later and place == "side", function)
        return function
    return declare


def has_later(record: Record) -> bool:
    """Are there cards to be fetched after the page?"""
    return any(one.later and (one.on is None or isinstance(record, one.on)) for one in _panels.values())


def panels_of(ctx: Ctx, record: Record, request: Any, later: bool = False) -> dict[str, list[Context]]:
    """The cards of a record by place, in order, of the page or of what is fetched later; empty ones are absent."""
    found: dict[str, list[Context]] = {place: [] for place in PLACES}
    for one in sorted(_panels.values(), key=lambda each: (each.order, each.name)):
        if one.later == later and (one.on is None or isinstance(record, one.on)):
            made = one.make(ctx, record, request)
            if made is not None:
                found[one.place].append({"template": one.template, "key": one.name, **made})
    return found


def block(name: str, *, areas: Iterable[str] = (), roles: Iterable[str] = (), order: int = 100, column: str = "main",
          template: str = "web/panels/home_todo.html") -> Callable[..., Any]:
    """Declare a block of the home page: ``function(ctx, request)`` returns what its template names, or None."""
    def declare(function: Callable[[Ctx, Any], Context | None]) -> Any:
        key = name.replace(" ", "-")
        _blocks[key] = Block(name, key, column, order, template, tuple(areas), tuple(roles), function)
        return function
    return declare


def blocks_of(ctx: Ctx, request: Any, areas: Iterable[str], every: bool = False) -> dict[str, list[Context]]:
    """The home page's blocks for this person by column; a block of an area or role one has not is not even asked.

    Blocks the person has put away are left out unless ``every`` one is wanted.
    """
    found: dict[str, list[Context]] = {column: [] for column in arrangement.COLUMNS}
    mine, keys, wishes = set(areas), {role.key or role.name for role in ctx.rights.roles}, arrangement.of(ctx)
    free = arrangement.Place(len(wishes), "", False)
    for one in sorted(_blocks.values(), key=lambda each: (wishes.get(each.key, free).at, each.order, each.name)):
        wish = wishes.get(one.key, free)
        barred = (one.areas and not mine & set(one.areas)) or (one.roles and not keys & set(one.roles))
        if barred or (wish.hidden and not every):
            continue
        made = one.make(ctx, request)
        if made is not None:
            column = wish.column if wish.column in found else one.column
            found[column].append({"template": one.template, "key": one.key, "hidden": wish.hidden, **made})
    return found


def feature(*keys: str) -> None:
    """Figures that come first among those of the home page."""
    _featured.extend(key for key in keys if key not in _featured)


def featured() -> list[str]:
    return list(_featured)


def before_acting(function: Callable[[Ctx, Record, Any], list[Context]]) -> None:
    """Declare what people should know before they use an action on a record: rows of ``label`` and ``text``."""
    if function not in _warnings:
        _warnings.append(function)


def known_before(ctx: Ctx, record: Record, action: Any) -> list[Context]:
    """What the dialog of an action tells before it is used."""
    return [row for ask in _warnings for row in ask(ctx, record, action)]


def hold(function: Callable[[Ctx, Record], Callable[[Any], str]]) -> None:
    """Declare what keeps actions from a record for now: ``function(ctx, record)(action)`` gives the reason, or nothing."""
    if function not in _holds:
        _holds.append(function)


def held(ctx: Ctx, record: Record) -> Callable[[Any], str]:
    """Why an action on a record has to wait, whoever may use it; empty where nothing keeps it."""
    asked = [ask(ctx, record) for ask in _holds]
    return lambda action: next((why for ask in asked if (why := ask(action))), "")


def suggest(act: Callable[..., Any]) -> Callable[..., Any]:
    """Declare what the dialog of an action holds before anything is typed: ``function(ctx, record)`` gives its inputs."""
    def declare(function: Callable[[Ctx, Any], dict[str, Any]]) -> Any:
        _suggestions[act] = function
        return function
    return declare


def suggested(ctx: Ctx, record: Record, action: Any) -> dict[str, Any]:
    """What an app would write into the dialog of an action; nothing where it has no idea."""
    find = _suggestions.get(action.function)
    return find(ctx, record) if find else {}


def duplicate_check(on: type[Record]) -> Callable[..., Any]:
    """Declare what may be the same as a record being typed: ``function(ctx, values, record_or_none)``.

    It returns rows with title, url, subtitle, owner, why, block and claim_url, as ``web/parts/duplicates.html`` shows.
    """
    def declare(function: Callable[..., list[Context]]) -> Any:
        _duplicates[on] = function
        return function
    return declare


def checks_duplicates(model: type[Record]) -> bool:
    return model in _duplicates


def duplicates(ctx: Ctx, model: type[Record], values: dict[str, Any], record: Record | None) -> list[Context]:
    """What an app says may be the same; nothing for objects without a check."""
    check = _duplicates.get(model)
    return check(ctx, values, record) if check else []


def log_with(on: type[Record], kinds: Callable[[Ctx], list[tuple[str, Any, str]]], keep: Callable[..., Any]) -> None:
    """Let people log follow-ups with an object: ``kinds(ctx)`` gives (value, label, icon), ``keep(ctx, record, kind=,
    text=, next_on=, key=)`` creates one through ctx and returns the new record."""
    _loggers[on] = Logger(on, kinds, keep)


def logger_of(model: type[Record]) -> Logger | None:
    return _loggers.get(model)


def next_step(name: str) -> Callable[..., Any]:
    """Declare what to do next with a record: title, when_text, late, url, done_url, move_url, or None."""
    def declare(function: Callable[[Ctx, Record], Context | None]) -> Any:
        _next_steps[name] = function
        return function
    return declare


def next_step_of(ctx: Ctx, record: Record) -> Context | None:
    """The first next step an app knows for the record."""
    for find in _next_steps.values():
        if (found := find(ctx, record)) is not None:
            return found
    return None


def checklist(function: Callable[[Ctx], Context | None]) -> Callable[[Ctx], Context | None]:
    """Declare the first steps of a new installation: done, total, share, steps (label, url, done), hide_url."""
    _welcome.append(function)
    return function


def checklist_of(ctx: Ctx) -> Context | None:
    return next((found for make in _welcome if (found := make(ctx)) is not None), None)


def doors(function: Callable[[Ctx], str]) -> Callable[[Ctx], str]:
    """Declare where a first sign-in chooses how to begin: an address, or empty when that is done."""
    _doors.append(function)
    return function


def doors_of(ctx: Ctx) -> str:
    return next((found for ask in _doors if (found := ask(ctx))), "")
