"""What one does with Word templates: upload one, tried on a real record before it is kept."""

from django.utils.translation import gettext_lazy as _

from guanxi.common import files
from guanxi.kernel.api import Ctx, Refused, action, f
from guanxi.surfaces.print import links, printing, sheets
from guanxi.surfaces.print.models import SheetLink, WordTemplate
from guanxi.surfaces.print.sheets import Language


@action(_("Close the link"), verb="close", where=lambda link: link.is_open, icon="link-off", danger=True)
def close_link(ctx: Ctx, link: SheetLink) -> None:
    """Nobody can read the sheet under this link any more."""
    links.close(ctx, link)


@action(_("New Word template"), on=WordTemplate, verb="upload", right="update", icon="upload", inputs={
    "name": f.Name(_("Name")), "object_type": f.Name(_("Object")), "language": f.Choice(Language, _("Language")),
    "file": f.File(_("Word file"))})
def upload_word_template(ctx: Ctx, *, name: str, object_type: str, language: str, file: object) -> WordTemplate:
    """Upload a Word file; it is tried on the newest record, so that a wrong field is told now and not when printing."""
    model = sheets.printable(object_type)
    clean, media = files.inspect(file)
    if not clean.lower().endswith(".docx"):
        raise Refused(_("This is no Word file (.docx)."), field="file")
    record = ctx.find(model).order_by("-pk").first()
    if record is not None:
        packed = file.read()  # type: ignore[attr-defined]
        file.seek(0)  # type: ignore[attr-defined]
        printing.check(ctx, record, sheets.sheets_of(model)[0], packed)
    template = WordTemplate(name=name, object_type=object_type, language=language, note=f"{clean} ({media})")
    template.file = file
    return ctx.save(template)
