"""Keys that are sent to people: invitations and password resets. A new session mark makes all of them worthless."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing

from guanxi.apps.org.models import User
from guanxi.apps.org.tree import system

_SALT = "guanxi.org.invitation"
INVITATION_DAYS = 7


class ResetTokens(PasswordResetTokenGenerator):
    """Keys of reset mails; they die with the password, the address, the session mark and the right to sign in."""

    key_salt = "guanxi.org.reset"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_stamp}{user.is_active}{user.deleted_at}"


def invitation(user: User) -> str:
    """The path by which an invited person chooses a password, once."""
    return f"/invitation/{signing.dumps([user.pk, user.session_stamp], salt=_SALT)}"


def invited(key: str) -> User | None:
    """The person whom a key of an invitation lets in; None where it is used, too old or forged."""
    try:
        pk, stamp = signing.loads(key, salt=_SALT, max_age=INVITATION_DAYS * 86400)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return system().find(User).filter(pk=pk, session_stamp=stamp, is_active=True, joined_at=None).first()
