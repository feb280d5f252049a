"""Run the test stages one after the other and print one readable list at the end."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = [str(BIN / "pytest"), "-q"]
#: One more than processors: somebody always waits, for a database, a browser or a process that is killed.
PARALLEL = ["-n", str(min((os.cpu_count() or 1) + 1, 5)), "--dist", "loadgroup"]
KERNEL = ["--ds=tests.fake_shop.settings", "tests/kernel"]
PLAYWRIGHT = ["-p", "pytest_playwright.pytest_playwright"]
NOT_BROWSER = ["--ignore=tests/browser"]
NOT_SLOW = [*NOT_BROWSER, "--ignore=tests/journeys"]
#: Each of these keeps one core busy, so they run side by side.
SINGLE = ("ruff", "mypy", "floors")
COUNT = re.compile(r"(\d+) (passed|failed|skipped|xfailed|error)")
POSTGRES = "pg_virtualenv"


def apt(*packages: str) -> None:
    """Install Debian packages, or end with the sentence that says how."""
    if subprocess.run([sys.executable, str(ROOT / "tools" / "apt.py"), *packages]).returncode:
        sys.exit(1)


def postgres_version() -> str:
    """The newest server that is installed; installed first when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found or not shutil.which(POSTGRES):
        apt("postgresql-common", "postgresql")
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found or not shutil.which(POSTGRES):
        sys.exit("guanxi: no PostgreSQL server was found: run `apt-get install postgresql postgresql-common`.")
    return found[-1].parts[-3]


def on_postgres(command: list[str]) -> list[str]:
    """The same command inside a throw-away PostgreSQL that does not wait for the disk and lets in many threads at once."""
    wanted = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")
    options = [part for one in wanted for part in ("-o", one)]
    return [POSTGRES, "-t", "-v", postgres_version(), *options, "env", "GUANXI_TEST_POSTGRES=1", *command]


def browser() -> list[str]:
    """The browser tests, with a browser and Chinese letters installed."""
    if not shutil.which("chromium"):
        apt("chromium", "fonts-noto-cjk")
    elif not list(Path("/usr/share/fonts").rglob("NotoSansCJK*")):
        apt("fonts-noto-cjk")
    return [*PYTEST, *PARALLEL, *PLAYWRIGHT, "tests/browser"]


def stages(wanted: str) -> dict[str, list[str]]:
    """What each target runs, in order, quickest complaint first."""
    checks = {"ruff": [str(BIN / "ruff"), "check", "."], "mypy": [str(BIN / "mypy")]}
    floors = {"floors": [*PYTEST, "tests/floors"]}
    rest = [*PYTEST, *PARALLEL, "--ignore=tests/floors"]
    sqlite = {
        "kernel, SQLite": [*PYTEST, *PARALLEL, *KERNEL],
        "all, SQLite": [*rest, *NOT_BROWSER],
    }
    if wanted == "check":
        quick = {
            "kernel": [*PYTEST, *PARALLEL, *KERNEL],
            "unit, contract": [*rest, *NOT_SLOW],
        }
        return {**checks, **floors, **quick}
    if wanted == "sqlite":
        return sqlite
    if wanted == "browser":
        return {"browser": [*browser(), "--tracing", "retain-on-failure"]}  # for a look at a failure; a sixth slower
    postgres = {
        "kernel, PostgreSQL": on_postgres([*PYTEST, *PARALLEL, *KERNEL]),
        "all, PostgreSQL": on_postgres([*rest, *NOT_BROWSER]),
    }
    if wanted == "postgres":
        return postgres
    return {**checks, **floors, **sqlite, **postgres, "browser": browser()}


class Result(NamedTuple):
    """How a stage ended: its exit code, pytest's last line, and the seconds it took."""

    name: str
    code: int
    last: str
    seconds: float


def run(name: str, command: list[str], *, aside: bool = False) -> Result:
    """Run one stage and show what it prints: at once, or when it is over where others run beside it."""
    start, last, printed = time.monotonic(), "", [f"\n== {name}\n"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stdout or ():
            printed.append(line)
            if not aside:
                print("".join(printed), end="", flush=True)
                printed.clear()
            last = line if COUNT.search(line) and " in " in line else last
    print("".join(printed), end="", flush=True)
    return Result(name, process.returncode, last, time.monotonic() - start)


def main() -> None:
    """Run the stages of one target; all of them, so that one list shows everything that is wrong."""
    begin = time.monotonic()
    if sys.argv[1] == "all":
        os.environ["GUANXI_TEST_BOTH"] = "1"  # tests that have little to do with a database run on one of them
    wanted = stages(sys.argv[1])
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda name: run(name, wanted[name], aside=True), [n for n in wanted if n in SINGLE]))
    results += [run(name, command) for name, command in wanted.items() if name not in SINGLE]
    counts: Counter[str] = Counter()
    print()
    for name, code, last, seconds in results:
        counts.update({word: int(number) for number, word in COUNT.findall(last)})
        print(f"{'ok    ' if code == 0 else 'FAILED'}  {name:<22}{seconds:6.1f} s")
    failed = sum(1 for one in results if one.code)
    total = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    print(
        f"{'FAILED: ' + str(failed) + ' stages; ' if failed else ''}{total or 'nothing to count'} in {time.monotonic() - begin:.0f} s"
    )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
