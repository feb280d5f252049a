"""Short lists of sales whose names are seeded in every language: reasons, libraries, pipelines."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Q, Record, f


class Master(Record):
    """An entry of a short list. A name that came with the product reads in every language until it is changed."""

    name = f.Name(_("Name"))
    labels = f.Json(_("Name in other languages"), computed=True)
    key = f.Name(_("Key"), max_length=40, blank=True, computed=True)
    position = f.Integer(pgettext_lazy("sequence", "Order"), default=100)

    renews = True

    class Meta(Record.Meta):
        abstract = True

    @property
    def full_title(self) -> str:
        return str(self.labels.get(get_language() or "") or self.name)

    def prepare(self) -> None:
        """Whoever renames an entry means every language."""
        if not self._state.adding and self.name != self.loaded.get("name"):
            self.labels = {}

    @classmethod
    def titled(cls, rows: "QuerySet[Self]", words: str) -> "QuerySet[Self]":
        """Rows called so in any of the product's languages."""
        found = Q(name=words)
        for code, _name in settings.LANGUAGES:
            found |= Q(**{f"labels__{code}": words})
        return rows.filter(found)


def once(name: str) -> Any:
    """No two entries of a list have one name."""
    return models.UniqueConstraint(fields=("name",), condition=Q(deleted_at=None), name=name,
                                   violation_error_message=_("There is an entry of this name already."))


class CloseReason(Master):
    """Why opportunities are won or lost and leads are given up: a short list, so that it can be counted."""

    class Kind(f.Options):
        WIN = "win", _("Won because")
        LOSS = "loss", _("Lost because")
        LEAD = "lead", _("Lead given up because")

    kind = f.Choice(Kind, _("Used when"))

    about = About(one=_("close reason"), many=_("close reasons"), icon="message-question", title="name",
                  slug="close-reasons",
                  columns=("name", kind, "position"), search=("name",), filters=(kind,),
                  form=(("name", kind), ("position",)), scope="everyone", order="position", match=("name",),
                  side=("history",))

    class Meta(Master.Meta):
        constraints = [models.UniqueConstraint(
            fields=("kind", "name"), condition=Q(deleted_at=None), name="sales_closereason_name",
            violation_error_message=_("There is an entry of this name already."))]


class Library(Master):
    """A resource library: the place where raw data on prospects are collected before anybody works on them."""

    note = f.Text(_("What it holds"))
    default = f.Flag(_("Used unless another is chosen"))

    about = About(one=_("resource library"), many=_("resource libraries"), icon="database", title="name",
                  slug="libraries", columns=("name", note, default), search=("name",),
                  form=(("name", "position"), (default,), (note,)), scope="everyone", order="position", match=("name",),
                  side=("history",))

    class Meta(Master.Meta):
        constraints = [once("sales_library_name"), models.UniqueConstraint(
            fields=("default",), condition=Q(deleted_at=None, default=True), name="sales_library_default",
            violation_error_message=_("Another resource library is the default already."))]
