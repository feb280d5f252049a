"""Write the description of the REST interface into docs/reference."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from guanxi.surfaces.rest import schema
from guanxi.surfaces.rest.api import api


class Command(BaseCommand):
    """``guanxi manage openapi``"""

    help = "Write the OpenAPI description of what the declarations say into a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default="docs/reference/openapi.json", help="the file (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        place = Path(options["to"])
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(schema.snapshot(api), encoding="utf-8")
        self.stdout.write(f"{place}")
