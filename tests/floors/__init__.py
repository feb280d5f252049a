"""The building code: what every file of the product must keep, and proof that the checkers notice a violation."""
