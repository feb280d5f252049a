"""What follows when a custom field is added or changed: a safe key, an index, no change of kind that loses values."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from guanxi.kernel import registry
from guanxi.kernel.actions import after
from guanxi.kernel.custom import CustomField, make_index
from guanxi.kernel.facts import SYSTEM_KEYS
from guanxi.kernel.refusal import Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx


@after(CustomField, "create")
def prepare_custom_field(ctx: "Ctx", custom: CustomField, _value: object) -> None:
    """A custom field needs an object, a key of its own, options when it is a choice, and an index."""
    model = registry.model_of(custom.object_type)
    taken = {source.name for source in model._meta.get_fields()} | set(SYSTEM_KEYS)
    if not custom.key or custom.key in taken or not custom.key[0].isalpha():
        raise Refused(_("The key “%(key)s” cannot be used: choose another word of letters and digits.") % {
            "key": custom.key}, field="key", record=custom)
    if custom.field_kind in (CustomField.Kind.CHOICE, CustomField.Kind.TAGS) and not custom.options:
        raise Refused(_("A choice needs options."), field="options", record=custom)
    if custom.field_kind == CustomField.Kind.LINK:
        registry.model_of(custom.target)
    make_index(custom)


@after(CustomField, "update")
def keep_kind(ctx: "Ctx", custom: CustomField, _value: object) -> None:
    """A field keeps its kind, object and key for good: another kind would misread what was stored."""
    entry = ctx.unit.entries[-1] if ctx.unit.entries else None
    fixed = {"field_kind", "object_type", "key"} & (entry.changes.keys() if entry else set())
    if fixed:
        raise Refused(_("The kind, object and key of a custom field stay as they are: hide it and add a new one."),
                      field=sorted(fixed)[0], record=custom)
    make_index(custom)
