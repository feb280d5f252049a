"""PostgreSQL, with a compiler that remembers."""

from django.db.backends.postgresql import base, operations

from guanxi.site.database import selecting


class Operations(selecting.Operations, operations.DatabaseOperations):
    """Django's, but for the compiler of queries that read."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    ops_class = Operations
