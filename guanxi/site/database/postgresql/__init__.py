"""PostgreSQL as Django's settings name it."""
