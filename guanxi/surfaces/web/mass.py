"""What can be done with chosen rows of a list, and with all it found."""

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import actions
from guanxi.kernel.actions import Action
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.question import Question

#: Derived verbs offered for many rows at once, in this order.
DERIVED = ("update", "assign", "delete")


def actions_of(asked: Question) -> list[dict[str, Any]]:
    """The commands of the bar that appears when rows are chosen."""
    if asked.ctx.read_only:
        return []
    found = [button(asked, action) for action in many(asked)]
    if may_export(asked):
        found.append({"key": "export", "label": _("Export"), "icon": "download", "danger": False, "help": _("Export"),
                      "url": f"{addresses.list_url(asked.model)}export"})
    return found


def many(asked: Question) -> list[Action]:
    """The actions this person may run on many rows: the usual ones first, those that delete last."""
    offered = [action for action in actions.actions_of(asked.model)
               if action.takes != "none" and action.verb != "restore" and (action.verb in DERIVED or not action.quiet)
               and asked.ctx.may(action.right, asked.model)]
    return sorted(offered, key=lambda action: (action.danger, DERIVED.index(action.verb) if action.verb in DERIVED else 1))


def button(asked: Question, action: Action) -> dict[str, Any]:
    return {"key": action.verb, "label": str(action.label), "icon": action.icon, "danger": action.danger,
            "help": action.help, "url": addresses.bulk_url(asked.model, action.verb)}


def object_actions(asked: Question) -> list[dict[str, Any]]:
    """Actions that take no record, such as drawing from a pool: they stand in the menu of the list."""
    if asked.ctx.read_only:
        return []
    return [button(asked, action) for action in actions.actions_of(asked.model)
            if action.takes == "none" and not action.quiet and asked.ctx.may(action.right, asked.model)]


def may_export(asked: Question) -> bool:
    return "export" in asked.model.about.verbs and bool(asked.ctx.may("export", asked.model))


def exports(asked: Question) -> list[dict[str, str]]:
    """Where everything found is handed over as a file."""
    if asked.moment is not None or not may_export(asked):
        return []
    return [{"label": _("Export these results"), "url": asked.below("export", all="1")}]
