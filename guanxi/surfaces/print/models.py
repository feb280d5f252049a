"""What has been printed, kept so that it comes out the same again; and the Word templates of a company."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.common import files
from guanxi.kernel import registry
from guanxi.kernel.api import About, Record, Refused, f
from guanxi.surfaces.print import sheets


class Language(f.Options):
    """The languages a sheet can be printed in."""

    SIMPLIFIED = "zh-hans", "简体中文"
    TRADITIONAL = "zh-hant", "繁體中文"
    ENGLISH = "en", "English"


class PrintedSheet(models.Model):
    """The PDF of one version of a record: made once, handed out again unchanged."""

    object_type = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    sheet = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    file = models.FileField(upload_to=files.stored_name, max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(
            fields=("object_type", "object_id", "version", "sheet", "language"), name="print_sheet_once")]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id} v{self.version} {self.sheet} {self.language}"


class WordTemplate(Record):
    """A Word file with {{fields}} and loops, filled with the values of a record."""

    name = f.Name(_("Name"))
    object_type = f.Name(_("Object"), max_length=80, help_text=_("As in addresses and the API: sales.quote."))
    language = f.Choice(Language, _("Language"))
    file = f.File(_("Word file"), upload_to=files.stored_name, max_length=200)
    is_active = f.Flag(_("Active"), default=True)
    note = f.Text(_("Note"))
    about = About(
        one=_("Word template"), many=_("Word templates"), icon="file-type-docx", area="settings", title=name,
        slug="word-templates", columns=(name, object_type, language, is_active), search=(name,), scope="everyone",
        filters=(object_type, language, is_active), form=((name, object_type), (language, is_active), (note,)),
        verbs=("view", "update", "delete"), order="sort_key", side=("history",))

    def prepare(self) -> None:
        model = registry.model_of(self.object_type) if self.object_type else None
        if model is None or not sheets.sheets_of(model):
            raise Refused(_("“%(object)s” cannot be printed.") % {"object": self.object_type}, field="object_type")
        self.object_type = model._meta.label_lower
