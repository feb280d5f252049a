"""The first visit: a secret printed beside the address, the first administrator, and the steps that follow."""

import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.actions.user import check_password
from guanxi.apps.org.models import Company, Department, User
from guanxi.apps.org.seed import seed
from guanxi.apps.org.tree import system
from guanxi.kernel.api import Ctx, Missing, Refused, f, policy, registry
from guanxi.kernel.api import facts as kernel_facts


def _file() -> Path:
    return Path(settings.DATA_DIR) / "setup_token"


def needed() -> bool:
    """Is nobody there yet? Once somebody was, even in the recycle bin, the answer is no for ever."""
    ctx = system()
    return not ctx.find(User).exists() and not ctx.binned(User).exists() and not ctx.find(Company).exists()


def token() -> str:
    """The secret of the set-up page: made once, kept in a file that only the owner of this installation reads."""
    place = _file()
    with (contextlib.suppress(FileExistsError),  # made by a start before this one
          os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle):
        handle.write(secrets.token_urlsafe(24))
    return place.read_text(encoding="utf-8").strip()


def fits(given: str) -> bool:
    """Is this the secret, and is it still good for something?"""
    return bool(given) and needed() and secrets.compare_digest(given.encode(), token().encode())


_beginnings: list[Callable[[Ctx], object]] = []


def at_set_up(begin: Callable[[Ctx], object]) -> None:
    """Called once at start by who knows the apps above: what else a new company starts with."""
    _beginnings.append(begin)


def set_up(ctx: Ctx, *, company: str, name: str, login: str, password: str, language: str, time_zone: str,
           currency: str) -> User:
    """The company and its first administrator, in one transaction that only one of two people can win."""
    ctx = ctx.as_system("set-up")
    with ctx.door("org.company.set_up"):
        if not needed():
            raise Missing(_("This page does not exist."))
        made = _company(ctx, name=company, language=language, time_zone=time_zone, currency=currency)
        key = "email" if "@" in login else "phone"
        user = User(name=name, language=language, time_zone=time_zone)
        try:
            setattr(user, key, User._meta.get_field(key).parse(login))  # type: ignore[union-attr]
        except ValueError as error:
            raise Refused(str(error), field="login") from error
        check_password(password, user)
        user.set_password(password)
        ctx.save(user)
        ctx.save(Department(name=made.name))
        ctx.save(policy.Holding(user=user, role=seed(ctx)["administrator"]))
        with translation.override(language):  # the seeded lists speak the company's language
            for begin in _beginnings:
                begin(ctx)
    transaction.on_commit(lambda: _file().unlink(missing_ok=True))
    return user


def _company(ctx: Ctx, **values: Any) -> Company:
    """Two set-ups at the same moment meet at the company, of which there is one."""
    try:
        return ctx.save(Company(**values))
    except Refused as refusal:
        if "only" in refusal.errors or ctx.find(Company).exists():
            raise Missing(_("This page does not exist.")) from refusal
        raise


def question(key: str, label: Any, *, kind: str = "name", help: str = "", choices: list[tuple[str, Any]] | None = None,
             required: bool = True) -> kernel_facts.FieldView:
    """One control of a form that belongs to no object."""
    source = f.Name(label)
    source.set_attributes_from_name(key)
    return kernel_facts.FieldView(
        key=key, label=str(label), kind="choice" if choices else kind, source=source, required=required, help=help,
        choices=[(code, str(words), "") for code, words in choices or ()], max_length=200)


# the first steps ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One thing to do first; ``done`` looks whether it has been done."""

    label: Any
    url: str
    done: Callable[[Ctx], bool]


def _some(name: str, at_least: int = 1) -> Callable[[Ctx], bool]:
    """Are there records of an object, if this installation has the object?"""
    def look(ctx: Ctx) -> bool:
        model = registry.model_of(name)
        return len(ctx.find(model).values_list("pk", flat=True)[:at_least]) == at_least
    return look


def _described(ctx: Ctx) -> bool:
    company = ctx.find(Company).first()
    return bool(company and company.short_name)


def steps() -> list[Step]:
    """Six steps; those of apps that are not installed are left out."""
    known = {policy.object_name(model): registry.slug(model) for model in registry.objects()}
    wanted = [
        (_("Give your company a short name and check its currency"), "org.company", "", _described),
        (_("Draw your departments"), "org.department", "", _some("org.department", 2)),
        (_("Invite a colleague"), "org.user", "/people/invite", _some("org.user", 2)),
        (_("Bring in your customers"), "parties.customer", "import", _some("parties.customer")),
        (_("Write down your first deal"), "sales.opportunity", "new", _some("sales.opportunity")),
        (_("Log your first follow-up"), "work.activity", "new", _some("work.activity")),
    ]
    return [Step(label, page if page.startswith("/") else f"/{known[name]}/{page}", done)
            for label, name, page, done in wanted if name in known]
