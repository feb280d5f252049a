"""Removing the sample company: everything it brought in goes; what people added or changed since stays and is told."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.inventory.models import Warehouse
from guanxi.apps.org.models import Company, Department, User
from guanxi.apps.org.models.user import fresh_stamp
from guanxi.apps.work.models import Activity
from guanxi.common import journal
from guanxi.kernel import recycling
from guanxi.kernel.api import Ctx, Record, Refused, policy, registry
from guanxi.kernel.entries import Operation
from guanxi.kernel.records import object_name
from guanxi.site.demo.crowd import ledger, removal

KIND = "demo"
Key = tuple[str, int]


@dataclass
class Removed:
    """How many records went, and which stayed: object, title and why."""

    gone: int = 0
    stayed: list[tuple[str, str, str]] = field(default_factory=list)


def loaded() -> Operation | None:
    """The operation that brought the sample company in, while it is there."""
    return journal.latest(KIND)


def remove(ctx: Ctx) -> Removed:
    """Take the sample company away, in one transaction. Refused where there is none."""
    operation = loaded()
    if operation is None:
        raise Refused(_("There is no sample company."))
    system = ctx.as_system("sample company")
    with system.door("site.demo.remove"):
        figures = operation.figures if "ranges" in operation.figures else {}
        places = [pk for name, pk in journal.brought_in(operation.pk) if name == object_name(Warehouse)]
        moved = ledger.clear(system, places, int(operation.figures.get("last_entry", 0)))
        went, kept = removal.remove(figures) if figures else ({}, {})
        sweep = Sweep(system, operation.pk, ctx.user_id, figures)
        result = sweep.do()
        result.gone += moved
        _tell(system, result, went, kept)
        journal.taken_back(operation.pk)
    return result


def _tell(system: Ctx, result: Removed, went: dict[str, int], kept: dict[Key, bool]) -> None:
    """One entry says how much of the crowd went; who asked hears what stayed."""
    company = system.find(Company).first()
    if company is not None and any(went.values()):
        system.note(company, "remove_sample", {name: [count, None] for name, count in went.items() if count})
    result.gone += sum(went.values())
    rows = _live(system, list(kept))
    reasons = {True: _("changed since"), False: _("other records belong to it")}
    result.stayed += [(str(row.about.one), str(row), str(reasons[kept[key]])) for key, row in rows.items()]
    result.stayed.sort()


class Sweep:
    """Finds out what may go: what nobody touched, and what nothing that stays depends on."""

    def __init__(self, system: Ctx, operation_id: int, asker_id: int | None, figures: dict[str, Any]) -> None:
        self.system, self.asker_id = system, asker_id
        self.rows: dict[Key, Any] = _live(system, journal.brought_in(operation_id))
        self.lines = self._add_lines()
        changed = (removal.changed_since(operation_id, figures) if figures
                   else journal.changed_since(operation_id))
        self.staying: dict[Key, str] = {}
        self.people = object_name(User)
        self.host = self._host()
        for key in [key for key in self.rows if key in changed and key[0] != self.people]:
            self._keep(key, str(_("changed since")))
        for key, title in self._needed():
            self._keep(key, str(_("“%(record)s” belongs to it") % {"record": title}))

    def do(self) -> Removed:
        """Put away what goes, and shut the door to the people who stay."""
        for key, row in self.rows.items():
            if key[0] == self.people and row is not self.host:
                row.is_active, row.session_stamp = False, fresh_stamp()
                row.superior = None
                self.system.save(row)
        ids = [key[1] for key in self.rows if key[0] == self.people]
        for user in self.system.find(User).filter(superior__in=ids):
            user.superior = None
            self.system.save(user)
        going = [row for key, row in self.rows.items() if key not in self.staying]
        recycling.put_away(self.system, going)
        for company in self.system.find(Company).filter(begun=True):
            company.begun = False
            self.system.save(company)
        lines = {key for some in self.lines.values() for key in some}
        told = [(str(self.rows[key].about.one), str(self.rows[key]), why) for key, why in self.staying.items()
                if key not in lines]
        return Removed(len(going), sorted(told))

    def _add_lines(self) -> dict[Key, list[Key]]:
        """The lines of documents, which go and stay with them; by their document."""
        found: dict[Key, list[Key]] = defaultdict(list)
        for model in [one for one in registry.objects() if one.line_lists]:
            name = object_name(model)
            ids = [pk for kind, pk in self.rows if kind == name]
            for lines in model.line_lists if ids else ():
                link = lines.model.about.parent_name
                for row in self.system.find(lines.model).filter(**{f"{link}__in": ids}):
                    key = (object_name(row), row.pk)
                    self.rows[key] = row
                    found[name, getattr(row, f"{link}_id")].append(key)
        return found

    def _host(self) -> Any:
        """Somebody must be left to begin anew: without another administrator, one of the sample company's stays."""
        holdings = list(self.system.find(policy.Holding).filter(role__administrator=True, role__deleted_at=None,
                                                               user__is_active=True, user__deleted_at=None).order_by("pk"))
        ours = [one for one in holdings if (self.people, one.user_id) in self.rows]
        if not ours or len(ours) < len(holdings):
            return None
        chosen = next((one for one in ours if one.user_id == self.asker_id), ours[0])
        why = str(_("the only administrator"))
        self.staying[self.people, chosen.user_id] = why
        tops = self.system.find(Department).filter(parent=None)
        for row in (chosen, *self.system.find(Company), *tops):
            if (object_name(row), row.pk) in self.rows:
                self.staying[object_name(row), row.pk] = why if row is chosen else str(_("where one begins anew"))
        return self.rows[self.people, chosen.user_id]

    def _keep(self, key: Key, why: str) -> None:
        """A record stays with all that it links to; of people who stay only the name stays."""
        if key in self.staying:
            return
        self.staying[key] = why
        row = self.rows[key]
        if key[0] == self.people:
            return
        for target in [*_targets(row), *self.lines.get(key, ())]:
            if target in self.rows:
                self._keep(target, str(_("“%(record)s” belongs to it") % {"record": row}))

    def _needed(self) -> list[tuple[Key, str]]:
        """What other people's records link to. Occurrences of a sample series that came by themselves go with it."""
        ids: dict[str, list[int]] = defaultdict(list)
        for name, pk in self.rows:
            ids[name].append(pk)
        found: list[tuple[Key, str]] = []
        for model in (one for one in registry.objects() if one is not User):  # who loses a superior stays
            for rows in self._linking(model, ids):
                for row in rows:
                    key = (object_name(model), row.pk)
                    if key in self.rows:
                        continue
                    if isinstance(row, Activity) and row.series_id and row.created_by_id is None:
                        self.rows[key] = row
                        continue
                    found += [(target, str(row)) for target in _targets(row) if target in self.rows]
        return found

    def _linking(self, model: type[Record], ids: dict[str, list[int]]) -> list[Any]:
        """Live rows of an object that link to a record of the sample company, one query per link."""
        names = {source.name for source in model._meta.concrete_fields}
        seen = self.system.find(model)
        wanted = [seen.filter(**{f"{source.attname}__in": ids[target]}) for source, target in _links(model)
                  if target in ids]
        for kind, number in removal.LOOSE_LINKS:
            if {kind, number} <= names:
                wanted += [seen.filter(**{kind: name, f"{number}__in": some}) for name, some in ids.items()]
        return wanted


def _live(system: Ctx, keys: list[Key]) -> dict[Key, Any]:
    """The rows that are not in the recycle bin, in the order of the keys; one query per object."""
    ids: dict[str, list[int]] = defaultdict(list)
    for name, pk in keys:
        ids[name].append(pk)
    known = {(name, row.pk): row for name, some in ids.items()
             for row in system.find(registry.model_of(name)).filter(pk__in=some)}
    return {key: known[key] for key in keys if key in known}


def _targets(row: Any) -> list[Key]:
    """What a record links to: by its links, its owner among them, and by name and number."""
    found = [(target, getattr(row, source.attname)) for source, target in _links(type(row))]
    found += [(getattr(row, kind), getattr(row, number)) for kind, number in removal.LOOSE_LINKS
              if hasattr(row, kind) and hasattr(row, number)]
    return [key for key in found if key[0] and key[1] is not None]


def _links(model: type[Record]) -> list[tuple[Any, str]]:
    """The links of an object that tell what it belongs to, and their objects."""
    links: list[Any] = [source for source in model._meta.concrete_fields if source.is_relation]
    return [(source, object_name(source.related_model)) for source in links
            if source.name not in ("created_by", "updated_by", "upper_owner")]
