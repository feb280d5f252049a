"""How quick the product is, beside its floor: the same questions asked of the bare driver."""
