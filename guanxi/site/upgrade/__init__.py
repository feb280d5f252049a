"""Upgrades: what stands in the way, and bringing the database up to date with a way back."""
