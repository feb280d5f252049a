"""What a business app may import: the words of a declaration, and the parts of the kernel it may call."""

from django.db.models import Q

from guanxi.kernel import facts, finding, policy, registry
from guanxi.kernel import fields as f
from guanxi.kernel.about import About, Section
from guanxi.kernel.actions import action, after
from guanxi.kernel.context import Ctx
from guanxi.kernel.entries import Entry
from guanxi.kernel.jobs import job
from guanxi.kernel.policy import Answer, Scope
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Denied, Missing, Refused
from guanxi.kernel.schedules import covered, every

__all__ = [
    "About", "Answer", "Ctx", "Denied", "Entry", "Missing", "Q", "Record", "Refused", "Scope", "Section", "action",
    "after", "covered", "every", "f", "facts", "finding", "job", "policy", "registry"]
