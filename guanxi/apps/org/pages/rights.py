"""The role matrix, field rights, and the page that says why somebody may, or may not."""

import copy
import dataclasses
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.apps.org import rules
from guanxi.apps.org.actions import change_rights_role
from guanxi.apps.org.models import User
from guanxi.apps.org.tree import system
from guanxi.kernel.api import Ctx, Denied, Missing, Refused, facts, policy, registry
from guanxi.surfaces.web import addresses, base, panels

#: Verbs every object may have, in the order of the columns; further verbs of an object follow.
COMMON = ("view", "create", "update", "delete", "assign", "export", "import")
#: Up to so many people and objects, the difference is counted before it is saved.
COUNTED = 20


def things() -> list[rules.Thing]:
    """Every object that people have rights on."""
    found = []
    for model in registry.objects():
        about, own = model.about, registry.declared(model)
        if not about.verbs:
            continue
        verbs = [verb for verb in COMMON if verb in about.verbs or (verb == "assign" and about.scope == "owner")]
        if any(getattr(source, "personal", False) for source in model._meta.concrete_fields):
            verbs.append("reveal")
        verbs += [one.right for one in own.values() if one.right not in verbs]
        found.append(rules.Thing(policy.object_name(model), about.scope == "everyone", tuple(dict.fromkeys(verbs))))
    return found


def _administrator(request: Any) -> Ctx:
    ctx: Ctx = request.ctx
    if not ctx.rights.administrator:
        raise Denied(_("Only an administrator sees and changes rights."))
    return ctx


@base.page(methods=("GET",))
def index(request: Any) -> HttpResponse:
    """All roles, with how many people hold each."""
    ctx = _administrator(request)
    held: dict[int, int] = {}
    for role in ctx.find(policy.Holding).values_list("role_id", flat=True):
        held[role] = held.get(role, 0) + 1
    roles = [{"name": role.name, "note": role.note, "url": reverse("rights", args=(role.pk,)),
              "count": held.get(role.pk, 0), "administrator": role.administrator}
             for role in ctx.find(policy.Role).order_by("-administrator", "sort_key")]
    return base.render(request, "org/roles.html", {
        "title": _("Roles and rights"), "roles": roles, "new_url": addresses.new_url(policy.Role)})


@base.page
def matrix(request: Any, pk: int) -> HttpResponse:
    """What a role opens: object by verb, each with its reach. A change is shown before it is saved."""
    ctx = _administrator(request)
    role, known = ctx.get(policy.Role, pk), things()
    changes = _posted(request, role, known) if request.method == "POST" else {}
    if changes and request.POST.get("confirm") == "yes":
        grants = rules.rewrite(role.grants, known, changes)
        ctx.run(change_rights_role, role, version=base.posted_version(request), grants=grants)
        return base.done(request, _("The rights of “%(role)s” are changed.") % {"role": role.name},
                         to=reverse("rights", args=(role.pk,)))
    holders = list(system().find(User).filter(
        is_active=True, pk__in=ctx.find(policy.Holding).filter(role=role).values("user_id")))
    return base.render(request, "org/matrix.html", {
        "title": role.name, "role": role, "groups": _groups(role, known, changes), "holders": len(holders),
        "scopes": [(code, label) for code, label in policy.Scope.choices if code != "chosen"],
        "changes": _differences(role, known, changes, holders)})


def _posted(request: Any, role: policy.Role, known: list[rules.Thing]) -> dict[rules.Cell, str]:
    """The cells that were sent with another scope than the role has."""
    changes: dict[rules.Cell, str] = {}
    for thing in known:
        for verb in thing.verbs:
            sent = request.POST.get(f"{thing.name}:{verb}")
            if sent is None or sent == rules.reach(role.grants, thing, verb):
                continue
            if sent and sent not in policy.Scope.values:
                raise Refused(_("“%(scope)s” is no reach.") % {"scope": sent[:40]})
            changes[(thing.name, verb)] = sent
    return changes


def _groups(role: policy.Role, known: list[rules.Thing], changes: dict[rules.Cell, str]) -> list[dict[str, Any]]:
    """Objects by app, each with one select per verb."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for thing in known:
        model = registry.model_of(thing.name)
        cells = [{"name": f"{thing.name}:{verb}", "label": _verb_label(model, verb),
                  "scope": changes.get((thing.name, verb), rules.reach(role.grants, thing, verb)),
                  "changed": (thing.name, verb) in changes} for verb in thing.verbs]
        said = {mask["field"]: mask["level"] for mask in role.masks if mask["object"] == thing.name}
        usual = {one.name: policy.usual_mask(model, one.name).value for one in model._meta.concrete_fields}
        masked = sum(1 for level in {**usual, **said}.values() if level)
        groups.setdefault(str(model._meta.app_config.verbose_name), []).append({
            "label": str(model.about.many), "shared": thing.shared, "cells": cells, "masked": masked,
            "fields_url": reverse("field_rights", args=(role.pk, registry.slug(model)))})
    return [{"label": label, "things": rows} for label, rows in groups.items()]


def _verb_label(model: Any, verb: str) -> str:
    words = {"view": _("View"), "create": _("Create"), "update": _("Edit"), "delete": _("Delete"), "assign": _("Transfer"),
             "export": _("Export"), "import": _("Import"), "reveal": _("Reveal")}
    if verb in words:
        return words[verb]
    return next((str(one.label) for one in registry.declared(model).values() if one.right == verb), verb)


def _differences(role: policy.Role, known: list[rules.Thing], changes: dict[rules.Cell, str],
                 holders: list[User]) -> list[dict[str, Any]]:
    """Each change in words; for seeing, also how many pairs of person and record come and go, where that is cheap."""
    labels = dict(policy.Scope.choices)
    after = rules.rewrite(role.grants, known, changes)
    rows: list[dict[str, Any]] = []
    for (name, verb), scope in changes.items():
        model = registry.model_of(name)
        thing = next(one for one in known if one.name == name)
        before = rules.reach(role.grants, thing, verb)
        row: dict[str, Any] = {
            "what": f"{model.about.many}: {_verb_label(model, verb)}", "gained": None, "lost": None,
            "old": labels.get(before, _("nobody's")), "new": labels.get(scope, _("nobody's"))}
        if verb == "view" and len(holders) <= COUNTED and len(rows) < COUNTED:
            row["gained"], row["lost"] = _pairs(role, after, model, holders)
        rows.append(row)
    return rows


def _pairs(role: policy.Role, after: list[rules.Grant], model: Any, holders: list[User]) -> tuple[int, int]:
    """How many pairs of holder and record come and go with the new grants."""
    gained = lost = 0
    for user in holders:
        now, then = Ctx(user=user), Ctx(user=user)
        roles = [copy.copy(held) for held in now.rights.roles]
        for held in roles:
            if held.pk == role.pk:
                held.grants = after
        then.rights = dataclasses.replace(now.rights, roles=roles, cache={}, known={})
        difference = then.find(model).count() - now.find(model).count()
        gained, lost = gained + max(difference, 0), lost + max(-difference, 0)
    return gained, lost


@base.page
def field_rights(request: Any, pk: int, slug: str) -> HttpResponse:
    """What a role sees of each field of an object: all, read-only, masked or nothing."""
    ctx = _administrator(request)
    role, model = ctx.get(policy.Role, pk), registry.model_of(slug)
    name = policy.object_name(model)
    views = [view for view in facts.fields(model, ctx) if not view.secret and view.kind != "json"]
    usual = {view.key: policy.usual_mask(model, view.key).value for view in views}
    if request.method == "POST":
        levels = {view.key: request.POST.get(view.key, "") for view in views}
        masks = rules.remask(role.masks, name, levels, usual)
        ctx.run(change_rights_role, role, version=base.posted_version(request), masks=masks)
        return base.done(request, _("The field rights of “%(role)s” are changed.") % {"role": role.name},
                         to=reverse("rights", args=(role.pk,)))
    levels = {mask["field"]: mask["level"] for mask in role.masks if mask["object"] == name}
    return base.render(request, "org/fields.html", {
        "title": f"{role.name} · {model.about.many}", "role": role, "levels": policy.Mask.choices,
        "fields": [{"key": view.key, "label": view.label, "level": levels.get(view.key, usual[view.key]),
                    "sensitive": bool(usual[view.key])} for view in views],
        "back": reverse("rights", args=(role.pk,))})


@base.page(methods=("GET",))
def why(request: Any, slug: str, pk: int) -> HttpResponse:
    """Why may somebody use a verb on a record, or why not? Everybody may ask for themselves."""
    ctx: Ctx = request.ctx
    model = registry.model_of(slug)
    if "view" not in model.about.verbs:
        raise Missing(_("This page does not exist."))
    asked = base.number(request, "user", ctx.user_id)
    if asked != ctx.user_id and not ctx.rights.administrator:
        raise Denied(_("Only an administrator may ask for somebody else."))
    record = ctx.get(model, pk)
    user = ctx.get(User, asked) if asked != ctx.user_id else ctx.user
    verb = base.param(request, "verb", "view")
    thing = next((one for one in things() if one.name == policy.object_name(model)), None)
    verbs = thing.verbs if thing else ("view",)
    if verb not in verbs:
        raise Refused(_("%(object)s has no action “%(verb)s”.") % {"object": model.about.one, "verb": verb[:60]},
                      field="verb")
    theirs = Ctx(user=user, via="page")
    answer = theirs.may(verb, record) if user.is_active else policy.Answer(False, _("This person is deactivated."))
    return base.render(request, "org/why.html", {
        "title": _("Why may somebody?"), "record": record, "record_url": addresses.record_url(model, record.pk),
        "person": user, "verb": verb, "verb_label": _verb_label(model, verb), "answer": answer,
        "verbs": [(one, _verb_label(model, one)) for one in verbs],
        "people": list(ctx.find(User).filter(is_active=True).order_by("sort_key").values_list("pk", "name"))
        if ctx.rights.administrator else [],
        "reasons": policy.why(theirs, model, verb, record) if user.is_active else []})


@panels.panel("matrix", on=policy.Role, order=10)
def role_panel(ctx: Ctx, role: policy.Role, request: Any) -> dict[str, Any] | None:
    """The way from a role to its rights."""
    if not ctx.rights.administrator:
        return None
    return {"title": _("Rights"), "icon": "shield-check", "rows": [
        {"title": _("What this role may do"), "url": reverse("rights", args=(role.pk,))}]}
