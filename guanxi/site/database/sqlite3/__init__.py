"""SQLite as Django's settings name it."""
