"""`guanxi restore FILE`: put a backup in the place of the data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from guanxi.site.backup import work


class Command(BaseCommand):
    """Check a backup, then put it in the place of the data; stop the server before."""

    help = "Put a backup in the place of the data. Stop the server before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="although there is data here")
        parser.add_argument("--new-key", action="store_true", help="although it was taken under another secret key")

    def handle(self, *_args: Any, **options: Any) -> None:
        manifest = work.restore(options["file"], replace=options["replace"], new_key=options["new_key"])
        self.stdout.write(f"Restored: version {manifest.version}, taken {manifest.taken_at}. Start the server again.")
