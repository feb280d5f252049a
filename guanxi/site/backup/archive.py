"""The file of a backup: a tar of the dump, the stored files and a manifest that names the sum of each."""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from guanxi.site.missing import Missing

MANIFEST, DUMP, FILES = "manifest.json", "database", "files/"
CHUNK = 2**20
FORMAT = 1


@dataclass
class Manifest:
    """What is in a backup: by which version, from which engine, how many rows, and the sum of every part."""

    version: str
    engine: str
    taken_at: str
    migrations: list[str]
    tables: dict[str, list[int]]
    entries: dict[str, Any]
    key: str
    parts: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def write(target: Path, manifest: Manifest, dump: Path, files: Path) -> None:
    """Write the archive beside its place and move it there when it is whole."""
    partial = target.with_suffix(".partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        partial.chmod(0o600)
        with tarfile.open(partial, "w", dereference=True) as tar:
            manifest.parts[DUMP] = _add(tar, dump, DUMP)
            for path in sorted(files.rglob("*")) if files.exists() else ():
                if path.is_file():
                    name = f"{FILES}{path.relative_to(files).as_posix()}"
                    with suppress(FileNotFoundError):
                        manifest.parts[name] = _add(tar, path, name)
            listed = dump.with_name(MANIFEST)
            listed.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True), encoding="utf-8")
            tar.add(listed, MANIFEST)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file and return its sum; a file removed meanwhile is not there, which the manifest then does not name."""
    seal = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            seal.update(block)
    tar.add(path, name)
    return seal.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """An archive with its manifest. Missing, with the reason, where it is none or was cut off."""
    try:
        with tarfile.open(path, "r:") as tar:
            listed = tar.extractfile(MANIFEST)
            assert listed is not None
            facts = json.loads(listed.read())
            if facts.get("format") != FORMAT:
                raise Missing(f"{path} is a backup of format {facts.get('format')}; this version reads format {FORMAT}.")
            yield tar, Manifest(**facts)
    except FileNotFoundError as error:
        raise Missing(f"There is no backup {path}: name a file that `guanxi backup` has written.") from error
    except (tarfile.TarError, KeyError, ValueError, TypeError, AssertionError, EOFError) as error:
        raise Missing(f"{path} is no whole backup ({error}): it was cut off or altered. Take another one.") from error


def unpack(tar: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
    """Unpack everything into an empty folder. Missing where a part is not what the manifest says."""
    there = {member.name for member in tar.getmembers()} - {MANIFEST}
    if there != set(manifest.parts):
        odd = sorted(there ^ set(manifest.parts))[0]
        raise Missing(f"The backup was altered: {odd} does not fit its manifest. Take another one.")
    for member in tar.getmembers():
        if not member.isfile():
            raise Missing(f"The backup was altered: {member.name} is no file. Take another one.")
        tar.extract(member, folder, filter="data")
        if member.name != MANIFEST and _sum(folder / member.name) != manifest.parts[member.name]:
            raise Missing(f"The backup was altered: {member.name} does not fit its manifest. Take another one.")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
