"""The arithmetic of selling: deals and pools; that of quotes stands in ``quotes``."""

from guanxi.apps.sales.rules.deals import (
    Stay,
    claims_left,
    closed_probability,
    free_again,
    missing_influences,
    stays,
    weighted,
)

__all__ = ["Stay", "claims_left", "closed_probability", "free_again", "missing_influences", "stays", "weighted"]
