"""What approvals keep: rules with their steps, requests with everybody asked, and who stands in for whom."""

from guanxi.surfaces.automation.models.delegation import Delegation
from guanxi.surfaces.automation.models.request import ApprovalRequest, ApprovalTask
from guanxi.surfaces.automation.models.rule import ApprovalRule, ApprovalStep

__all__ = ["ApprovalRequest", "ApprovalRule", "ApprovalStep", "ApprovalTask", "Delegation"]
