"""The one router of all operations: an address with several methods is one view."""

from ninja import Router

router = Router()
