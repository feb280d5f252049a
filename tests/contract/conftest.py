"""The firm of the apps' tests, for tests about all objects at once."""

from guanxi.apps.conftest import anonymous, person
from guanxi.apps.org.tests.standing import (
    administrator,
    colleague,
    firm,
    manager,
    other_salesperson,
    salesperson,
    standing,
)

__all__ = [
    "administrator", "anonymous", "colleague", "firm", "manager", "other_salesperson", "person", "salesperson",
    "standing"]
