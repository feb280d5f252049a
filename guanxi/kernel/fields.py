"""Field kinds: a plain Django field plus what it means, so that every surface can be derived from it.

Apps import this module as ``f``; kinds of text stand in ``text_fields``.
"""

import datetime
import decimal
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from guanxi.kernel.text_fields import (
    CHOICE_OPS,
    FLAG_OPS,
    NUMBER_OPS,
    TEXT_OPS,
    TIME_OPS,
    Color,
    Email,
    Fact,
    Name,
    Number,
    PersonName,
    Phone,
    Text,
    Url,
)
from guanxi.language import parsing
from guanxi.language.words import in_every_language, split_list

__all__ = [
    "CHOICE_OPS", "FLAG_OPS", "NUMBER_OPS", "TEXT_OPS", "TIME_OPS", "Choice", "Color", "Day", "Decimal", "Email", "Fact",
    "File", "Flag", "Integer", "Json", "Lines", "Link", "Moment", "Money", "Name", "Number", "Options", "Percent",
    "PersonName", "Phone", "State", "States", "Tags", "Text", "Url"]

States = models.TextChoices
Options = models.TextChoices


class Integer(Fact, models.BigIntegerField):
    """A whole number."""

    kind = "integer"
    align = "end"
    ops = NUMBER_OPS
    plain_field = models.BigIntegerField

    def parse(self, raw: Any) -> Any:
        if raw is None or raw == "":
            return None
        value = parsing.parse_integer(raw)
        if not -(2**63) <= value < 2**63:
            raise ValueError(_("The number is too large."))
        return value

    def text(self, value: Any) -> str:
        return "" if value is None else formats.number_format(value, use_l10n=True, force_grouping=True)


class Decimal(Fact, models.DecimalField):
    """An exact decimal number."""

    kind = "decimal"
    align = "end"
    ops = NUMBER_OPS
    plain_field = models.DecimalField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        if raw is None or raw == "":
            return None
        value = parsing.parse_decimal(raw)
        exact = value.quantize(decimal.Decimal(1).scaleb(-self.decimal_places))
        if exact != value:
            raise ValueError(_("At most %(places)s decimals fit.") % {"places": self.decimal_places})
        if abs(exact) >= decimal.Decimal(10) ** (self.max_digits - self.decimal_places):
            raise ValueError(_("The number is too large."))
        return exact

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        return formats.number_format(value, use_l10n=True, force_grouping=True)

    def plain(self, value: Any) -> Any:
        return None if value is None else f"{self.to_python(value):.{self.decimal_places}f}"


class Money(Decimal):
    """An amount in the company's currency, to the cent."""

    kind = "money"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        return formats.number_format(value, decimal_pos=self.decimal_places, use_l10n=True, force_grouping=True)


class Percent(Decimal):
    """A share in percent: 12.5 means 12.5 %."""

    kind = "percent"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 7)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        if isinstance(raw, str) and raw.strip().endswith(("%", "％")):
            raw = raw.strip()[:-1]
        return super().parse(raw)

    def text(self, value: Any) -> str:
        return "" if value is None else f"{decimal.Decimal(value).normalize():f} %"


class Day(Fact, models.DateField):
    """A calendar day; it carries no time zone and never shifts."""

    kind = "day"
    ops = TIME_OPS
    plain_field = models.DateField

    def parse(self, raw: Any) -> Any:
        if raw is None or raw == "":
            return None
        return parsing.parse_day(raw, today=timezone.localdate())

    def text(self, value: Any) -> str:
        return value.isoformat() if value else ""

    def plain(self, value: Any) -> Any:
        return value.isoformat() if value else None


class Moment(Fact, models.DateTimeField):
    """An instant, stored in UTC and shown in the reader's time zone."""

    kind = "moment"
    ops = TIME_OPS
    plain_field = models.DateTimeField

    def parse(self, raw: Any) -> Any:
        if raw is None or raw == "":
            return None
        return parsing.parse_moment(raw, tz=timezone.get_current_timezone(), now=timezone.now())

    def text(self, value: Any) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""

    def plain(self, value: Any) -> Any:
        return value.astimezone(datetime.UTC).isoformat() if value else None


class Flag(Fact, models.BooleanField):
    """Yes or no."""

    kind = "flag"
    ops = FLAG_OPS
    plain_field = models.BooleanField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", False)
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        if raw is None or raw == "":
            return self.get_default()
        return parsing.parse_flag(raw)

    def text(self, value: Any) -> str:
        return str(_("Yes") if value else _("No"))


class Choice(Fact, models.CharField):
    """One of a fixed set of options; stored as its code."""

    kind = "choice"
    ops = CHOICE_OPS

    def __init__(self, options: Any = None, *args: Any, colors: dict[str, str] | None = None, **kwargs: Any) -> None:
        if options is not None:
            kwargs["choices"] = options.choices
            if "default" not in kwargs and not kwargs.get("blank"):
                kwargs["default"] = options.values[0]
        if kwargs.get("blank"):
            kwargs.setdefault("default", "")
        kwargs.setdefault("max_length", 40)
        self.colors = colors or {}
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        """Accept the code, or the label in any of the product's languages as files carry it."""
        value = str(raw).strip() if raw is not None else ""
        if not value:
            return ""
        folded = value.casefold()
        for code, label in self.flatchoices:
            if folded in (str(code).casefold(), str(label).casefold()):
                return code
        for code, label in self.flatchoices:
            if folded in {name.casefold() for name in in_every_language(label)}:
                return code
        raise ValueError(_("“%(value)s” is not one of: %(options)s.") % {
            "value": value, "options": ", ".join(str(label) for _code, label in self.flatchoices)})

    def text(self, value: Any) -> str:
        return str(dict(self.flatchoices).get(value, value or ""))


class State(Choice):
    """Where a record stands; changed only by actions, and every change is kept with from, to, when and who."""

    kind = "state"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("computed", True)
        kwargs.setdefault("tracked", True)
        super().__init__(*args, **kwargs)


class Link(Fact, models.ForeignKey):
    """A link to one other record. The linked record cannot vanish while it is in use."""

    kind = "link"
    ops = CHOICE_OPS
    plain_field = models.ForeignKey

    def __init__(self, to: Any, verbose_name: Any = None, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs.setdefault("on_delete", on_delete)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, verbose_name=verbose_name, **kwargs)

    @property
    def is_user(self) -> bool:
        return bool(self.remote_field.model._meta.label == settings.AUTH_USER_MODEL)

    def plain(self, value: Any) -> Any:
        return value.pk if isinstance(value, models.Model) else value


class File(Fact, models.FileField):
    """A stored file; people see its name, never its place."""

    kind = "file"
    ops = ("empty", "filled")
    sortable = False
    plain_field = models.FileField

    def text(self, value: Any) -> str:
        return value.name.rsplit("/", 1)[-1] if value else ""

    def plain(self, value: Any) -> Any:
        return str(value or "")


class Json(Fact, models.JSONField):
    """Structured data that only code reads."""

    kind = "json"
    ops: ClassVar[tuple[str, ...]] = ()
    sortable = False
    plain_field = models.JSONField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        return raw


class Tags(Json):
    """A list of words; options are free or from ``words``."""

    kind = "tags"
    ops = ("has", "empty", "filled")

    def __init__(self, *args: Any, words: Any = None, **kwargs: Any) -> None:
        self.words = tuple(words.choices) if hasattr(words, "choices") else tuple(words or ())
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        parts = raw if isinstance(raw, list | tuple) else split_list(str(raw or ""))
        wanted = [" ".join(parsing.clean_text(str(part)).split()) for part in parts]
        if self.words:
            known = {str(name).casefold(): code for code, label in self.words
                     for name in (code, *in_every_language(label))}
            unknown = [word for word in wanted if word and word.casefold() not in known]
            if unknown:
                raise ValueError(_("“%(value)s” is not one of: %(options)s.") % {
                    "value": unknown[0], "options": ", ".join(str(label) for _code, label in self.words)})
            wanted = [known[word.casefold()] for word in wanted if word]
        return list(dict.fromkeys(word for word in wanted if word))

    def text(self, value: Any) -> str:
        labels = dict(self.words)
        return ", ".join(str(labels.get(word, word)) for word in value or ())


class Lines:
    """The lines of a document: rows of another object whose parent it is, written, locked and taken back with it.

    ``quote.lines`` is the list of line records, stored or about to be; ``prepare()`` of the document works out what
    follows from them and from itself. ``ctx.save(quote)`` writes both. The line object has ``parent=`` the document
    and a whole number ``position``; its own About allows no create, update or delete.
    """

    kind = "lines"

    def __init__(self, to: str, verbose_name: Any) -> None:
        self.to, self.verbose_name, self.name = to, verbose_name, ""

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Django calls this when the class is made: the object learns of its lines."""
        self.name = name
        cls.line_lists = (*cls.line_lists, self)
        setattr(cls, name, self)

    @property
    def model(self) -> Any:
        """The object that the lines are."""
        return apps.get_model(self.to)

    def __get__(self, record: Any, owner: Any = None) -> Any:
        if record is None:
            return self
        if self.name not in record.held_lines:
            self.load([record])
        return record.held_lines[self.name]

    def __set__(self, record: Any, rows: Any) -> None:
        record.held_lines[self.name] = list(rows)

    def load(self, records: list[Any]) -> None:
        """Read the stored lines of many documents at once."""
        fresh = [one for one in records if self.name not in one.held_lines]
        for one in fresh:
            one.held_lines[self.name] = []
        link, by_id = self.model.about.parent_name, {one.pk: one for one in fresh if one.pk}
        if by_id:
            rows = self.model._default_manager.filter(**{f"{link}__in": list(by_id)}, deleted_at=None)
            for row in rows.order_by("position", "pk"):
                by_id[getattr(row, f"{link}_id")].held_lines[self.name].append(row)

    def text(self, value: Any) -> str:
        """How many lines a change concerned."""
        return str(ngettext("%(count)s line", "%(count)s lines", len(value)) % {"count": len(value)}) if value else ""

    def plain(self, value: Any) -> int:
        return len(value or ())

    def to_python(self, value: Any) -> Any:
        return value
