"""`guanxi check`: the building code of the source tree, as one readable list."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from guanxi.site.missing import Missing

ROOT = Path(__file__).resolve().parent.parent.parent
STEPS = {
    "ruff": ["ruff", "check", "."],
    "mypy": ["mypy"],
    "floors": ["pytest", "-q", "tests/floors"],
}


def main(arguments: list[str]) -> int:
    """Run the quick checks, or with --all what continuous integration runs."""
    parser = argparse.ArgumentParser(prog="guanxi check", description="Check the source tree.")
    parser.add_argument("--all", action="store_true", help="everything that continuous integration runs (make test)")
    options = parser.parse_args(arguments)
    if not (ROOT / "tests" / "floors").is_dir():
        raise Missing("There is no source tree here: `guanxi check` works in a git checkout.")
    if options.all:
        return subprocess.run(["make", "--no-print-directory", "test"], cwd=ROOT).returncode
    results = {name: _run(name, command) for name, command in STEPS.items()}
    print()
    for name, (ok, seconds) in results.items():
        print(f"{'ok    ' if ok else 'FAILED'}  {name}  {seconds:.1f} s")
    return 0 if all(ok for ok, _seconds in results.values()) else 1


def _run(name: str, command: list[str]) -> tuple[bool, float]:
    tool = Path(sys.executable).parent / command[0]
    if not tool.exists():
        raise Missing(f"{name} is not installed: run `make setup`.")
    start = time.monotonic()
    done = subprocess.run([str(tool), *command[1:]], cwd=ROOT)
    return done.returncode == 0, time.monotonic() - start
