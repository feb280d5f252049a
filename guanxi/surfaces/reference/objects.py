"""The reference page of every object, written from its declaration in both languages."""

from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.kernel import actions, facts, registry
from guanxi.kernel.actions import Action
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name

#: Language of a page and what its file name ends in.
LANGUAGES = {"en": "", "zh-hans": ".zh-CN"}


def pages() -> dict[str, str]:
    """Every page by its file name: an index and one page per object, in each language."""
    found: dict[str, str] = {}
    models = [model for model in registry.objects() if model.about.verbs]
    for language, suffix in LANGUAGES.items():
        with translation.override(language):
            found[f"README{suffix}.md"] = _text(_index(models, suffix))
            for model in models:
                found[f"{object_name(model)}{suffix}.md"] = _text(_page(model))
    return found


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _index(models: list[type[Record]], suffix: str) -> Iterator[str]:
    yield f"# {_('Objects')}"
    yield ""
    yield _("Written from the declarations by `guanxi manage reference`; do not edit.")
    yield ""
    yield from _table((_("Object"), _("Name"), _("What it is")), (
        (f"[{object_name(model)}]({object_name(model)}{suffix}.md)", str(model.about.one), _words(model.__doc__))
        for model in models))


def _page(model: type[Record]) -> Iterator[str]:
    about = model.about
    yield f"# {_capital(str(about.one))} · `{object_name(model)}`"
    yield ""
    yield _words(model.__doc__)
    yield ""
    yield _("Rows follow their owner.") if about.scope == "owner" else _("A shared list: not divided by owner.")
    if about.parent_name:
        yield _("Whoever owns what `%(field)s` points to also sees the row.") % {"field": about.parent_name}
    yield ""
    views = facts.declared(model, Ctx(system=True, reason="reference"))
    yield from _fields(views)
    yield from _actions(model)
    yield from _pages(model)
    yield from _api(model)
    yield from _import(model, views)
    yield from _links(model)


def _fields(views: list[FieldView]) -> Iterator[str]:
    yield f"## {_('Fields')}"
    yield ""
    yield from _table((_("Key"), _("Label"), _("Kind"), _("Notes")), (
        (f"`{view.key}`", str(view.label), _kind(view), "; ".join(_notes(view))) for view in views))


def _kind(view: FieldView) -> str:
    return f"{view.kind} → `{view.target}`" if view.target else view.kind


def _notes(view: FieldView) -> Iterator[str]:
    if view.required:
        yield _("needed")
    if view.readonly:
        yield _("written by the system")
    if view.secret:
        yield _("never shown")
    if view.tracked:
        yield _("every change is kept with its time")
    if view.max_length and not view.choices and view.kind not in ("file", "number"):
        yield _("at most %(count)s characters") % {"count": view.max_length}
    if view.choices:
        yield ", ".join(f"`{code}` {label}" for code, label, _color in view.choices)
    if view.help:
        yield str(view.help)


def _actions(model: type[Record]) -> Iterator[str]:
    yield f"## {_('Actions and rights')}"
    yield ""
    yield _("Seeing needs the right `%(right)s`.") % {"right": f"{object_name(model)}.view"}
    yield ""
    for action in actions.actions_of(model):
        yield from _one_action(action)


def _one_action(action: Action) -> Iterator[str]:
    yield f"### {action.label} · `{action.name}`"
    yield ""
    if action.help:
        yield action.help
        yield ""
    yield "- " + _("Right: `%(right)s`") % {"right": f"{action.object_name}.{action.right}"}
    if action.when:
        state = actions.state_field(action.model)
        yield "- " + _("Only while %(field)s is: %(states)s") % {
            "field": state.verbose_name, "states": ", ".join(state.text(value) for value in action.when)}
    for view in action.inputs:
        needed = _("needed") if view.required else _("optional")
        yield "- " + _("Input `%(key)s`: %(label)s (%(kind)s, %(needed)s)") % {
            "key": view.key, "label": view.label, "kind": _kind(view), "needed": needed}
    for listener in registry.listeners(action.name):
        module = listener.__module__.removeprefix("guanxi.")
        yield "- " + _("Then `%(name)s`: %(what)s") % {
            "name": f"{module}.{listener.__name__}", "what": _words(listener.__doc__, lines=1)}
    yield ""


def _pages(model: type[Record]) -> Iterator[str]:
    if "view" not in model.about.verbs:
        return
    slug, about = registry.slug(model), model.about
    yield f"## {_('Pages')}"
    yield ""
    yield f"- `/{slug}/` · " + _("columns: %(names)s") % {"names": _names(about.column_names)}
    if about.filter_names:
        yield "- " + _("filters: %(names)s") % {"names": _names(about.filter_names)}
    yield "- " + _("search: %(names)s") % {"names": _names(about.search_names)}
    yield f"- `/{slug}/<id>`"
    yield ""


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _api(model: type[Record]) -> Iterator[str]:
    if "view" not in model.about.verbs:
        return
    base, verbs = f"/api/v1/{registry.slug(model)}", model.about.verbs
    yield "## API"
    yield ""
    yield f"- `GET {base}`" + (f" · `POST {base}`" if "create" in verbs else "")
    item = ["GET", *(["PATCH"] if "update" in verbs else []), *(["DELETE"] if "delete" in verbs else [])]
    yield "- " + " · ".join(f"`{method} {base}/<id>`" for method in item)
    for action in actions.actions_of(model):
        if action.verb not in ("create", "update", "delete"):
            yield f"- `POST {base}/{'do' if action.takes == 'none' else '<id>'}/{action.verb}`"
    yield ""


def _import(model: type[Record], views: list[FieldView]) -> Iterator[str]:
    if "import" not in model.about.verbs:
        return
    yield f"## {_('Import columns')}"
    yield ""
    columns = [view for view in views if not view.readonly and view.kind not in ("json", "file")]
    yield ", ".join(f"{view.label} (`{view.key}`)" for view in columns)
    yield ""
    moved = [view for view in views if view.readonly and view.importable]
    if moved:
        yield _("With the right to migrate also: %(names)s.") % {
            "names": ", ".join(f"{view.label} (`{view.key}`)" for view in moved)}
        yield ""
    if model.about.match_names:
        yield _("Rows are recognised by: %(names)s.") % {"names": _names(model.about.match_names)}
        yield ""


def _links(model: type[Record]) -> Iterator[str]:
    links = [(other, source) for other, source in registry.links_to(model) if other.about.verbs]
    if not links:
        return
    yield f"## {_('Linked from')}"
    yield ""
    for other, source in links:
        yield f"- `{object_name(other)}.{source.name}`"
    yield ""


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in row) + " |"
    yield ""


def _words(text: str | None, lines: int = 0) -> str:
    """A docstring in the language of the page."""
    whole = " ".join((text or "").split()) if not lines else (text or "").strip().split("\n")[0]
    return _(whole) if whole else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
