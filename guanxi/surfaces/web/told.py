"""The account in a person's words: what was done, and why the system did it in somebody's place."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy, gettext_noop

from guanxi.kernel.actions import verb_of
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused

#: Verbs of every object and of people's own doings, told as a person would, each with its icon.
VERBS: dict[str, tuple[Any, str]] = {
    "create": (gettext_lazy("created this"), "plus"),
    "update": (gettext_lazy("changed"), "pencil"),
    "delete": (gettext_lazy("moved this to the recycle bin"), "trash"),
    "restore": (gettext_lazy("brought this back"), "restore"),
    "assign": (gettext_lazy("transferred this"), "user-share"),
    "share": (gettext_lazy("shared this"), "users"),
    "import": (gettext_lazy("imported this"), "table-import"),
    "undo": (gettext_lazy("took back a change"), "arrow-back-up"),
    "merge": (gettext_lazy("merged records into this"), "git-merge"),
    "reveal": (gettext_lazy("looked at a masked value"), "eye"),
    "export": (gettext_lazy("exported this"), "download"),
    "print": (gettext_lazy("printed this"), "printer"),
    "sign_in": (gettext_lazy("signed in"), "lock"),
    "sign_out": (gettext_lazy("signed out"), "logout"),
    "sign_in_failed": (gettext_lazy("could not sign in"), "alert-triangle"),
    "password": (gettext_lazy("chose a new password"), "lock"),
    "view_as": (gettext_lazy("looked through somebody's eyes"), "eye"),
    "view_as_stop": (gettext_lazy("stopped looking through somebody's eyes"), "eye"),
    "set_up": (gettext_lazy("set the program up"), "settings"),
    "join": (gettext_lazy("accepted the invitation"), "user"),
    "arrange": (gettext_lazy("arranged a page"), "adjustments-horizontal"),
    "differs": (gettext_lazy("found a difference"), "alert-triangle"),
}
#: Why the system's own rights were used, as far as it stands in the account of a usual day.
REASONS = frozenset({
    gettext_noop("a person chose a language"), gettext_noop("the activity types every company starts with"),
    gettext_noop("the lead is converted"), gettext_noop("the lists every company starts with"),
    gettext_noop("the roles every company starts with"), gettext_noop("what selling starts with"),
    gettext_noop("records know when they were followed up"), gettext_noop("a series changes"),
    gettext_noop("the stage is removed"), gettext_noop("the role is withdrawn"), gettext_noop("activities go along"),
    gettext_noop("saved view"), gettext_noop("home page"), gettext_noop("set-up"), gettext_noop("sample company"),
    gettext_noop("first sign-in"), gettext_noop("view as"), gettext_noop("import"), gettext_noop("the limits of the pool"),
})


def tell(model: type[Record], word: str) -> tuple[str, str]:
    """A verb of the account in a person's words, and its icon."""
    if word in VERBS:
        return str(VERBS[word][0]), VERBS[word][1]
    try:
        action = verb_of(model, word)
    except Refused:
        return word.replace("_", " "), "history"
    return str(action.label), action.icon


def reason(words: str) -> str:
    """Why something was done: a person's own words as they are, the system's in the reader's language."""
    return gettext(words) if words in REASONS else words
