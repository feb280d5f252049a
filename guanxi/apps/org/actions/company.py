"""Beginning: which door was taken, and hiding the first steps."""

from django.core.management import call_command, get_commands
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Company
from guanxi.kernel.api import Ctx, Refused, action, job


@action(_("Begin"), right="update", quiet=True)
def begin_company(ctx: Ctx, company: Company) -> None:
    """Choose to start with what is there."""
    company.begun = True
    ctx.save(company)


@action(_("Load the sample company"), right="update", quiet=True)
def load_sample_company(ctx: Ctx, company: Company) -> None:
    """Fill the system with a sample company to look around in."""
    if "demo" not in get_commands():
        raise Refused(_("This installation brings no sample company. Start empty, or import your customers."))
    company.begun = True
    ctx.save(company)
    ctx.later(load_sample)


@job(retries=0)
def load_sample(ctx: Ctx) -> None:
    """The sample company takes a while, so it is loaded in the background."""
    call_command("demo", "load")


@action(_("Hide the first steps"), right="update", quiet=True)
def hide_steps_company(ctx: Ctx, company: Company) -> None:
    """Take the first steps off the home page."""
    company.first_steps_hidden = True
    ctx.save(company)
