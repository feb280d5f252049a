"""Printed at the start of the server: where the first person sets things up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from guanxi.apps.org import setup


class Command(BaseCommand):
    """Say the address of the set-up page, with its secret, as long as nobody is there."""

    help = "Print the address of the set-up page while nobody has been set up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url")

    def handle(self, *_args: Any, **options: Any) -> None:
        if setup.needed():
            self.stdout.write(f"Set it up here, once: {options['url']}/setup?token={setup.token()}")
