"""What one can do in the catalog; other apps take the verbs they listen to from here."""

from guanxi.apps.catalog.actions.category import distribution
from guanxi.apps.catalog.actions.price_list import copy_price_list
from guanxi.apps.catalog.actions.product import list_product, resume_product, retire_product

__all__ = ["copy_price_list", "distribution", "list_product", "resume_product", "retire_product"]
