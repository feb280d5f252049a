"""What an administrator does with the product as a whole: taking the sample company away."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org import setup
from guanxi.apps.org.models import Company
from guanxi.common import talk
from guanxi.kernel.api import Ctx, action, every, job
from guanxi.site.backup import work
from guanxi.site.demo import remove
from guanxi.site.seed import seed_all

setup.at_set_up(seed_all)


def _is_there(_company: Company) -> bool | str:
    return remove.loaded() is not None or str(_("There is no sample company."))


@action(_("Remove the sample company"), verb="remove_sample", right="update", where=_is_there, icon="trash", danger=True)
def remove_sample_company(ctx: Ctx, company: Company) -> None:
    """Take away the sample company with its people; what you added or changed since stays."""
    ctx.later(remove_sample)


@job(retries=0)
def remove_sample(ctx: Ctx) -> None:
    """It takes some seconds, so it is done in the background; whoever asked is told what stayed."""
    done = remove.remove(ctx)
    titles = ", ".join(title for _kind, title, _why in done.stayed[:8])
    note = str(_("The sample company is gone."))
    if titles:
        note = str(_("The sample company is gone. Stays: %(titles)s") % {"titles": titles})
    talk.notify(ctx, [ctx.user_id], talk.Notification.Kind.DONE, note=note)


@every(cron="30 2 * * *", name="site.backup", retries=2)
def back_up(_ctx: Ctx) -> None:
    """A backup every night, proved at once by restoring it into a place of its own; GUANXI_BACKUPS=0 for none."""
    if settings.GUANXI_BACKUPS:
        work.verify(work.take())
        work.thin_out(settings.GUANXI_BACKUPS)
