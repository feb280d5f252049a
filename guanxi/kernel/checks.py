"""Start-up checks: every name an About mentions exists and fits, with a code for each mistake."""

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist

from guanxi.kernel import fields as f
from guanxi.kernel import numbering, registry
from guanxi.kernel.about import About


def check_objects(app_configs: Any = None, **_facts: Any) -> list[checks.CheckMessage]:
    """Run by Django at every start and by ``guanxi check``."""
    found: list[checks.CheckMessage] = []
    slugs: dict[str, Any] = {}
    numbers = []
    for model in registry.objects():
        about = model.__dict__.get("about")
        if not isinstance(about, About):
            found.append(checks.Error("The record has no About.", obj=model, id="guanxi.E001"))
            continue
        found += _references(model)
        found += (checks.Error(f"The lines “{one.name}” must name {model.__name__} as parent and have a position.",
                               obj=model, id="guanxi.E007") for one in model.line_lists if not _fits(model, one))
        slug = registry.slug(model)
        other = slugs.setdefault(slug, model)
        if other is not model:
            found.append(checks.Error(f"The slug “{slug}” is also that of {other}.", obj=model, id="guanxi.E004"))
        if not (model.__doc__ or "").strip():
            found.append(checks.Error("The record has no docstring.", obj=model, id="guanxi.E005"))
        numbers += [source for source in model._meta.concrete_fields if isinstance(source, f.Number)]
    for action in registry.all_declared():
        if not (action.function.__doc__ or "").strip():
            text = f"The action {action.name} has no docstring."
            found.append(checks.Error(text, obj=action.model, id="guanxi.E006"))
    numbering.check_patterns(numbers)
    return found


def _references(model: Any) -> Iterator[checks.CheckMessage]:
    for option, path in model.about.references():
        owner = model
        *links, last = path.split("__")
        try:
            for link in links:
                owner = owner._meta.get_field(link).related_model
            source = owner._meta.get_field("id" if last == "id" else last)
        except FieldDoesNotExist:
            if option == "form" and path in {lines.name for lines in model.line_lists}:
                continue
            yield checks.Error(f"About.{option} names “{path}”, which is no field.", obj=model, id="guanxi.E002")
            continue
        wrong = ((option == "parent" and not source.is_relation)
                 or (option == "amount" and not isinstance(source, f.Decimal))
                 or (option == "calendar" and not isinstance(source, f.Day | f.Moment))
                 or (option == "board" and not isinstance(source, f.Choice | f.Link)))
        if wrong:
            yield checks.Error(f"About.{option} names “{path}”, which is of a wrong kind.", obj=model, id="guanxi.E003")


def _fits(model: Any, lines: f.Lines) -> bool:
    """Do the lines hang below the document, in an order?"""
    names = {source.name: source for source in lines.model._meta.concrete_fields}
    parent = names.get(lines.model.about.parent_name)
    return parent is not None and parent.related_model is model and "position" in names
