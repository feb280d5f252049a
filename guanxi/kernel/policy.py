"""Policy: who may do what to which rows and fields — compiled to one ``Q``, every answer with its reason."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property, lazy
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import fields as f
from guanxi.kernel import registry, stamps
from guanxi.kernel.about import About
from guanxi.kernel.fields import States
from guanxi.kernel.records import Record, object_name

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx


class Scope(States):
    """How far a grant reaches, from the narrowest to the widest."""

    OWN = "own", _("own")
    BELOW = "below", _("own and subordinates'")
    UNIT = "unit", _("own department's")
    BRANCH = "branch", _("own department's and below")
    CHOSEN = "chosen", _("chosen departments'")
    EVERYONE = "everyone", _("everyone's")


class Mask(States):
    """What a role takes away from a field."""

    NONE = "", _("none")
    READONLY = "readonly", _("read-only")
    MASKED = "masked", _("masked")
    HIDDEN = "hidden", _("hidden")


_SEVERITY = {level: rank for rank, level in enumerate(Mask.values)}
WITHHELD = (Mask.MASKED, Mask.HIDDEN)


class Role(Record):
    """A named set of rights. People hold any number of roles; their rights add up."""

    name = f.Name(_("Name"), unique=True)
    key = f.Name(_("Key"), blank=True, computed=True)
    note = f.Text(_("What it is for"))
    administrator = f.Flag(_("Administrator: may do everything"))
    grants = f.Json(_("Rights"), default=list)
    masks = f.Json(_("Field rights"), default=list)
    renews = True

    about = About(area="", one=_("role"), many=_("roles"), icon="shield-lock", title=name,
                  columns=(name, note, administrator), search=(name,), filters=(administrator,),
                  form=((name,), (administrator,), (note,)),
                  scope="everyone", order="sort_key", match=(name,), side=("history",))


class Holding(Record):
    """A person holds a role."""

    role = f.Link(Role, _("Role"))
    user = f.Link(settings.AUTH_USER_MODEL, _("Person"), related_name="holdings")
    renews = True

    about = About(area="", one=_("held role"), many=_("held roles"), icon="id-badge", title=role, columns=(user, role),
                  filters=(role, user), form=((user, role),), scope="everyone", side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("role", "user"), condition=Q(deleted_at=None), name="kernel_holding_once",
            violation_error_message=_("This person holds the role already."))]


class Share(Record):
    """A collaborator: one person may see, or also change, one record they do not own — for good or until a day."""

    class Level(States):
        READ = "read", _("may see")
        WRITE = "write", _("may change")

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    object_id = f.Integer(_("Record"), computed=True)
    user = f.Link(settings.AUTH_USER_MODEL, _("Person"))
    level = f.Choice(Level, _("Right"))
    until = f.Day(_("Until"), null=True, blank=True)
    renews = True

    about = About(area="", one=_("collaborator"), many=_("collaborators"), icon="users", title=user,
                  columns=(user, level, until), form=((user, level, until),), scope="everyone", side=(),
                  verbs=("view", "update", "delete"))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("user", "object_type"), name="kernel_share_user"),
                   models.Index(fields=("object_type", "object_id"), name="kernel_share_object")]
        constraints = [models.UniqueConstraint(
            fields=("object_type", "object_id", "user"), condition=Q(deleted_at=None), name="kernel_share_once",
            violation_error_message=_("This person is a collaborator already."))]


class Directory(Protocol):
    """What policy must know about the organisation; the organisation app provides it."""

    def subordinates(self, user_id: int) -> frozenset[int]:
        """Ids of everybody below the person in the line of superiors, without the person."""

    def colleagues(self, user_id: int, below: bool) -> frozenset[int]:
        """Ids of everybody in the person's departments, with ``below`` also in the departments under them."""

    def members(self, unit_ids: Iterable[int]) -> frozenset[int]:
        """Ids of everybody in the departments and below them."""


class _Nobody:
    """The directory of an installation without an organisation: everybody stands alone."""

    def subordinates(self, user_id: int) -> frozenset[int]:
        return frozenset()

    def colleagues(self, user_id: int, below: bool) -> frozenset[int]:
        return frozenset({user_id})

    def members(self, unit_ids: Iterable[int]) -> frozenset[int]:
        return frozenset()


_directory: list[Directory] = [_Nobody()]


def use_directory(directory: Directory) -> None:
    """Called once at start by the app that knows departments and superiors."""
    _directory[0] = directory


@dataclass(frozen=True)
class Answer:
    """Yes or no, and why."""

    allowed: bool
    reason: Any = ""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Rows:
    """Which rows: ``q`` is None for all of them; ``reason`` says by which grants."""

    q: Q | None
    reason: Any
    none: bool = False


NO_ROWS = Q(pk__in=())


@dataclass
class Rights:
    """Everything one person's roles give, worked out once per context."""

    user_id: int | None
    mark: str = ""
    administrator: bool = False
    roles: list[Role] = field(default_factory=list)
    cache: dict[Any, Any] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, user: Any) -> "Rights":
        """Roles and what follows from them, kept until a role changes. A mark read with the person serves once."""
        mark = stamps.current(getattr(user, "mark", None))
        user.mark = None
        roles: list[Role] = stamps.remembered(mark, ("roles", user.pk), lambda: list(Role.objects.filter(
            deleted_at=None, pk__in=Holding.objects.filter(user_id=user.pk, deleted_at=None).values("role_id")
        ).order_by("pk")))
        return cls(user_id=user.pk, mark=mark, administrator=any(role.administrator for role in roles), roles=roles,
                   known=stamps.remembered(mark, ("rights", user.pk), dict))

    def kept(self, key: Any, make: Callable[[], Any]) -> Any:
        """What follows from the rights: kept as long as they hold; while a transaction changes some, for this actor."""
        shelf = self.known if stamps.settled(self.mark) else self.cache
        if key not in shelf:
            shelf[key] = make()
        return shelf[key]

    def grants(self, name: str, verb: str) -> list[tuple[Role, dict[str, Any]]]:
        """The grants of a verb on an object, each with its role."""
        found: list[tuple[Role, dict[str, Any]]] = self.kept((name, verb), lambda: [
            (role, grant) for role in self.roles for grant in role.grants if _gives(grant, name, verb)])
        return found

    def reach(self, grants: list[tuple[Role, dict[str, Any]]]) -> frozenset[int] | None:
        """Owners within reach of the grants; None means everyone's rows."""
        assert self.user_id is not None
        owners: set[int] = set()
        for _role, grant in grants:
            if grant["scope"] == Scope.EVERYONE:
                return None
            owners |= self._owners(grant["scope"], tuple(grant.get("units", ())))
        return frozenset(owners)

    def _owners(self, scope: str, units: tuple[int, ...]) -> frozenset[int]:
        me, directory = self.user_id, _directory[0]
        assert me is not None

        def work_out() -> frozenset[int]:
            own = frozenset({me})
            match scope:
                case Scope.BELOW:
                    return own | directory.subordinates(me)
                case Scope.UNIT | Scope.BRANCH:
                    return own | directory.colleagues(me, below=scope == Scope.BRANCH)
                case Scope.CHOSEN:
                    return own | directory.members(units)
            return own

        return stamps.remembered(self.mark, ("owners", me, scope, units), work_out)

    def shared(self, name: str, write: bool) -> list[int]:
        """Ids of records of an object shared with the person today."""
        return self.shares.get((name, "write" if write else "read"), [])

    @cached_property
    def shares(self) -> dict[tuple[str, str], list[int]]:
        """Ids by object and level."""
        found: dict[tuple[str, str], list[int]] = {}
        today = timezone.localdate()
        live: list[tuple[str, int, str]] = stamps.remembered(self.mark, ("shares", self.user_id, today), lambda: list(
            Share.objects.filter(Q(until=None) | Q(until__gte=today), user_id=self.user_id or 0, deleted_at=None)
            .values_list("object_type", "object_id", "level")))
        for kind, pk, level in live:
            for right in ("read", "write") if level == Share.Level.WRITE else ("read",):
                found.setdefault((kind, right), []).append(pk)
        return found

    def mask(self, name: str, field_name: str) -> str:
        """The gentlest of what the person's roles for this object take away from a field."""
        if self.administrator:
            return Mask.NONE
        return str(self.kept(("mask", name, field_name), lambda: self._mask(name, field_name)))

    def _mask(self, name: str, field_name: str) -> str:
        about = registry.model_of(name).about
        sources = about.title_from_names if field_name == about.title_name else ()
        lost = any(self._level(name, one) in WITHHELD for one in sources)
        return max(self._level(name, field_name), Mask.MASKED if lost else Mask.NONE, key=_SEVERITY.__getitem__)

    def _level(self, name: str, field_name: str) -> str:
        levels, document = [], registry.document(model := registry.model_of(name))
        known = {name, object_name(document)} if document else {name}
        usual = usual_mask(model, field_name)
        for role in self.roles:
            if any(_covers(grant["object"], one) for grant in role.grants for one in known):
                found = [rule["level"] for rule in role.masks
                         if _covers(rule["object"], name) and rule["field"] == field_name]
                levels.append(max(found, key=_SEVERITY.__getitem__) if found else usual)
        return min(levels, key=_SEVERITY.__getitem__) if levels else Mask.NONE


def usual_mask(model: type[Record], field_name: str) -> Mask:
    """What a role that says nothing of a field takes away from it."""
    return Mask.MASKED if field_name in sensitive(model) else Mask.NONE


@functools.cache
def sensitive(model: type[Record]) -> tuple[str, ...]:
    """The fields that a role sees masked unless it says otherwise."""
    return tuple(one.name for one in model._meta.concrete_fields if getattr(one, "sensitive", False))


def marked(people: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """People with the mark of the settings in force, by which what is remembered of their rights is known."""
    return people.annotate(mark=stamps.column())


def _gives(grant: dict[str, Any], name: str, verb: str) -> bool:
    """A grant names an object or a pattern, and a verb or all but some; ``kind`` narrows it to shared or owned objects."""
    kind = grant.get("kind")
    return (_covers(grant["object"], name) and grant["verb"] in (verb, "*") and verb not in grant.get("except", ())
            and (kind is None or (kind == "shared") == (registry.model_of(name).about.scope == "everyone")))


def _covers(pattern: str, name: str) -> bool:
    return pattern in (name, "*") or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


def rows(ctx: "Ctx", model: type[Record], verb: str = "view") -> Rows:
    """The rows of an object on which the actor may use a verb, as one condition on indexed columns."""
    if ctx.system:
        return Rows(None, _("System"))
    rights = ctx.rights
    if rights.administrator:
        return Rows(None, _("Administrator"))
    found: Rows = rights.kept(("rows", model, verb, timezone.localdate()), lambda: _compile(ctx, model, verb))
    return found


_named = lazy(lambda grants: ", ".join(f"{role.name}: {Scope(grant['scope']).label}" for role, grant in grants), str)


def _compile(ctx: "Ctx", model: type[Record], verb: str) -> Rows:
    """All grants, shares and the owner above as one condition; pages ask for it a hundred times, so it is kept."""
    rights, name = ctx.rights, object_name(model)
    if (document := registry.document(model)) is not None:
        whole = rows(ctx, document, verb if verb in ("view", "export", "reveal") else "update")
        seen = Q(**{f"{model.about.parent_name}__in": document._default_manager.filter(whole.q or Q(), deleted_at=None)})
        return Rows(None if whole.q is None else seen, whole.reason, none=whole.none)
    grants = rights.grants(name, verb)
    if not grants:
        return Rows(NO_ROWS, _("No role of yours includes this right."), none=True)
    reason = _named(grants)
    owners = None if model.about.scope == "everyone" else rights.reach(grants)
    if owners is None:
        return Rows(None, reason)
    condition = Q(owner_id__in=sorted(owners))
    if verb in ("view", "update") and (shared := rights.shared(name, write=verb == "update")):
        condition |= Q(pk__in=shared)
    if verb == "view" and model.about.parent_name:
        condition |= Q(upper_owner_id__in=sorted(owners))
        parent = model._meta.get_field(model.about.parent_name)
        parent_name = object_name(parent.related_model)  # type: ignore[arg-type]
        if above := rights.shared(parent_name, write=False):
            condition |= Q(**{f"{parent.name}_id__in": above})
    if verb == "view" and (unlocked := model.open_rows(ctx)) is not None:
        condition |= unlocked
    return Rows(condition, reason)


def title_withheld(ctx: "Ctx", model: type[Record]) -> bool:
    """May the actor not see what records of an object are called?"""
    return not ctx.system and ctx.rights.mask(object_name(model), model.about.title_name) in WITHHELD


def may(ctx: "Ctx", model: type[Record], verb: str, record: Record | None = None) -> Answer:
    """May the actor use a verb on an object, or on one record of it? The answer says why."""
    allowed = rows(ctx, model, verb)
    if allowed.none:
        return Answer(False, allowed.reason)
    if record is None or allowed.q is None or record.pk is None:
        return Answer(True, allowed.reason)
    if model._default_manager.filter(allowed.q, pk=record.pk).exists():
        return Answer(True, allowed.reason)
    return Answer(False, _("Your rights (%(rights)s) do not reach this record.") % {"rights": allowed.reason})


@dataclass(frozen=True)
class Reason:
    """One step of an explanation: what was looked at, and whether it gives the right."""

    source: str
    gives: bool
    text: Any


def why(ctx: "Ctx", model: type[Record], verb: str, record: Record) -> list[Reason]:
    """Everything that gives or withholds a right on one record: each role, share and the record above."""
    rights, name, found = ctx.rights, object_name(model), []
    if rights.administrator:
        found.append(Reason("role", True, _("An administrator may do everything.")))
    for role in rights.roles:
        grants = [pair for pair in rights.grants(name, verb) if pair[0].pk == role.pk]
        if not grants and not role.administrator:
            found.append(Reason("role", False, _("Role “%(role)s” does not include this right.") % {"role": role.name}))
        for pair in grants:
            owners = None if model.about.scope == "everyone" else rights.reach([pair])
            gives = owners is None or record.owner_id in owners
            found.append(Reason("role", gives, _("Role “%(role)s” reaches %(scope)s records.") % {
                "role": role.name, "scope": Scope(pair[1]["scope"]).label}))
    if verb in ("view", "update"):
        found += _why_shared(ctx, model, verb, record)
    return found


def _why_shared(ctx: "Ctx", model: type[Record], verb: str, record: Record) -> list[Reason]:
    found, rights, name = [], ctx.rights, object_name(model)
    if record.pk in rights.shared(name, write=verb == "update"):
        found.append(Reason("share", True, _("The record is shared with this person.")))
    view_grants = rights.grants(name, "view")
    if verb == "view" and view_grants and record.upper_owner_id:
        owners = rights.reach(view_grants)
        gives = owners is None or record.upper_owner_id in owners
        found.append(Reason("above", gives, _("The owner of the record above sees everything below it.")))
    if verb == "view" and view_grants and (opened := model.open_rows(ctx)) is not None:
        gives = model._default_manager.filter(opened, pk=record.pk).exists()
        found.append(Reason("open", gives, _("What the record belongs to, or the pool it waits in, opens it.")))
    return found
