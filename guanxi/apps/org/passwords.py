"""What a password must be, in words of our own: the framework's sentence has no Chinese."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LongEnough(MinimumLengthValidator):
    """Refuses a password that is too short."""

    def get_error_message(self) -> str:
        """How long it must be."""
        return ngettext("This password is too short: it needs %(count)s character or more.",
                        "This password is too short: it needs %(count)s characters or more.",
                        self.min_length) % {"count": self.min_length}
