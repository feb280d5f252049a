"""A handful of screens in a real browser."""
