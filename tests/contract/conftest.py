"""The firm of the apps' tests, for tests about all objects at once."""

from guanxi.apps.conftest import (
    administrator,
    anonymous,
    colleague,
    firm,
    manager,
    other_salesperson,
    person,
    salesperson,
)

__all__ = [
    "administrator", "anonymous", "colleague", "firm", "manager", "other_salesperson", "person", "salesperson"]
