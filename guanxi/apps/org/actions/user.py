"""People come, change roles, leave and return."""

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.org.models import Company, Department, Membership, Position, User
from guanxi.apps.org.models.user import fresh_stamp
from guanxi.apps.org.tokens import INVITATION_DAYS, invitation
from guanxi.kernel.api import Ctx, Refused, action, f, job, policy, registry


def check_password(password: str, user: User) -> None:
    """Refuse a password that is short, common, only digits or like the person's own data."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error


@action(_("Invite"), icon="mail", on=User, inputs={
    "name": f.PersonName(pgettext_lazy("person", "Name"), max_length=80), "email": f.Email(_("E-mail"), blank=True),
    "phone": f.Phone(_("Phone"), blank=True), "role": _("Role"), "department": _("Department"),
    "position": _("Position"), "superior": _("Superior")})
def invite_user(ctx: Ctx, *, name: str, email: str = "", phone: str = "", role: policy.Role | None = None,
                department: Department | None = None, position: Position | None = None,
                superior: User | None = None) -> str:
    """Add a person and make a link by which they choose a password; it works once and without a mail server."""
    company = ctx.find(Company).first()
    user = User(name=name, email=email, phone=phone, superior=superior,
                language=company.language if company else "", time_zone=company.time_zone if company else "")
    user.set_unusable_password()
    ctx.save(user)
    if department is not None:
        ctx.save(Membership(user=user, department=department, position=position, main=True))
    if role is not None:
        ctx.save(policy.Holding(user=user, role=role))
    return _send(ctx, user)


def _send(ctx: Ctx, user: User) -> str:
    if user.email and settings.EMAIL_HOST:
        ctx.later(mail_invitation, user)
    return invitation(user)


@job()
def mail_invitation(ctx: Ctx, user: User) -> None:
    """Send the link by mail, made at that moment, so that no stored job holds a key."""
    with translation.override(user.language or translation.get_language()):
        send_mail(str(_("Your account at Guanxi")), str(_(
            "Hello %(name)s,\n\nopen this address within %(days)s days to choose a password and sign in:\n%(url)s\n")) % {
                "name": user.name, "days": INVITATION_DAYS, "url": f"{settings.GUANXI_PUBLIC_URL}{invitation(user)}"},
            None, [user.email])


def _has_not_joined(user: User) -> bool | str:
    return True if user.joined_at is None and user.is_active else str(_("This person has signed in already."))


@action(_("New invitation"), icon="mail", where=_has_not_joined, right="invite")
def reinvite_user(ctx: Ctx, user: User) -> str:
    """Make a new link for somebody who has not come in yet; the old one stops working."""
    user.session_stamp = fresh_stamp()
    ctx.save(user)
    return _send(ctx, user)


def still_owned(ctx: Ctx, user: User) -> list[tuple[Any, int]]:
    """What a person owns, by object: what should be handed over when they leave."""
    system = ctx.as_system("what a leaver still owns")
    counts = [(model, system.find(model).filter(owner=user).count()) for model in registry.objects()
              if model.about.scope == "owner"]
    return [(model.about, count) for model, count in counts if count]


def _is_active(user: User) -> bool | str:
    return user.is_active or str(_("This person is deactivated already."))


def _is_gone(user: User) -> bool | str:
    return not user.is_active or str(_("This person may sign in."))


@action(_("Deactivate"), icon="lock", danger=True, where=_is_active)
def deactivate_user(ctx: Ctx, user: User) -> list[tuple[str, int]]:
    """Refuse this person from now on, in every browser and program; their records stay theirs until handed over."""
    user.is_active, user.session_stamp = False, fresh_stamp()
    ctx.save(user)
    return [(str(about.many), count) for about, count in still_owned(ctx, user)]


@action(_("Reactivate"), icon="refresh", where=_is_gone)
def reactivate_user(ctx: Ctx, user: User) -> None:
    """Let this person sign in again, with the rights they had."""
    user.is_active = True
    ctx.save(user)


@action(_("Delete"), icon="trash", danger=True)
def delete_user(ctx: Ctx, user: User) -> None:
    """Remove somebody who was added by mistake; people who have worked here are deactivated instead."""
    if user.last_login is not None or still_owned(ctx, user):
        raise Refused(_("“%(person)s” has worked here: deactivate them, so that their work keeps its author.") % {
            "person": user}, record=user)
    if user.is_active:
        user.is_active, user.session_stamp = False, fresh_stamp()
        ctx.save(user)
    for holding in ctx.as_system("a deleted person holds no role").find(policy.Holding).filter(user=user):
        ctx.delete(holding)
    ctx.delete(user)


@action(_("Set password"), icon="lock", inputs={"password": f.Name(_("New password"), max_length=128, secret=True)})
def set_password_user(ctx: Ctx, user: User, *, password: str) -> None:
    """Give this person a new password; everything they are signed in with ends."""
    check_password(password, user)
    user.set_password(password)
    user.session_stamp = fresh_stamp()
    ctx.save(user)


@action(_("Give role"), icon="shield-check", inputs={"role": _("Role")})
def grant_user(ctx: Ctx, user: User, *, role: policy.Role) -> policy.Holding:
    """Give this person one more role."""
    return ctx.save(policy.Holding(user=user, role=role))


@action(_("Withdraw role"), icon="x", danger=True, inputs={"role": _("Role")})
def revoke_user(ctx: Ctx, user: User, *, role: policy.Role) -> None:
    """Take a role away from this person."""
    held = ctx.as_system("the role is withdrawn").find(policy.Holding).filter(user=user, role=role).first()
    if held is None:
        raise Refused(_("“%(person)s” does not hold “%(role)s”.") % {"person": user, "role": role}, field="role",
                      record=user)
    ctx.delete(held)
