"""What selling starts with: the ten stages, reasons, sources, a resource library and a pool; all of it can be changed."""

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.org.models import Company
from guanxi.apps.parties.models import Source
from guanxi.apps.sales.models import CloseReason, Library, Pipeline, Pool, Stage
from guanxi.kernel.api import Ctx

P = Stage.Phase
#: key, name, probability, phase
STAGES = (
    ("first_contact", pgettext_lazy("stage", "First contact"), 5, P.FOUNDING),
    ("interest", pgettext_lazy("stage", "Interest shown"), 15, P.FOUNDING),
    ("decision_maker", pgettext_lazy("stage", "Met the project decision maker"), 30, P.FOUNDING),
    ("needs", pgettext_lazy("stage", "Needs drawn out"), 40, P.PROPOSAL),
    ("solution", pgettext_lazy("stage", "Solution submitted"), 50, P.PROPOSAL),
    ("demonstration", pgettext_lazy("stage", "Demonstration"), 60, P.EVALUATION),
    ("evaluation", pgettext_lazy("stage", "Solution evaluated and revised"), 70, P.EVALUATION),
    ("verbal", pgettext_lazy("stage", "Verbal agreement"), 80, P.NEGOTIATION),
    ("negotiation", pgettext_lazy("stage", "Contract negotiation"), 90, P.NEGOTIATION),
    ("signed", pgettext_lazy("stage", "Contract signed"), 100, P.SIGNING),
)
REASONS = (
    ("win_fit", "win", _("Our solution fits best")), ("win_price", "win", _("Our price")),
    ("win_trust", "win", _("Trust in us")), ("win_service", "win", _("Our service")),
    ("win_coach", "win", _("A coach helped us")), ("loss_price", "loss", _("Price too high")),
    ("loss_fit", "loss", _("Functions do not fit")), ("loss_rival", "loss", _("A competitor was better placed")),
    ("loss_budget", "loss", _("No budget")), ("loss_cancelled", "loss", _("Project cancelled")),
    ("loss_contact", "loss", _("No access to the decision maker")), ("lead_need", "lead", _("No need")),
    ("lead_reach", "lead", _("Cannot be reached")), ("lead_false", "lead", _("False data")),
    ("lead_budget", "lead", _("No money for it")), ("lead_rival", "lead", _("Bought elsewhere")),
)
SOURCES = (_("Web enquiry"), _("Telephone enquiry"), _("E-mail enquiry"), _("Visit to us"), _("Service request"),
           _("Marketing campaign"), _("Trade fair"), _("Recommendation"), _("Own research"))


def seed(ctx: Ctx) -> Pipeline:
    """Create what does not exist yet; what somebody renamed, changed or deleted stays as it is."""
    system = ctx.as_system("what selling starts with")
    company = system.find(Company).first()
    language = company.language if company else translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(language), system.door("sales.seed"):
        pipeline: Pipeline = _once(system, Pipeline, [
            {"key": "standard", "name": _("Standard pipeline"), "default": True, "position": 1}])["standard"]
        _once(system, Stage, _stages(pipeline))
        _once(system, CloseReason, [{"key": key, "kind": kind, "name": name, "position": place * 10}
                                    for place, (key, kind, name) in enumerate(REASONS, 1)])
        _once(system, Library, [{"key": "library", "name": _("Resource library"), "default": True}])
        _once(system, Pool, [{"key": "pool", "name": _("Public pool"), "everybody": True, "default": True,
                              "daily_claims": 20, "holding_limit": 100, "cooldown_days": 7}])
        _sources(system)
    return pipeline


def _stages(pipeline: Pipeline) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for place, (key, name, probability, phase) in enumerate(STAGES, 1):
        kind = Stage.Kind.WON if key == "signed" else Stage.Kind.OPEN
        rows.append({"key": key, "name": name, "probability": probability, "phase": phase, "kind": kind,
                     "position": place * 10, "dwell_days": None if kind == Stage.Kind.WON else 30})
    rows.append({"key": "lost", "name": pgettext_lazy("stage", "Lost"), "probability": 0, "kind": Stage.Kind.LOST,
                 "position": 1000})
    return [{**row, "pipeline": pipeline} for row in rows]


def _once(system: Ctx, model: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows that are not there yet are made, all in one go; returns those that are there by key."""
    known = {one.key: one for one in (*system.binned(model), *system.find(model))}
    new = [model(**{**row, "name": str(row["name"]), "labels": _labels(row["name"])})
           for row in rows if row["key"] not in known]
    for record, refusal in system.save_all(new):
        if refusal is not None:
            raise refusal
        known[record.key] = record
    return known


def _labels(name: Any) -> dict[str, str]:
    """The name in every language of the product."""
    found = {}
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(name)
    return found


def _sources(system: Ctx) -> None:
    """Sources are shared with the customers; a name that stands there already is left alone."""
    known = set(system.find(Source).values_list("name", flat=True)) | set(
        system.binned(Source).values_list("name", flat=True))
    system.save_all([Source(name=str(name)) for name in SOURCES if str(name) not in known])
