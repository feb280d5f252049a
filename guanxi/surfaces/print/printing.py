"""Printing: gather what stands on a sheet, draw it in a process of its own, keep the PDF with the version."""

import base64
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.common.files import clean_name
from guanxi.kernel.api import Ctx, Denied, Refused, job
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.print import alone
from guanxi.surfaces.print.models import PrintedSheet, WordTemplate
from guanxi.surfaces.print.sheets import Language, Sheet

_ROOT = Path(__file__).resolve().parents[3]
_STYLE = Path(__file__).with_name("static") / "print" / "sheet.css"
REASON = "the sheet as it was printed"
#: Seconds after which a sheet that is still being drawn is given up.
PATIENCE = 90
#: All that the drawing process is told of ours: no key, no password, no address.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH")
#: How the language of a sheet is written in HTML, which also chooses between letter shapes of the same font.
_TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}


def language_of(wanted: str) -> str:
    """A language a sheet can be printed in. Refused where it is none."""
    if wanted not in Language.values:
        raise Refused(_("A sheet is printed in one of: %(languages)s.") % {"languages": ", ".join(Language.values)},
                      field="language")
    return wanted


def html(ctx: Ctx, record: Record, sheet: Sheet, language: str) -> str:
    """The sheet as a page of its own, in the language asked for."""
    with translation.override(language):
        values = sheet.gather(ctx, record)
        return render_to_string(sheet.template, {
            **values, "language": _TAGS[language], "style": _STYLE.read_text(encoding="utf-8"), "title": str(record)})


def allow(ctx: Ctx, record: Record, sheet: Sheet) -> None:
    """A sheet is for those who may read all that stands on it."""
    if label := sheet.withheld(ctx):
        raise Denied(_("“%(sheet)s” shows “%(field)s”, which is withheld from you.") % {
            "sheet": sheet.label, "field": label}, record=record)


def pdf(ctx: Ctx, record: Record, sheet: Sheet, language: str) -> bytes:
    """The PDF of this version of a record: drawn at the first time, the same file ever after."""
    allow(ctx, record, sheet)
    wanted, system = _wanted(record, sheet, language), ctx.as_system(REASON)
    kept = system.find(PrintedSheet).filter(**wanted).first()
    if kept is None:
        made = _draw("draw_pdf", {"html": html(ctx, record, sheet, language)})
        if ctx.read_only:
            return made
        kept = _keep(system, record, wanted, file=ContentFile(made, name="sheet.pdf"))
    return drawn(system, kept)


def hold(ctx: Ctx, record: Record, sheet: Sheet, language: str) -> PrintedSheet:
    """Take down, within an action, what stands on the sheet of this version.

    Drawing takes long and others wait for the transaction, so the file is drawn from this after the commit: by the
    worker, or for whoever wants it first.
    """
    allow(ctx, record, sheet)
    wanted, system = _wanted(record, sheet, language), ctx.as_system(REASON)
    kept = system.find(PrintedSheet).filter(**wanted).first()
    if kept is None:
        page = html(ctx, record, sheet, language).encode()
        kept = _keep(system, record, wanted, source=ContentFile(page, name="sheet.html"))
    return kept


def drawn(system: Ctx, kept: PrintedSheet) -> bytes:
    """The file of a sheet that was taken down or printed; it is drawn once."""
    if not kept.file:
        with kept.source.open("rb") as source:
            made = _draw("draw_pdf", {"html": source.read().decode()})
        if system.read_only:
            return made
        with system.door("print.printedsheet.draw"):
            kept = system.find(PrintedSheet).select_for_update(of=("self",), no_key=True).get(pk=kept.pk)
            if not kept.file:
                transaction.on_commit(partial(kept.source.storage.delete, str(kept.source.name)))
                kept.file, kept.source = ContentFile(made, name="sheet.pdf"), ""
                system.save(kept)
    with kept.file.open("rb") as file:
        return bytes(file.read())


@job()
def draw(ctx: Ctx, pk: int) -> None:
    """Draw what an action has taken down."""
    system = ctx.as_system(REASON)
    kept = system.find(PrintedSheet).filter(pk=pk, file="").first()
    if kept is not None:
        drawn(system, kept)


def _wanted(record: Record, sheet: Sheet, language: str) -> dict[str, Any]:
    return {"object_type": object_name(record), "object_id": record.pk, "record_version": record.version,
            "sheet": sheet.key, "language": language_of(language)}


def _keep(system: Ctx, record: Record, wanted: dict[str, Any], **content: ContentFile[bytes]) -> PrintedSheet:
    """Keep a sheet; where somebody else has just printed the same, theirs stands."""
    kept = PrintedSheet(**wanted, **content)
    try:
        with system.door("print.printedsheet.create"):
            system.save(kept)
            system.note(record, "print", inputs={"sheet": wanted["sheet"], "language": wanted["language"]})
    except Refused:
        found = system.find(PrintedSheet).filter(**wanted).first()
        if found is None:
            raise
        return found
    return kept


def docx(ctx: Ctx, record: Record, sheet: Sheet, template: WordTemplate) -> bytes:
    """A Word template filled with what stands on the sheet. Refused where it names what there is not."""
    allow(ctx, record, sheet)
    with translation.override(template.language), template.file.open("rb") as file:
        values = sheet.gather(ctx, record)
        packed = base64.b64encode(file.read()).decode()
    return _draw("draw_docx", {"template": packed, "values": values})


def check(ctx: Ctx, record: Record, sheet: Sheet, packed: bytes) -> None:
    """Try a Word template with a real record. Refused with the reason where it cannot be filled."""
    allow(ctx, record, sheet)
    _draw("draw_docx", {"template": base64.b64encode(packed).decode(), "values": sheet.gather(ctx, record)})


def name_of(record: Record, sheet: Sheet, ending: str) -> str:
    """The name of the file people get."""
    return clean_name(f"{sheet.label} {record}.{ending}")


def _draw(how: str, request: dict[str, Any]) -> bytes:
    """Draw in a process of its own, so that no sheet can take the server's time, memory or network."""
    command = [sys.executable, "-m", f"guanxi.surfaces.print.{how}"]
    body = json.dumps(request, ensure_ascii=False, default=str).encode()
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(command, input=body, capture_output=True, timeout=PATIENCE, cwd=_ROOT, env=env,  # noqa: S603
                              check=False)
    except subprocess.TimeoutExpired as error:
        raise Refused(_("The sheet took too long to draw and was given up.")) from error
    if done.returncode == alone.AT_FAULT:
        raise Refused(_fault(done.stderr.decode(errors="replace").strip().splitlines()[-1]), field="file")
    if done.returncode:
        words = done.stderr.decode(errors="replace")
        if "cannot load library" in words:
            raise Refused(_("PDF needs Pango: run apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 "
                            "fonts-noto-cjk."))
        raise Refused(_("The sheet could not be drawn: %(why)s") % {
            "why": (words.strip().splitlines() or [str(done.returncode)])[-1][:200]})
    return done.stdout


def _fault(words: str) -> str:
    """What is wrong with a Word template, for people."""
    kind, _colon, more = words.partition(": ")
    told = {
        "endless": _("The template does not come to an end: one of its loops is too long."),
        "too large": _("The Word file unpacks to more than 50 MB."),
        "no Word file": _("This is no Word file (.docx)."),
        "missing": _("The template names something that the sheet does not have: %(what)s"),
        "template": _("The template cannot be filled: %(what)s"),
    }
    return str(told.get(kind, told["template"])) % {"what": more or words}
