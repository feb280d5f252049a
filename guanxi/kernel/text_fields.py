"""Fact, what a field means beyond its column, and the kinds that hold one text."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.language import parsing

TEXT_OPS = ("contains", "is", "isnot", "starts", "empty", "filled")
NUMBER_OPS = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "empty", "filled")
TIME_OPS = ("on", "before", "after", "between", "within", "empty", "filled")
CHOICE_OPS = ("in", "notin", "empty", "filled")
FLAG_OPS = ("is",)


class Fact:
    """What a field means. Mixed into a Django field; migrations see only the plain field.

    ``computed`` fields are written by code, never by people. ``secret`` values are never shown, filtered or
    logged. ``personal`` marks data about a person that a role may see masked; ``sensitive`` fields are masked for
    every role that does not say otherwise. ``importable`` computed fields may be given by somebody who migrates
    data from elsewhere: who created it when, in which state it was.
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
    sensitive: bool

    def __init__(self, *args: Any, computed: bool = False, secret: bool = False, personal: bool = False,
                 tracked: bool = False, importable: bool = False, sensitive: bool = False, **kwargs: Any) -> None:
        self.computed, self.secret, self.personal = computed, secret, personal
        self.tracked, self.importable, self.sensitive = tracked, importable, sensitive
        if kwargs.get("null"):
            kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Describe the plain field: labels, help and choices must never cause a migration."""
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        for word in ("verbose_name", "help_text", "choices", "validators"):
            kwargs.pop(word, None)
        return name, f"django.db.models.{self.plain_field.__name__}", args, kwargs

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
        value = parsing.clean_text(str(raw)) if raw is not None else ""
        return parsing.parse_email(value) if value else ""


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
            number = number[3:] if number[3:4] == "1" and len(number) == 14 else f"0{number[3:]}"
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
