"""`guanxi reindex [object …]`: write anew by what records are found, while people go on working."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from guanxi.common import reindexing
from guanxi.kernel import registry
from guanxi.kernel.records import object_name
from guanxi.kernel.refusal import Missing, Refused

#: So many records pass between two signs of life.
TOLD = 20_000


class Command(BaseCommand):
    """Write the search words and the keys for duplicates of all objects, or of those named."""

    help = "Write search words and the keys for duplicates anew, of all objects or of those named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("objects", nargs="*", metavar="object", help="such as parties.customer or customers")

    def handle(self, *_args: Any, **options: Any) -> None:
        models = list(dict.fromkeys(map(self._model, options["objects"])))
        count = sum(self._one(model) for model in models or registry.objects())
        if not models:
            reindexing.forget_strangers()
        self.stdout.write(f"Search words and keys for duplicates are written anew: {count:,} records.")

    def _model(self, name: str) -> Any:
        try:
            return registry.model_of(name)
        except Missing as missing:
            names = ", ".join(object_name(model) for model in registry.objects() if reindexing.kept(model))
            raise Refused(f"{missing.reason} What can be found: {names}.") from missing

    def _one(self, model: Any) -> int:
        name, marks = object_name(model), 0

        def told(count: int) -> None:
            nonlocal marks
            if count // TOLD > marks:
                marks = count // TOLD
                self.stdout.write(f"  {name}: {count:,} ...")
                self.stdout.flush()

        count = reindexing.anew(model, told)
        if reindexing.kept(model):
            self.stdout.write(f"{name}: {count:,}")
        return count
