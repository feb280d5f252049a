"""What the health page says of version and backups: do they fit, and what was proved by restoring it."""

import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi import __version__
from guanxi.apps.org.models import Company
from guanxi.kernel.api import Ctx
from guanxi.site import fit
from guanxi.site.backup import work
from guanxi.surfaces.web.health import Check, add_check

#: A backup, and a proof, are looked for in this time.
LATE = datetime.timedelta(hours=50)


def backups() -> Check:
    """Is there a fresh backup that has been restored once for proof?"""
    known = work.notes()
    figures = {what: known.get(what) for what in ("taken", "proved", "failed")}
    failed, proved = known.get("failed"), known.get("proved")
    if failed and (not proved or failed["at"] > proved["at"]):
        text = _("The backup %(file)s could not be restored for proof: %(why)s") % {
            "file": failed["file"], "why": failed["why"]}
        return Check("backup", False, text, figures)
    if not proved:
        company = Ctx(system=True, reason="how old the installation is").find(Company).first()
        young = company is None or timezone.now() - company.created_at < LATE
        return Check("backup", young or not settings.GUANXI_BACKUPS, _(
            "No backup has been taken yet: one is taken every night, or now by “guanxi backup”."), figures)
    text = _("The last backup that was restored for proof is %(file)s, %(day)s.") % {
        "file": proved["file"], "day": proved["at"][:10]}
    return Check("backup", work.age(proved["at"]) < LATE or not settings.GUANXI_BACKUPS, text, figures)


def schema() -> Check:
    """Does the database fit the program?"""
    found = fit.look()
    figures = {"version": __version__, "database": found.version, "missing": list(found.missing),
               "newer": list(found.unknown)}
    text = found.text or _("Version %(version)s, and the database fits it.") % {"version": __version__}
    if found.well and found.version and found.version != __version__:
        text = _("Version %(version)s; the database was last used by version %(database)s and fits it.") % figures
    return Check("schema", found.well, text, figures)


add_check(schema)
add_check(backups)
