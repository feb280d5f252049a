"""What stops a command with one sentence."""


class Missing(Exception):
    """Something is missing; the message names it and its fix in one sentence."""
