"""`guanxi work`: run jobs and schedules, on this or another machine."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from guanxi.kernel.worker import work


class Command(BaseCommand):
    help = "Run background jobs and schedules until stopped"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default="*", help="the queues to serve, with commas (default: all)")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks at an empty queue")
        parser.add_argument("--batch", action="store_true", help="run what is due, then end")

    def handle(self, *args: Any, queues: str, interval: float, batch: bool, **options: Any) -> None:
        work(queues, interval, batch)
