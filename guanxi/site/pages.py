"""What the health page says of backups: the last one, and the last that was proved by restoring it."""

import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.apps.org.models import Company
from guanxi.kernel.api import Ctx
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


add_check(backups)
