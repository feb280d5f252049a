"""What the values of a table mean: those that are known, those that are not, and what they may stand for."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.facts import FieldView
from guanxi.surfaces.impex import plan as plans
from guanxi.surfaces.impex import runs
from guanxi.surfaces.impex.matching import bare, nearest
from guanxi.surfaces.impex.models import ImportRun
from guanxi.surfaces.impex.plan import Plan, bare_value
from guanxi.surfaces.impex.resolving import Resolver, makeable

#: A column of text with more different values is not offered for replacing them.
REPLACED = 40


@dataclass
class Value:
    """One value of a column: how often it is there, what it is taken for, what was said of it."""

    name: str
    text: str
    count: int
    known: str = ""
    chosen: str = ""
    guessed: bool = False
    made_as: str = ""


@dataclass
class Question:
    """A column whose values stand for something; ``options`` are what they may stand for."""

    column: str
    view: FieldView
    values: list[Value] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)

    @property
    def free(self) -> bool:
        """Is the value replaced by any other text?"""
        return not self.options and not self.others

    @property
    def creates(self) -> bool:
        return any(code == plans.CREATE for code, _label in self.others)

    @property
    def open(self) -> list[Value]:
        return [value for value in self.values if not value.known]

    @property
    def settled(self) -> list[Value]:
        return [value for value in self.values if value.known]


def questions(ctx: Ctx, run: ImportRun) -> list[Question]:
    """Every column of which values may need a word. Raises Refused for a mapping that does not hold."""
    plan = runs.plan_of(ctx, run)
    resolver = Resolver(ctx, plan.source)
    found = []
    for column, view in [*plan.columns, *plan.line_columns]:
        words = run.preview["distinct"].get(column)
        if words and (made := _question(ctx, run, plan, resolver, column, view, words)) is not None:
            found.append(made)
    for place, question in enumerate(found):
        for number, value in enumerate(question.values):
            value.name = f"v{place}-{number}"
    return found


def _question(ctx: Ctx, run: ImportRun, plan: Plan, resolver: Resolver, column: str, view: FieldView,
              words: dict[str, int]) -> Question | None:
    made = Question(column, view)
    if view.target:
        if not resolver.is_small(view):
            return None
        made.options = sorted(((f"{plans.ROW}{pk}", str(row)) for pk, row in resolver.rows[view.target].items()),
                              key=lambda option: option[1])
        if makeable(ctx, view):
            made.others.append((plans.CREATE, _("Create it") if view.kind != "user" else _("Create a person who cannot "
                                                                                          "sign in yet")))
        if view.target == settings.AUTH_USER_MODEL.lower():
            made.others.append((plans.ME, _("Myself")))
    elif view.kind in ("choice", "state"):
        made.options = [(f"{plans.TEXT}{code}", label) for code, label, _colour in view.choices if code]
    elif view.kind != "name" or len(words) > REPLACED or 2 * len(words) > run.total:
        return None
    if made.options or made.others:
        if not view.required:
            made.others.append((plans.BLANK, _("Leave the field empty")))
        made.others.append((plans.REFUSE, _("Leave these rows out")))
    made.values = [_value(ctx, plan, resolver, made, text, count) for text, count in words.items()]
    return made


def _value(ctx: Ctx, plan: Plan, resolver: Resolver, question: Question, text: str, count: int) -> Value:
    view, value = question.view, Value("", text, count)
    value.chosen = plan.values.get(view.key, {}).get(bare_value(text), "")
    if question.free:
        value.known, value.chosen = text, value.chosen.removeprefix(plans.TEXT)
        return value
    if value.chosen.startswith(plans.CREATE_AS):
        value.chosen, value.made_as = plans.CREATE, value.chosen.removeprefix(plans.CREATE_AS)
    value.known = _known(ctx, resolver, view, text)
    if not value.known and not value.chosen and (close := _suggestion(question, text)):
        value.chosen, value.guessed = close, True
    return value


def _known(ctx: Ctx, resolver: Resolver, view: FieldView, text: str) -> str:
    """What a value is understood as without a word."""
    if view.target:
        row = resolver.record(view, resolver.find(view, text))
        return str(row) if row is not None else ""
    try:
        return str(view.source.text(view.parse(text, ctx)))
    except Refused:
        return ""


def _suggestion(question: Question, text: str) -> str:
    """The option most like a value that is not known."""
    names = {bare(label): code for code, label in question.options}
    close = nearest(bare(text), names)
    return names[close] if close else ""


def answer(ctx: Ctx, run: ImportRun, given: dict[str, Any]) -> None:
    """Keep what was said of the values."""
    said: dict[str, dict[str, str]] = {}
    for question in questions(ctx, run):
        allowed = {code for code, _label in [*question.options, *question.others]}
        for value in question.values:
            word = str(given.get(value.name, "")).strip()
            if question.free and word and word != value.text:
                said.setdefault(question.view.key, {})[bare_value(value.text)] = f"{plans.TEXT}{word}"
            elif word == plans.CREATE in allowed and (name := str(given.get(f"{value.name}-as", "")).strip()):
                said.setdefault(question.view.key, {})[bare_value(value.text)] = f"{plans.CREATE_AS}{name[:200]}"
            elif word in allowed:
                said.setdefault(question.view.key, {})[bare_value(value.text)] = word
    runs.change(ctx, run, {**run.mapping, "values": said})
