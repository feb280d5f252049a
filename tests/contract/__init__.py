"""Contract tests: what every object and every action must keep, derived from the registry."""
