"""Checkers for templates and for what git tracks; each returns findings as `path:line: sentence`."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.floors.source import ROOT

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc\s*=)(?![^>]*application/json)[^>]*>", re.I)
HANDLER = re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*|style)\s*=", re.I | re.S)
EVALUATED = re.compile(r"""=\s*["']\s*(javascript|js):""", re.I)
DJANGO_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
LOCKED = re.compile(r"://|find-links|index-url|trusted-host")
# Written in two pieces so that this file does not find itself.
MACHINE = re.compile(
    "|".join(
        [
            "/wo" + r"rk/(?:main|shared|\.\w)",
            "/ro" + "ot/",
            r"(?<![\w-])/ho" + r"me/\w+/",
            "file:" + "//",
            r"\b[A-Z]:\\Us" + "ers",
        ]
    )
)
REGISTRY = re.compile(
    "|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "npm" + r"js\.(org|com)", "npm" + "mirror"])
)
NEVER = re.compile(r"\.(mo|pyc|sqlite3|min\.js|min\.css|whl|zip|map)$|(^|/)(node_modules|\.venv|var)/")


def tracked() -> list[str]:
    """Every path in git's index that is still there."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in names.split("\0") if name and (ROOT / name).is_file()]


def templates() -> list[Path]:
    """The product's pages."""
    return sorted((ROOT / "guanxi").rglob("templates/**/*.html"))


def inline(path: str, text: str) -> Iterator[str]:
    """Nothing that a strict Content-Security-Policy would refuse."""
    bare = DJANGO_TAGS.sub(lambda match: "\n" * match.group().count("\n"), text)
    for pattern, what in (
        (INLINE_SCRIPT, "inline script: put it into frontend/src"),
        (HANDLER, "inline handler or style: use a class or a data attribute"),
        (EVALUATED, "evaluated script in an attribute: put it into frontend/src"),
    ):
        for match in pattern.finditer(bare):
            yield f"{path}:{bare.count(chr(10), 0, match.end()) + 1}: {what}."


def header(path: str, text: str) -> Iterator[str]:
    """A template begins with a comment that names its variables."""
    if not re.match(r"\s*(\{#|\{%\s*comment)", text):
        yield f"{path}:1: no comment at the top: name what the template is given."


def lock(path: str, text: str) -> Iterator[str]:
    """Lock files name versions and hashes, never a place."""
    pattern = re.compile(r'"resolved"') if path.endswith(".json") else LOCKED
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            yield f"{path}:{number}: an address in a lock file: write it again with `make lock`."


def machine(path: str, text: str) -> Iterator[str]:
    """No path of one machine and no package registry in any file."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern in (MACHINE, REGISTRY):
            match = pattern.search(line)
            if match:
                yield f"{path}:{number}: {match.group()!r} belongs to one machine or registry: leave it out."


def foreign(names: list[str]) -> Iterator[str]:
    """Build results, data and other people's code are not committed."""
    return (
        f"{name}:1: not for the repository: build it, or fetch it when it is installed."
        for name in names
        if NEVER.search(name)
    )
