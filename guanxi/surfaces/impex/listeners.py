"""Looks after exports whose process died: they are said to have failed, and can be asked for again."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.common import talk
from guanxi.common.lost import lost
from guanxi.kernel.api import Ctx, every
from guanxi.surfaces.impex.exporting import write_export
from guanxi.surfaces.impex.models import ExportRun

#: A file that somebody waits for is written in less than this.
PATIENCE = datetime.timedelta(minutes=10)


@every(cron="*/5 * * * *", name="impex.lost_exports")
def give_up(ctx: Ctx) -> None:
    """Every five minutes: an export that nobody writes any more has failed, and its owner hears of it."""
    waiting = ctx.find(ExportRun).filter(state=ExportRun.State.WAITING, created_at__lt=ctx.now - PATIENCE)
    for pk, why in lost(ctx, write_export, waiting.values_list("pk", flat=True)).items():
        with ctx.door("impex.exportrun.give_up"):
            run = waiting.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
            if run is not None:
                run.state, run.message, run.finished_at = ExportRun.State.FAILED, why, timezone.now()
                ctx.save(run)
                talk.notify(ctx, [run.owner_id], talk.Notification.Kind.REMINDER, None, _(
                    "Your export “%(file)s” failed: %(why)s Export again.") % {"file": run.file_name, "why": why})
