"""Collect the texts for translation, or check that none is missing."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guanxi.surfaces.reference import catalogues


class Command(BaseCommand):
    """``guanxi messages`` collects; ``guanxi messages --check`` fails on a missing entry."""

    help = "Collect texts into the Chinese catalogues; --check fails on a missing entry."

    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            waiting = catalogues.collect()
            made = catalogues.make_traditional()
            self.stdout.write(f"{waiting} texts wait for 简体中文; {made} texts made into 繁體中文.")
        found = [f"{language}: {text}" for language in ("zh_Hans", "zh_Hant") for text in catalogues.missing(language)]
        if found and options["check"]:
            raise CommandError("Not translated:\n" + "\n".join(found))
