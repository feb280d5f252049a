"""Every table of the kernel in one place, for Django; and what must be hooked up once the tables are known."""

from django.apps import apps
from django.core.checks import register
from django.db.models.signals import post_migrate

from guanxi.kernel import checks, custom_rules, engine_sql, verbs
from guanxi.kernel.custom import CustomField
from guanxi.kernel.door import Once
from guanxi.kernel.entries import ChainHead, Entry, Operation, StateChange
from guanxi.kernel.external import ExternalId, Redirect
from guanxi.kernel.job_rows import Attempt, Effect, Heartbeat, Job, Schedule
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.numbering import Counter
from guanxi.kernel.policy import Holding, Role, Share
from guanxi.kernel.search_index import SearchDoc
from guanxi.kernel.stamps import Stamp

__all__ = [
    "Attempt",
    "ChainHead",
    "Counter",
    "CustomField",
    "Effect",
    "Entry",
    "ExternalId",
    "Heartbeat",
    "Holding",
    "Job",
    "MatchKey",
    "Once",
    "Operation",
    "Redirect",
    "Role",
    "Schedule",
    "SearchDoc",
    "Share",
    "Stamp",
    "StateChange",
    "custom_rules",
    "verbs",
]

register(checks.check_objects, "guanxi")
post_migrate.connect(engine_sql.ensure, sender=apps.get_app_config("kernel"), dispatch_uid="guanxi.kernel.sql")
