"""Write the reference pages of all objects into docs/reference/objects."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from guanxi.surfaces.reference import objects


class Command(BaseCommand):
    """``guanxi manage reference``"""

    help = "Write a page per object, in English and 简体中文, from the declarations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default="docs/reference/objects", help="the folder (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["to"])
        folder.mkdir(parents=True, exist_ok=True)
        pages = objects.pages()
        for name, text in pages.items():
            (folder / name).write_text(text, encoding="utf-8")
        for old in folder.glob("*.md"):
            if old.name not in pages:
                old.unlink()
        self.stdout.write(f"{len(pages)} pages in {folder}")
