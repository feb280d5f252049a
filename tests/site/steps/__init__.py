"""A tiny app in two versions, to try upgrades with."""
