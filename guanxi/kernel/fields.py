"""Field kinds: a plain Django field plus what it means, so that every surface can be derived from it."""

import datetime
import decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.words import in_every_language, split_list
from guanxi.language import parsing

States = models.TextChoices
Options = models.TextChoices

TEXT_OPS = ("contains", "is", "isnot", "starts", "empty", "filled")
NUMBER_OPS = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "empty", "filled")
TIME_OPS = ("on", "before", "after", "between", "within", "empty", "filled")
CHOICE_OPS = ("in", "notin", "empty", "filled")
FLAG_OPS = ("is",)


class Fact:
    """What a field means. Mixed into a Django field; migrations see only the plain field.

    ``computed`` fields are written by code, never by people. ``secret`` values are never shown, filtered or
    logged. ``personal`` marks data about a person that a role may see masked. ``importable`` computed fields may
    be given by somebody who migrates data from elsewhere: who created it when, in which state it was.
    """

    kind: ClassVar[str] = "name"
    align: ClassVar[str] = ""
    ops: ClassVar[tuple[str, ...]] = TEXT_OPS
    sortable: ClassVar[bool] = True
    plain_field: ClassVar[type[models.Field]] = models.CharField

    computed: bool
    secret: bool
    personal: bool
    tracked: bool
    importable: bool

    def __init__(self, *args: Any, computed: bool = False, secret: bool = False, personal: bool = False,
                 tracked: bool = False, importable: bool = False, **kwargs: Any) -> None:
        self.computed, self.secret, self.personal = computed, secret, personal
        self.tracked, self.importable = tracked, importable
        if kwargs.get("null"):
            kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Describe the plain field: labels, help and choices must never cause a migration."""
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        for word in ("verbose_name", "help_text", "choices", "validators"):
            kwargs.pop(word, None)
        return name, f"{self.plain_field.__module__}.{self.plain_field.__qualname__}", args, kwargs

    def parse(self, raw: Any) -> Any:
        """Turn what a person typed, a file held or the API sent into a value. Raises ValueError with the reason."""
        return parsing.clean_text(str(raw)) if raw is not None else ""

    def text(self, value: Any) -> str:
        """The value as a person reads it."""
        return "" if value is None else str(value)

    def plain(self, value: Any) -> Any:
        """The value as JSON carries it; ``to_python`` turns it back exactly."""
        return value


class Name(Fact, models.CharField):
    """One line of text."""

    kind = "name"
    max_default = 200

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", self.max_default)
        if kwargs.get("blank"):
            kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        return " ".join(parsing.clean_text(str(raw)).split()) if raw is not None else ""


class PersonName(Name):
    """A person's name: searched and sorted by the reading that surnames have."""

    person = True


class Text(Fact, models.TextField):
    """Long text of several lines; empty unless something is written."""

    kind = "text"
    plain_field = models.TextField
    sortable = False

    def parse(self, raw: Any) -> Any:
        return parsing.clean_text(str(raw), multiline=True) if raw is not None else ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)


class Email(Name):
    """An e-mail address, folded to lower case."""

    kind = "email"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("personal", True)
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        value = parsing.clean_text(str(raw)).strip() if raw is not None else ""
        if not value:
            return ""
        value = parsing.parse_email(value)
        try:
            validate_email(value)
        except ValidationError as error:
            raise ValueError(_("“%(value)s” is not an e-mail address.") % {"value": value}) from error
        return value


class Phone(Name):
    """A phone number, kept in international form with its extension."""

    kind = "phone"
    max_default = 60

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("personal", True)
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        if raw is None or not str(raw).strip():
            return ""
        number, extension = parsing.parse_phone(str(raw))
        return f"{number};ext={extension}" if extension else number

    def text(self, value: Any) -> str:
        number, _mark, extension = str(value or "").partition(";ext=")
        if number.startswith("+86"):
            number = number[3:]
        return f"{number}-{extension}" if extension else number


class Url(Name):
    """A web address; only http and https."""

    kind = "url"
    max_default = 500

    def parse(self, raw: Any) -> Any:
        value = parsing.clean_text(str(raw)).strip() if raw is not None else ""
        if value and "://" not in value:
            value = f"https://{value}"
        if value:
            try:
                URLValidator(schemes=["http", "https"])(value)
            except ValidationError as error:
                raise ValueError(_("“%(value)s” is not a web address.") % {"value": value}) from error
        return value


class Color(Name):
    """One of the palette's colour words."""

    kind = "color"
    max_default = 20


class Number(Name):
    """A document number, given by the system from ``pattern`` such as ``Q-{yyyy}-{n:05}``.

    ``gapless`` numbers are drawn under a lock inside the transaction; others never block and may leave gaps.
    """

    kind = "number"
    max_default = 60

    def __init__(self, *args: Any, pattern: str = "{n}", gapless: bool = False, **kwargs: Any) -> None:
        self.pattern, self.gapless = pattern, gapless
        kwargs.setdefault("unique", True)
        kwargs.setdefault("computed", True)
        kwargs.setdefault("null", True)
        super().__init__(*args, **kwargs)


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
        return None if value is None else str(self.to_python(value))


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
        return value.name if value else ""


class Json(Fact, models.JSONField):
    """Structured data that only code reads."""

    kind = "json"
    ops = ()
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
