"""Custom fields: what a customer adds to an object becomes a field like any other, on every surface at once."""

from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import fields as f
from guanxi.kernel import stamps
from guanxi.kernel.about import About
from guanxi.kernel.fields import States
from guanxi.kernel.records import Record


class CustomField(Record):
    """A field that this company added to an object. Hidden instead of deleted, so that no value is lost."""

    class Kind(States):
        NAME = "name", _("Text")
        TEXT = "text", _("Long text")
        INTEGER = "integer", _("Whole number")
        DECIMAL = "decimal", _("Decimal number")
        PERCENT = "percent", _("Percent")
        MONEY = "money", _("Money")
        DAY = "day", _("Date")
        MOMENT = "moment", _("Date and time")
        CHOICE = "choice", _("Single choice")
        TAGS = "tags", _("Multiple choice")
        FLAG = "flag", _("Yes or no")
        USER = "user", _("Person")
        LINK = "link", _("Link to a record")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        URL = "url", _("Web address")

    object_type = f.Name(_("Object"), max_length=80)
    key = f.Name(_("Key"), max_length=40)
    label = f.Name(_("Label"))
    labels = f.Json(_("Labels in other languages"))
    field_kind = f.Choice(Kind, _("Kind"))
    required = f.Flag(_("Required"))
    unique = f.Flag(_("Unique"))
    options = f.Json(_("Options"), default=list)
    target = f.Name(_("Links to"), max_length=80, blank=True)
    default = f.Name(_("Default"), blank=True)
    note = f.Name(_("Help"), blank=True)
    hidden = f.Flag(_("Hidden"))
    position = f.Integer(_("Order"), default=100)

    renews = True
    about = About(one=_("custom field"), many=_("custom fields"), icon="forms", title=label,
                  columns=(object_type, label, field_kind, required, hidden, position), search=(label, key),
                  filters=(object_type, field_kind), scope="everyone", side=("history",), order="position",
                  match=(key,), form=((object_type, key), (label, field_kind), (required, unique), (default, note),
                                      (target, position), (hidden,), (options,)))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("object_type", "key"), name="kernel_customfield_once",
            violation_error_message=_("The object has a custom field with this key already."))]

    def prepare(self) -> None:
        """Keys are safe identifiers; given one by one when left empty."""
        self.key = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in self.key.lower()).strip("_")

    @property
    def label_now(self) -> str:
        return str(self.labels.get(get_language() or "", "") or self.label)

    def as_field(self) -> Any:
        """The Django field of the same kind, not bound to any table."""
        kinds: dict[str, Any] = {
            "name": f.Name, "text": f.Text, "integer": f.Integer, "decimal": f.Decimal, "percent": f.Percent,
            "money": f.Money, "day": f.Day, "moment": f.Moment, "flag": f.Flag, "phone": f.Phone, "email": f.Email,
            "url": f.Url, "tags": f.Tags}
        options = [(str(option["value"]), option_label(option)) for option in self.options]
        needed: dict[str, Any] = {} if self.required or self.field_kind in ("flag", "text", "tags") else {"blank": True}
        if self.field_kind == self.Kind.CHOICE:
            made: Any = f.Choice(None, self.label_now, choices=options, **needed)
        elif self.field_kind == self.Kind.TAGS:
            made = f.Tags(self.label_now, words=options)
        elif self.field_kind in (self.Kind.LINK, self.Kind.USER):
            made = f.Integer(self.label_now, null=True, **needed)
        else:
            made = kinds[self.field_kind](self.label_now, **needed)
        made.help_text = self.note
        made.set_attributes_from_name(self.key)
        return made


def option_label(option: dict[str, Any]) -> str:
    """An option in the reader's language, where it has one for it."""
    return str(option.get("labels", {}).get(get_language() or "") or option.get("label", option["value"]))


def of(object_type: str, mark: str) -> list[CustomField]:
    """The custom fields of an object in their order; kept in memory until the mark changes."""
    def load() -> dict[str, list[CustomField]]:
        found: dict[str, list[CustomField]] = {}
        for row in CustomField.objects.filter(deleted_at=None, hidden=False).order_by("position", "id"):
            found.setdefault(row.object_type, []).append(row)
        return found

    everything: dict[str, list[CustomField]] = stamps.remembered(mark, "custom fields", load)
    return everything.get(object_type, [])


_NUMERIC = ("integer", "decimal", "percent", "money", "user", "link", "flag")


def expression(vendor: str, column: str, key: str, kind: str) -> str:
    """The SQL by which a custom value is compared, the same in queries and in its index."""
    if vendor == "postgresql":
        if kind == "flag":
            return f"(({column} ->> '{key}')::boolean::int::numeric)"
        return f"(({column} ->> '{key}')::numeric)" if kind in _NUMERIC else f"(({column} ->> '{key}') COLLATE \"C\")"
    value = f"json_extract({column}, '$.{key}')"
    return f"CAST({value} AS REAL)" if kind in _NUMERIC else value


class ExtraValue(models.Func):
    """A custom value as an SQL expression: the very one its index is made of."""

    def __init__(self, column: str, key: str, kind: str) -> None:
        numeric = kind in _NUMERIC
        self.key, self.kind = key, kind
        output: models.Field = models.DecimalField(max_digits=30, decimal_places=6) if numeric else models.CharField()
        super().__init__(models.F(column), output_field=output)

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        return expression(connection.vendor, column, self.key, self.kind), list(params)


def make_index(custom: CustomField) -> None:
    """The index by which a list filters and sorts on the field at a million rows."""
    model = apps.get_model(custom.object_type)
    table, key = model._meta.db_table, custom.key
    name = f"extra_{abs(hash_name(table, key))}"
    value = expression(connection.vendor, '"extra"', key, custom.field_kind)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # rows written in this transaction have links that are still unchecked
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f'CREATE {"UNIQUE " if custom.unique else ""}INDEX IF NOT EXISTS "{name}" ON "{table}" ({value}'
                       + ("" if custom.unique else ", id") + (") WHERE deleted_at IS NULL" if custom.unique else ")"))


def hash_name(table: str, key: str) -> int:
    """A short stable number for an index name."""
    total = 0
    for sign in f"{table}.{key}":
        total = (total * 131 + ord(sign)) % (2**40)
    return total
