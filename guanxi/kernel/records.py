"""Record: what every object has — an owner, versions, times, custom values and a place in the recycle bin."""

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import fields as f
from guanxi.kernel.about import About
from guanxi.language import text

#: Columns the system keeps by itself; they are no part of a change people made.
HOUSEKEEPING = frozenset({"id", "version", "created_at", "updated_at", "created_by", "updated_by",
                          "sort_key", "upper_owner", "password", "last_login"})


class Record(models.Model):
    """One row that people work with. Written only through ``ctx``, read only through ``ctx.find``."""

    owner = f.Link(settings.AUTH_USER_MODEL, _("Owner"), null=True, db_index=False)
    upper_owner = f.Link(settings.AUTH_USER_MODEL, _("Owner above"), null=True, computed=True)
    created_at = f.Moment(_("Created"), computed=True, importable=True, db_index=True)
    created_by = f.Link(settings.AUTH_USER_MODEL, _("Created by"), null=True, computed=True, importable=True,
                        db_index=False)
    updated_at = f.Moment(_("Changed"), computed=True, db_index=True)
    updated_by = f.Link(settings.AUTH_USER_MODEL, _("Changed by"), null=True, computed=True, db_index=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    deleted_at = f.Moment(_("Deleted"), null=True, computed=True)
    sort_key = models.CharField(max_length=64, default="", editable=False)
    extra = models.JSONField(default=dict, blank=True, editable=False)

    about: ClassVar[About]
    #: A change of this record empties every process's memory of shared settings.
    renews: ClassVar[bool] = False
    #: The kinds ``f.Lines`` declared on the object.
    line_lists: ClassVar[tuple[f.Lines, ...]] = ()
    loaded: dict[str, Any]
    #: Set on rows found for somebody who may not see their title; see ``policy.title_withheld``.
    title_withheld = False

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=("sort_key", "id"), name="%(app_label)s_%(class)s_key"),
            models.Index(fields=("owner", "sort_key", "id"), name="%(app_label)s_%(class)s_own",
                         condition=models.Q(deleted_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.full_title[:1]}****" if self.title_withheld else self.full_title

    @property
    def full_title(self) -> str:
        """What the record is called, whoever reads it: for what is stored."""
        return str(getattr(self, self.about.title_name, "") or f"{self.about.one} {self.pk}")

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        """Keep what the row held when it was read: the *before* of every change."""
        record = super().from_db(db, field_names, values, **more)
        record.loaded = dict(zip(field_names, values, strict=False))
        if isinstance(extra := record.loaded.get("extra"), dict):
            record.loaded["extra"] = dict(extra)
        return record

    @cached_property
    def held_lines(self) -> dict[str, list[Any]]:
        """The lines in hand, by the name of their list."""
        return {}

    def prepare(self) -> None:
        """Fill what follows from the record's own fields, before it is checked and saved. Touches only itself."""

    def match_keys(self) -> set[str]:
        """Keys by which another record of the same company or person would be found; none where that is no question."""
        return set()

    @classmethod
    def open_rows(cls, ctx: Any) -> models.Q | None:
        """Which rows the actor may see although they are neither own nor shared: those waiting in a pool."""
        return None

    @classmethod
    def why_gone(cls, ctx: Any, pk: int) -> Any:
        """The refusal for a row that has just gone out of the actor's sight; None where nothing may be told."""
        return None

    @classmethod
    def titled(cls, rows: models.QuerySet[Self], words: str) -> models.QuerySet[Self]:
        """Rows that people know by exactly these words."""
        return rows.filter(**{cls.about.title_name: words})

    def fill_sort_key(self) -> None:
        """The key by which lists order titles, Chinese by its reading."""
        source = self._meta.get_field(self.about.title_name)
        if not source.is_relation:
            title = str(getattr(self, source.name) or "")
            self.sort_key = text.sort_key(title, person=isinstance(source, f.PersonName))


def object_name(model: type[models.Model] | models.Model) -> str:
    """The name of an object everywhere: ``sales.quote``."""
    return model._meta.label_lower
