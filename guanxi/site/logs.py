"""The lines of the log: one line per message, whatever signs the values in it hold."""

import logging
import re

#: Signs that begin a new line, move a terminal's cursor, or turn the reading direction.
_UNSEEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class OneLine(logging.Formatter):
    """Writes such signs as their codes, so that no value forges a line; the traceback below stays as it is."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), record.message)
        return super().formatMessage(record)
