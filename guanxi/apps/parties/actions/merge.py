"""Several customers or contacts become one: nothing is lost, and it can be taken back."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.actions.customer import refuse_ring
from guanxi.apps.parties.models import BankAccount, Contact, Customer, Employment
from guanxi.common import merging
from guanxi.kernel.api import Ctx, Record, Refused, action

#: More than this is a clean-up to be done in several steps.
MOST = 20


@action(_("Merge"), verb="merge", right="update", icon="arrows-join", danger=True, undo=True,
        inputs={"survivor": _("Keep")})
def merge_customers(ctx: Ctx, customers: list[Customer], *, survivor: Customer) -> None:
    """Everything that belongs to the chosen customers moves to the one that is kept; the others go to the bin."""
    merge_records(ctx, survivor, list(customers))


@action(_("Merge"), verb="merge", right="update", icon="arrows-join", danger=True, undo=True,
        inputs={"survivor": _("Keep")})
def merge_contacts(ctx: Ctx, contacts: list[Contact], *, survivor: Contact) -> None:
    """Everything that belongs to the chosen contacts moves to the one that is kept; the others go to the bin."""
    merge_records(ctx, survivor, list(contacts))


def merge_records(ctx: Ctx, survivor: Any, chosen: list[Any], picks: dict[str, int] | None = None) -> int:
    """Merge with the values picked field by field; returns the operation by which it is taken back."""
    others = [one for one in chosen if one.pk != survivor.pk]
    if not others:
        raise Refused(_("Choose at least two %(object)s to merge.") % {"object": type(survivor).about.many})
    if len(others) >= MOST:
        raise Refused(_("At most %(count)s can be merged at once.") % {"count": MOST})
    wanted = dict(picks or {})
    if isinstance(survivor, Customer):
        wanted.setdefault("parent_company", survivor.pk)
    with ctx.door(f"{survivor._meta.label_lower}.merge"):
        if ctx.operation_now is not None:
            return _merge(ctx, survivor, others, wanted, ctx.operation_now.pk)
        with ctx.operation("merge", _("Merge into %(record)s") % {"record": survivor}) as made:
            return _merge(ctx, survivor, others, wanted, made.pk)


def _merge(ctx: Ctx, survivor: Any, others: list[Any], picks: dict[str, int], operation: int) -> int:
    merging.merge(ctx, survivor, others, picks)
    system = ctx.as_system("after a merge")
    if isinstance(survivor, Customer):
        refuse_ring(ctx, system.get(Customer, survivor.pk))
        _only_one_main(ctx, system.find(BankAccount).filter(customer=survivor.pk, main=True))
    else:
        _only_one_main(ctx, system.find(Employment).filter(contact=survivor.pk, main=True))
    return operation


def _only_one_main(ctx: Ctx, rows: Any) -> None:
    """Of several main ones the oldest stays."""
    for row in list(rows.order_by("pk"))[1:]:
        row.main = False
        ctx.save(row)


def preview(ctx: Ctx, survivor: Record, others: list[Record]) -> dict[str, int]:
    """How many records of each kind will move."""
    return merging.preview(ctx, survivor, others)
