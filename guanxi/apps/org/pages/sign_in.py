"""Signing in: one box for e-mail, phone or user name; every attempt leaves a trace with the client's address."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.signals import user_logged_in
from allauth.core import context
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import User
from guanxi.apps.org.people import find_person
from guanxi.common.prepared import PERSON
from guanxi.kernel.api import Ctx, Refused


def let_in(request: HttpRequest, user: User) -> None:
    """Sign in somebody who has just chosen a password; it shows where one is signed in, like every other sign-in."""
    get_adapter().login(request, user)
    user_logged_in.send(sender=User, request=request, user=user)


def trace(request: HttpRequest | None, user: User | None) -> Ctx:
    """Who tries what from where, for the account of sign-ins."""
    client = request.META.get("REMOTE_ADDR", "") if request is not None else ""
    if request is not None and (acting := getattr(request, "ctx", None)) is not None:
        client = acting.client
    return Ctx(user=user, via="page", client=client)


class Backend(AuthenticationBackend):
    """Finds the person by whatever they typed into the one box."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = next((str(credentials[name]) for name in ("email", "username", "phone") if credentials.get(name)), "")
        user = find_person(login)
        return cast("User | None", self._check_password(user, credentials.get("password") or ""))

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session, with the mark by which their rights are known."""
        user: User | None = PERSON.row(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.is_active and user.deleted_at is None)


class SignIn(DefaultAccountAdapter):
    """What allauth asks about people: how they are found, what is written down, how a password is kept."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        **{f"{kind}_password_mismatch": _("This sign-in and password do not belong together.")
           for kind in ("email", "username", "phone")},
    }

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        ctx = trace(request, user)
        with ctx.door("org.user.sign_in"):
            if user.joined_at is None:
                fresh = ctx.as_system("first sign-in").get(User, user.pk)
                fresh.joined_at = ctx.now
                ctx.save(fresh)
            ctx.note(user, "sign_in")

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            trace(request, request.user).note(request.user, "sign_out")
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong attempt on an account says whose; one on no account shows no more than two letters of what was typed."""
        login = next((str(credentials[name]) for name in ("email", "username", "phone") if credentials.get(name)), "")
        user = find_person(login)
        ctx = trace(request, None)
        if user is not None:
            ctx.note(user, "sign_in_failed")
        else:
            ctx.note(User(name=f"{login[:2]}…"), "sign_in_failed")

    def reauthenticate(self, user: Any, password: str) -> bool:
        """The password once more, counted like every attempt."""
        login = user.email or user.phone or user.username
        found = self.authenticate(context.request, email=login, password=password)
        return bool(found is not None and found.pk == user.pk)

    def set_password(self, user: Any, password: str) -> None:
        """Through the one door: the change is in the account, covered; sessions elsewhere end."""
        ctx = trace(context.request, user).as_system("a person chose a new password")
        fresh = ctx.get(User, user.pk)
        if not fresh.is_active:
            raise Refused(_("This person is deactivated."), record=fresh)
        with ctx.door("org.user.password"):
            fresh.set_password(password)
            ctx.save(fresh)
            ctx.note(fresh, "password")
        user.password, user.version = fresh.password, fresh.version

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One counter per account, however its name is typed; neither a forged host nor spelling escapes it."""
        login = next((str(credentials[name]) for name in ("email", "username", "phone") if credentials.get(name)), "")
        user = find_person(login)
        return f"login:{user.pk}" if user is not None else f"login:{login.lower()}"
