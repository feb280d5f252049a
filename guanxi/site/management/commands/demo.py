"""`guanxi demo load | remove`: the sample company comes and goes."""

import datetime
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from guanxi.kernel.api import Ctx
from guanxi.site.demo import load, remove


class Command(BaseCommand):
    """Load the sample company and say how to sign in, or remove it and say what stayed."""

    help = "Load or remove the sample company."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("do", choices=("load", "remove"))
        parser.add_argument("--password", default="", help="of all its people (default: a new one, shown once)")
        parser.add_argument("--customers", type=int, default=load.REHEARSED,
                            help=f"{load.LEAST:,} to {load.MOST:,} (default: %(default)s); more take longer")
        parser.add_argument("--seed", type=int, default=7, help="another seed, another company (default: %(default)s)")
        parser.add_argument("--today", type=datetime.date.fromisoformat, help="the day it ends on (default: today)")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["do"] == "remove":
            self._remove()
        elif remove.loaded() is not None:
            self.stdout.write("The sample company is there. Sign in with the password that was shown when it was loaded:")
            self._people()
        else:
            self._load(options)

    def _load(self, options: dict[str, Any]) -> None:
        password = options["password"] or f"huaxin-{secrets.token_hex(4)}"
        self.stdout.write("Rehearsing the sample company; this takes about half a minute ..."
                          + (f"\nThen {options['customers'] - load.REHEARSED:,} more customers come in."
                             if options["customers"] > load.REHEARSED else ""))
        self.stdout.flush()
        load.load(password, seed=options["seed"], today=options["today"], customers=options["customers"])
        self.stdout.write(f"{load.company_name()} is ready. The password of all its people, shown only now: {password}")
        self._people()

    def _people(self) -> None:
        with translation.override("en"):
            rows = load.sign_ins()
        width = max((len(row.email) for row in rows), default=0)
        for row in rows:
            self.stdout.write(f"  {row.email:<{width}}  {row.role} · {row.person}, {row.post}")

    def _remove(self) -> None:
        with translation.override("en"):
            done = remove.remove(Ctx(system=True, via="command", reason="sample company"))
            self.stdout.write(f"The sample company is gone: {done.gone} records lie in the recycle bin.")
            for kind, title, why in done.stayed:
                self.stdout.write(f"  stays: {kind} “{title}” ({why})")
