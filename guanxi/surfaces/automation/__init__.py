"""Automation: rules by which actions wait for the consent of others, and the place where it is given."""
