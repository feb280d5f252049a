"""The objects of customers and contacts."""

from guanxi.apps.parties.models.contact import Contact, Employment
from guanxi.apps.parties.models.customer import Customer
from guanxi.apps.parties.models.event import CustomerEvent
from guanxi.apps.parties.models.masters import CustomerLevel, Industry, RelationType, Source
from guanxi.apps.parties.models.profile import BankAccount, BusinessYear, Shareholder
from guanxi.apps.parties.models.promise import Promise
from guanxi.apps.parties.models.recognised import Identity, Recognised
from guanxi.apps.parties.models.relation import Relation, SocialRelation

__all__ = [
    "BankAccount", "BusinessYear", "Contact", "Customer", "CustomerEvent", "CustomerLevel", "Employment", "Identity",
    "Industry", "Promise", "Recognised", "Relation", "RelationType", "Shareholder", "SocialRelation", "Source",
]
