"""Pages of the organisation: signing in, the first visit, people, rights, and one's own settings."""

from guanxi.apps.org.pages import frame

__all__ = ["frame"]
