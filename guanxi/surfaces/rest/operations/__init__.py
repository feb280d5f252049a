"""What the interface answers: one generic set of operations for all objects.

Addresses with fixed words are loaded before those that end in an action of any name.
"""

from guanxi.surfaces.rest.operations import description, around, lists, compare, bulk, records, router  # noqa: I001

__all__ = ["around", "bulk", "compare", "description", "lists", "records", "router"]
