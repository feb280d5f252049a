"""`python -m benchmarks`: load a firm, measure one after the other, print one report in Markdown."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import django


def main() -> None:
    """Everything in one run, in a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000, help="how many customers (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=20, help="how often each request is sent (default: %(default)s)")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the import and export (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another firm (default: %(default)s)")
    parser.add_argument("--data", help="a folder that keeps the data; one that holds a firm is measured as it is")
    parser.add_argument("--sql", help="a file for the statements of every request, to see what is asked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guanxi-benchmark-") as folder:
        os.environ.setdefault("GUANXI_LOG_LEVEL", "ERROR")
        os.environ |= {"GUANXI_DATA_DIR": options.data or folder, "DJANGO_SETTINGS_MODULE": "guanxi.site.settings",
                       "GUANXI_SECRET_KEY": "only-for-benchmarks-" * 3, "GUANXI_API_PER_MINUTE": "1000000"}
        django.setup()
        # Only now can anything that knows the models be loaded.
        from benchmarks import run  # noqa: PLC0415

        begin = time.monotonic()
        text, statements = run.everything(run.Wanted(options.customers, options.rounds, options.rows, options.seed))
        print(text)
        print(f"\nThe whole run took {time.monotonic() - begin:.0f} s.", file=sys.stderr)
        if options.sql:
            Path(options.sql).write_text(statements, encoding="utf-8")


if __name__ == "__main__":
    main()
