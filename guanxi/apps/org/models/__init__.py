"""The objects of the organisation."""

from guanxi.apps.org.models.company import Company, Currency, Language
from guanxi.apps.org.models.department import Department, Membership, Position
from guanxi.apps.org.models.user import User

__all__ = ["Company", "Currency", "Department", "Language", "Membership", "Position", "User"]
