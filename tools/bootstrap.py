"""Make the virtual environment and install the locked, hashed packages into it.

Runs on the bare Python of a fresh machine, so it uses the standard library only and syntax that an old Python can read.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"run": "base.txt", "build": "build.txt", "dev": "dev.txt"}
COVERS = {"run": ("run", "build", "dev"), "build": ("build",), "dev": ("dev",)}
OLDEST = (3, 11)
#: What drawing a PDF takes beside Python: text layout, and letters for Chinese.
PDF = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk")


def stop(sentence):
    """End with one sentence that names the fix."""
    sys.exit("guanxi: " + sentence)


def fingerprint(level):
    """What the installed packages depend on."""
    return hashlib.sha256((ROOT / "requirements" / LOCKS[level]).read_bytes()).hexdigest()


def installed(level):
    """Whether this level, or one that contains it, is already there."""
    if not venv_python().exists():
        return False
    for other in COVERS[level]:
        stamp = VENV / (".installed-" + other)
        if stamp.exists() and stamp.read_text().strip() == fingerprint(other):
            return True
    return False


def venv_python():
    """The interpreter inside the environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_python():
    """The first interpreter that is new enough: the one running this file, then the usual names."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", "pass"], stderr=subprocess.DEVNULL).returncode == 0:
            return found
    return stop("Python 3.11 or newer is needed and %s is older: install python3.11." % sys.version.split()[0])


def make_venv(python):
    """Create the environment; Debian ships `venv` apart from Python, so fetch it where that is allowed."""
    probe = subprocess.run([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL)
    if probe.returncode:
        version = subprocess.check_output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True)
        package = "python%s-venv" % version.strip()
        if subprocess.run([sys.executable, str(ROOT / "tools" / "apt.py"), package]).returncode:
            stop("Python's venv module is missing: run `apt-get install %s` and try again." % package)
    # An environment that was half made or belongs to a removed Python is made anew.
    if subprocess.run([python, "-m", "venv", "--clear", str(VENV)]).returncode:
        stop("could not create %s: check that the folder is writable and the disk is not full." % VENV)


def usable_venv():
    """Whether the environment exists, runs, and is new enough."""
    if not venv_python().exists():
        return False
    probe = [str(venv_python()), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0


def install(level):
    """Install the locked packages, then the project itself (hash mode refuses an editable in the same call)."""
    pip = [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if level == "dev":
        pip.append("--no-compile")  # much of it is never used; what is, Python compiles then
    # A newer pip first: it chooses among the packages in half the time of the one that Python brings.
    for name in ("setup.txt", LOCKS[level]):
        if subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / name)]).returncode:
            stop("the packages in requirements/%s could not be installed: check the network and pip's settings." % name)
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}  # setuptools explains at length what an editable is
    if subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], env=quiet).returncode:
        stop("the project itself could not be installed into .venv: delete .venv and try again.")
    (VENV / (".installed-" + level)).write_text(fingerprint(level) + "\n")


def install_pdf():
    """What PDF needs, where this user may install it; everything else works without, and printing names what is missing."""
    if shutil.which("dpkg-query"):
        subprocess.run([sys.executable, str(ROOT / "tools" / "apt.py"), *PDF])


def main():
    """Bring the environment to the wanted level (run, build or dev)."""
    level = sys.argv[1] if len(sys.argv) > 1 else "dev"
    if level not in LOCKS:
        stop("unknown level %r: use run, build or dev." % level)
    if installed(level):
        return
    if not usable_venv():
        print("Creating the virtual environment ...", flush=True)
        make_venv(find_python())
    print("Installing the locked packages (%s) ..." % level, flush=True)
    install(level)
    install_pdf()


if __name__ == "__main__":
    main()
