"""Recognised: what customers, contacts and leads have in common — they can be the same company or person twice."""

from typing import Any

from guanxi.apps.parties.rules.identity import Identity, block_keys

__all__ = ["Identity", "Recognised"]


class Recognised:
    """Mixed into a Record that takes part in the duplicate check. It says by what it is known."""

    @property
    def identity(self) -> Identity:
        """What is known about the company or person."""
        raise NotImplementedError

    @property
    def aliases(self) -> tuple[Identity, ...]:
        """Other names it goes by."""
        return ()

    @property
    def standing(self) -> Any:
        """Its state in a word, for people who may not open it."""
        return ""

    def match_keys(self) -> set[str]:
        """Keys by which the same company or person is found again."""
        return set().union(*(block_keys(one) for one in (self.identity, *self.aliases)))
