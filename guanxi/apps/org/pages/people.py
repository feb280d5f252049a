"""The staff directory, inviting people, and looking through another person's eyes."""

import secrets
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.apps.org.actions import invite_user, still_owned
from guanxi.apps.org.models import Department, Membership, Position, User
from guanxi.apps.org.pages.middleware import VIEW_AS
from guanxi.apps.org.tree import below
from guanxi.kernel.api import Ctx, Denied, Refused, facts, finding, policy, registry
from guanxi.surfaces.web import addresses, audiences, base, cells, panels
from guanxi.surfaces.web.cells import Item

PAGE = 60


@base.page(methods=("GET",))
def directory(request: Any) -> HttpResponse:
    """Everybody who works here: by name, pinyin, phone or department."""
    ctx: Ctx = request.ctx
    base.model_or_missing(request, "people")
    words, unit = base.param(request, "q"), base.number(request, "department")
    departments = list(ctx.find(Department).order_by("place", "sort_key", "id"))
    people = finding.select(ctx, User, typed=words).filter(is_active=True).order_by("sort_key", "id")
    if unit is not None:
        units = below([unit], [(one.pk, one.parent_id) for one in departments])
        people = people.filter(pk__in=ctx.find(Membership).filter(department__in=units).values("user_id"))
    page = Paginator(people, PAGE).get_page(base.param(request, "page") or 1)
    return base.render(request, "org/directory.html", {
        "title": _("Staff directory"), "words": words, "unit": unit, "tree": _tree(departments, unit),
        "people": _cards(ctx, list(page)), "page": page, "total": page.paginator.count,
        "can_invite": bool(ctx.may("invite", User)) and not ctx.read_only})


def _tree(departments: list[Department], chosen: int | None) -> list[dict[str, Any]]:
    """Departments in the order of the tree, each with its depth."""
    children: dict[int | None, list[Department]] = {}
    ids = {one.pk for one in departments}
    for one in departments:
        children.setdefault(one.parent_id if one.parent_id in ids else None, []).append(one)
    rows: list[dict[str, Any]] = []
    waiting = [(one, 0) for one in reversed(children.get(None, []))]
    while waiting:
        one, depth = waiting.pop()
        rows.append({"id": one.pk, "name": one.name, "depth": min(depth, 8), "chosen": one.pk == chosen})
        waiting += [(child, depth + 1) for child in reversed(children.get(one.pk, []))]
    return rows


def _cards(ctx: Ctx, people: list[User]) -> list[dict[str, Any]]:
    """What the reader may know of each: name, places of work, ways to reach."""
    views = {view.key: view for view in cells.named(User, ctx, ("title", "phone", "email"))}
    names = dict(ctx.find(Department).values_list("pk", "name"))
    posts = dict(ctx.find(Position).values_list("pk", "name"))
    places: dict[int, list[str]] = {}
    for user, unit, post in ctx.find(Membership).filter(user__in=people).order_by("-main", "id").values_list(
            "user_id", "department_id", "position_id"):
        places.setdefault(user, []).append(" · ".join(filter(None, (names.get(unit, ""), posts.get(post, "")))))
    return [{"name": one.name, "url": addresses.record_url(User, one.pk), "places": places.get(one.pk, []),
             **{key: view.text(view.raw(one)) for key, view in views.items()},
             "plain_phone": one.phone.partition(";")[0] if "phone" in views and not views["phone"].masked else ""}
            for one in people]


@base.page
def invite(request: Any) -> HttpResponse:
    """Add a colleague; the page shows the link to hand over, so no mail server is needed."""
    ctx: Ctx = request.ctx
    if answer := ctx.may("invite", User):
        items = [Item(view) for view in _inputs()]
    else:
        raise Denied(_("You may not invite people: %(reason)s") % {"reason": answer.reason})
    link, name, errors = "", "", []
    if request.method == "POST":
        given = {item.field.key: request.POST.get(item.field.key, "") for item in items}
        try:
            key = base.once(request)
            link = request.build_absolute_uri(ctx.run(invite_user, key=key, **given).value or "/directory")
            name = given["name"]
        except Refused as refusal:
            for item in items:
                item.value, item.errors = given[item.field.key], refusal.errors.get(item.field.key, [])
            errors = [] if any(item.errors for item in items) else [refusal.reason]
    return base.render(request, "org/invite.html", {
        "title": _("Invite a colleague"), "items": items, "form_errors": errors, "link": link, "name": name,
        "once": secrets.token_urlsafe(16)}, status=400 if request.method == "POST" and not link else 200)


def _inputs() -> tuple[facts.FieldView, ...]:
    return registry.declared(User)["invite"].inputs


@base.page(methods=("POST",))
def view_as(request: Any, pk: int) -> HttpResponse:
    """An administrator sees what somebody else sees; nothing can be changed, and both names are written down."""
    ctx: Ctx = request.ctx
    if not ctx.rights.administrator or ctx.real_user is not None:
        raise Denied(_("Only an administrator may look through another person's eyes."))
    user = ctx.get(User, pk)
    if not user.is_active or user.pk == ctx.user_id:
        raise Refused(_("Choose somebody else who may sign in."), record=user)
    Ctx(user=user, real_user=ctx.user, via="page", client=ctx.client).note(user, "view_as")
    request.session[VIEW_AS] = user.pk
    request.session.cycle_key()
    return HttpResponseRedirect("/")


@base.page(methods=("POST",))
def view_as_stop(request: Any) -> HttpResponse:
    """Back to one's own eyes."""
    ctx: Ctx = request.ctx
    if request.session.pop(VIEW_AS, None) is not None and ctx.real_user is not None:
        Ctx(user=ctx.user, real_user=ctx.real_user, via="page", client=ctx.client).note(ctx.user, "view_as_stop")
        request.session.cycle_key()
    return HttpResponseRedirect("/")


@panels.panel("rights", on=User, order=20, template="org/_person.html")
def person_panel(ctx: Ctx, user: User, request: Any) -> dict[str, Any] | None:
    """Roles of a person, what they still own once they are gone, and the way to look through their eyes."""
    if not ctx.rights.administrator:
        return None
    roles = ctx.find(policy.Role).filter(
        pk__in=ctx.find(policy.Holding).filter(user=user).values("role_id")).order_by("sort_key")
    owned = [] if user.is_active else [
        {"text": f"{count} {about.many}", "url": addresses.list_url(about.record, owner=user.pk)}
        for about, count in still_owned(ctx, user)]
    return {"title": _("Roles and rights"), "roles": [
        {"name": role.name, "url": reverse("rights", args=(role.pk,))} for role in roles], "owned": owned,
        "view_as_url": reverse("view_as", args=(user.pk,)) if user.is_active and user.pk != ctx.user_id else ""}


def _departments(ctx: Ctx) -> list[int]:
    """The departments somebody is in, and all above them: what is shown to a department is shown to those below."""
    def work_out() -> list[int]:
        keeper = ctx.as_system("departments of a person")
        above = dict(keeper.find(Department).values_list("pk", "parent_id"))
        waiting = list(keeper.find(Membership).filter(user_id=ctx.user_id).values_list("department_id", flat=True))
        found: set[int] = set()
        while waiting:
            if (one := waiting.pop()) not in found:
                found.add(one)
                waiting += [parent] if (parent := above.get(one)) else []
        return sorted(found)

    return list(ctx.remembered(("departments of", ctx.user_id), work_out))


audiences.group("department", gettext_lazy("Department"), lambda ctx: ctx.as_system("departments to choose from").find(
    Department).order_by("place", "sort_key", "id").values_list("pk", "name"), _departments)
