"""`guanxi backup [FILE] | backup verify FILE`: take a backup, or prove that one can be restored."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from guanxi.site.backup import work
from guanxi.site.missing import Missing


class Command(BaseCommand):
    """Take a backup while people go on working, or restore one into a place of its own and compare."""

    help = "Take a backup, or prove that one can be restored: guanxi backup [FILE], guanxi backup verify FILE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("words", nargs="*", help="a file or folder to write to; or: verify FILE")

    def handle(self, *_args: Any, **options: Any) -> None:
        words = options["words"]
        if words[:1] == ["verify"]:
            if len(words) != 2:
                raise Missing("Name the backup: guanxi backup verify FILE.")
            manifest = work.verify(Path(words[1]))
            rows = sum(count for count, _sum in manifest.tables.values())
            self.stdout.write(f"Restored and compared: {len(manifest.tables)} tables, {rows:,} rows, "
                              f"{len(manifest.parts) - 1} files. This backup is good.")
        elif len(words) > 1:
            raise Missing("Name one file or folder: guanxi backup FILE.")
        else:
            self.stdout.write(str(work.take(Path(words[0]) if words else None)))
