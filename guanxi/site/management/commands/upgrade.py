"""`guanxi upgrade [--check]`: bring the database to this version, or tell what that would do."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from guanxi.site import fit
from guanxi.site.upgrade import check, run


class Command(BaseCommand):
    """Check, take and prove a backup, bring the database to this version."""

    help = "Bring the database to this version, with a proved backup first."
    requires_system_checks = []  # they need tables that are not there yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="tell what would be done, change nothing")
        parser.add_argument("--own-backup", action="store_true", help="take none: there is one made by other means")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            run.upgrade(self.stdout.write, own_backup=options["own_backup"])
            return
        findings = check.look(fit.look())
        for one in findings:
            self.stdout.write(str(one))
        if not all(one.ok for one in findings):
            sys.exit(1)
