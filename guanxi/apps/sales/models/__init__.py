"""The objects of sales; other apps take them from here."""

from guanxi.apps.sales.models.competitor import Competitor
from guanxi.apps.sales.models.influence import OpportunityCompetitor, OpportunityContact, OpportunityMember
from guanxi.apps.sales.models.lead import Lead
from guanxi.apps.sales.models.master import CloseReason, Library
from guanxi.apps.sales.models.opportunity import Opportunity
from guanxi.apps.sales.models.pipeline import Pipeline, Stage, stages_now
from guanxi.apps.sales.models.pool import Pool, PoolMember, PoolMove
from guanxi.apps.sales.models.prospect import Prospect
from guanxi.apps.sales.models.quote import Quote
from guanxi.apps.sales.models.quote_line import QuoteLine

__all__ = [
    "CloseReason", "Competitor", "Lead", "Library", "Opportunity", "OpportunityCompetitor", "OpportunityContact",
    "OpportunityMember", "Pipeline", "Pool", "PoolMember", "PoolMove", "Prospect", "Quote", "QuoteLine", "Stage",
    "stages_now"]
