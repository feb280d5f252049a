"""What has been printed, kept so that it comes out the same again; and the Word templates of a company."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.common import files
from guanxi.kernel.api import About, Record, f
from guanxi.kernel.records import object_name
from guanxi.surfaces.print import sheets
from guanxi.surfaces.print.sheets import Language


class PrintedSheet(Record):
    """The PDF of one version of a record: made once, handed out again unchanged."""

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    object_id = f.Integer(_("Record"), computed=True)
    record_version = f.Integer(_("Version"), computed=True)
    sheet = f.Name(_("Sheet"), max_length=40, computed=True)
    language = f.Choice(Language, _("Language"), computed=True)
    #: What stands on it, taken down with the action that asked for it; gone once the file is drawn from it.
    source = f.File(_("Content"), upload_to=files.stored_name, max_length=200, blank=True, computed=True)
    file = f.File(_("File"), upload_to=files.stored_name, max_length=200, blank=True, computed=True)
    about = About(one=_("printed sheet"), many=_("printed sheets"), icon="printer", area="", title=sheet, verbs=(),
                  scope="everyone", side=())

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("object_type", "object_id", "record_version", "sheet", "language"), name="print_sheet_once")]


class WordTemplate(Record):
    """A Word file with fields in double braces and with loops, filled with the values of a record."""

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
        self.object_type = object_name(sheets.printable(self.object_type))


class SheetLink(Record):
    """An address under which a customer reads one version of a sheet: until a day, with a passcode if one is set."""

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    object_id = f.Integer(_("Record"), computed=True)
    title = f.Name(_("Title"), computed=True)
    record_version = f.Integer(_("Version"), computed=True)
    sheet = f.Name(_("Sheet"), max_length=40, computed=True)
    language = f.Choice(Language, _("Language"), computed=True)
    nonce = f.Name(_("Key"), max_length=40, computed=True, secret=True)
    passcode = f.Name(_("Passcode"), blank=True, max_length=200, computed=True, secret=True)
    until = f.Day(_("Valid until"))
    is_open = f.Flag(_("Open"), default=True, computed=True)
    views = f.Integer(_("Times read"), default=0, computed=True)
    last_view_at = f.Moment(_("Last read"), null=True, computed=True)
    about = About(
        one=_("link for a customer"), many=_("links for customers"), icon="link", area="", title=title, slug="sheet-links",
        columns=(title, language, until, is_open, views, last_view_at, "owner"), filters=(is_open, until, "owner"),
        form=((until,),), verbs=("view",), order="-id", side=("history",))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("object_type", "object_id", "id"), name="print_link_object")]


class LinkView(Record):
    """Somebody opened a link, or tried to: when, from where, and whether they were let in."""

    link = f.Link(SheetLink, _("Link"), on_delete=models.CASCADE)
    client = f.Name(_("From where"), max_length=60, blank=True, computed=True)
    let_in = f.Flag(_("Let in"), computed=True)
    about = About(one=_("look at a link"), many=_("looks at links"), icon="eye", area="", title=client, parent=link,
                  slug="link-views", columns=(link, "created_at", client, let_in), filters=(link, let_in, "created_at"),
                  verbs=("view",), order="-id", side=())
