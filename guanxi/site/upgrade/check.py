"""`guanxi upgrade --check`: what an upgrade would do and what stands in its way; reads only, also an older schema."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi import __version__
from guanxi.kernel import jobs, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.custom import CustomField
from guanxi.kernel.job_rows import Job
from guanxi.kernel.refusal import Missing as Unknown
from guanxi.kernel.refusal import Refused
from guanxi.site.backup import work
from guanxi.site.fit import Fit, some

#: Left over when backup, proof and the rebuilding of tables have taken their room.
RESERVE = 200 * 2**20
PROGRAMS = ("pg_dump", "pg_restore", "createdb", "dropdb")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: does it allow the upgrade, and a sentence about it."""

    label: str
    ok: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok' if self.ok else '!!':<4}{self.label}: {self.text}"


def look(found: Fit) -> list[Finding]:
    """Look at everything that decides whether this database can be brought to this version."""
    findings = [versions(found), engine()]
    if work.holds_data():
        findings += [room(), waiting(), custom_fields(), backup()]
        if connection.vendor == "postgresql":
            findings.append(programs())
    return findings


def versions(found: Fit) -> Finding:
    """From which version to which, and by how many steps."""
    label, path = _("Version"), {"database": found.version or "?", "program": __version__}
    if found.unknown:
        return Finding(label, False, _("the database was changed by a newer version, this program is %(program)s: it has "
                                       "%(names)s. Install the newer version.") % {**path, "names": some(found.unknown)})
    loader = MigrationLoader(connection)
    if clash := loader.detect_conflicts():
        return Finding(label, False, _("this program is damaged: its migrations of %(apps)s do not follow one another. "
                                       "Install it again.") % {"apps": ", ".join(sorted(clash))})
    steps = len(found.missing)
    if not steps:
        text = _("%(database)s → %(program)s, the tables are up to date.")
    else:
        text = ngettext("%(database)s → %(program)s by %(count)s step: %(names)s.",
                        "%(database)s → %(program)s by %(count)s steps: %(names)s.", steps)
    return Finding(label, True, text % {**path, "count": steps, "names": some(found.missing)})


def engine() -> Finding:
    """Is the database server one that this version works with?"""
    oldest = connection.features.minimum_database_version or ()
    there = connection.get_database_version()
    facts = {"name": connection.display_name, "version": dotted(there), "oldest": dotted(oldest)}
    if there < oldest:
        return Finding(_("Database"), False, _("%(name)s %(version)s is too old: install %(oldest)s or newer.") % facts)
    return Finding(_("Database"), True, _("%(name)s %(version)s (%(oldest)s or newer is needed).") % facts)


def dotted(version: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in version)


def room() -> Finding:
    """Backup and proof need the data twice over; a table that is changed is written once more."""
    data = _size_of_data()
    files = sum(one.stat().st_size for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file())
    places = {work.folder(): 2 * (data + files)}
    if connection.vendor == "sqlite":
        places[Path(str(connection.settings_dict["NAME"])).parent] = data
    by_device: dict[int, tuple[Path, int]] = {}
    for place, need in places.items():
        first, before = by_device.get(place.stat().st_dev, (place, RESERVE))
        by_device[place.stat().st_dev] = (first, before + need)
    for place, need in by_device.values():
        free = shutil.disk_usage(place).free
        facts = {"place": place, "free": megabytes(free), "need": megabytes(need)}
        if free < need:
            return Finding(_("Disk"), False, _("%(place)s has %(free)s MB free, %(need)s MB are needed for backup and "
                                               "tables: make room.") % facts)
    return Finding(_("Disk"), True, _("%(free)s MB are free in %(place)s, %(need)s MB are needed.") % facts)


def _size_of_data() -> int:
    if connection.vendor == "sqlite":
        return Path(str(connection.settings_dict["NAME"])).stat().st_size
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def megabytes(size: int) -> str:
    return f"{-(-size // 2**20):,}"


def waiting() -> Finding:
    """Jobs outlive an upgrade, unless this version no longer knows what they are."""
    rows = jobs.seen(_system()).filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).values_list("name", "state")
    names = {name for name, _state in rows}
    lost = tuple(sorted(name for name in names if not _declared(name)))
    if lost:
        return Finding(_("Jobs"), False, _("this version does not know %(names)s: let the old version finish these "
                                           "jobs, or cancel them.") % {"names": some(lost)})
    running = sum(state == Job.State.RUNNING for _name, state in rows)
    return Finding(_("Jobs"), True, _("%(waiting)s wait and %(running)s run; they go on after the upgrade.") % {
        "waiting": len(rows) - running, "running": running})


def _system() -> Ctx:
    return Ctx(system=True, via="command", reason="upgrade")


def _declared(name: str) -> bool:
    try:
        jobs.declared(name)
    except Refused:
        return False
    return True


def custom_fields() -> Finding:
    """A field of the company's own must not bear the name of one that this version brings."""
    rows = _system().find(CustomField).order_by("object_type", "key").values_list("object_type", "key")
    clash, lost = [], []
    for object_type, key in rows:
        try:
            model = registry.model_of(object_type)
        except Unknown:
            lost.append(f"{object_type}.{key}")
            continue
        if key in {source.name for source in model._meta.get_fields()}:
            clash.append(f"{object_type}.{key}")
    if clash or lost:
        return Finding(_("Custom fields"), False, _(
            "%(names)s would be covered by fields of this version or have no object any more: give them another key "
            "with the old version first.") % {"names": some(tuple(clash + lost))})
    return Finding(_("Custom fields"), True, ngettext(
        "%(count)s, kept as it is.", "%(count)s, kept as they are.", len(rows)) % {"count": len(rows)})


def backup() -> Finding:
    """What is known of earlier backups; the upgrade takes and proves one of its own in any case."""
    proved = work.notes().get("proved")
    if not proved:
        return Finding(_("Backup"), True, _("none has been proved yet; one is taken and proved before anything changes."))
    return Finding(_("Backup"), True, _("the last one proved is %(file)s of %(day)s; another is taken and proved before "
                                        "anything changes.") % {"file": proved["file"], "day": proved["at"][:10]})


def programs() -> Finding:
    """What a backup of PostgreSQL is made with."""
    gone = tuple(name for name in PROGRAMS if not shutil.which(name))
    if gone:
        return Finding(_("Programs"), False, _("%(names)s are missing: run apt-get install postgresql-client.") % {
            "names": some(gone)})
    return Finding(_("Programs"), True, _("those for the backup are there."))
