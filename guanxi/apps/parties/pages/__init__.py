"""The hand-made pages and cards of customers and contacts; they register themselves when loaded."""

from guanxi.apps.parties.pages import check, hints, imports, merge, panels

__all__ = ["check", "hints", "imports", "merge", "panels"]
