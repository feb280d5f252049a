"""Processes die in the middle of an import, a merge, a transfer …; afterwards everything is done or absent."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: One death in each of the seven pieces of work that are named in it, and some of those who answer requests.
SHORT = ["--cuts", "7", "--served", "2"]


@pytest.mark.django_db
@pytest.mark.covers("IMP-01", "CONC-04")
def test_nothing_is_half_done_after_a_kill() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GUANXI_")}
    if os.environ.get("GUANXI_TEST_POSTGRES"):
        who = f"{quote(env['PGUSER'])}:{quote(env['PGPASSWORD'])}"
        env["GUANXI_DATABASE_URL"] = f"postgres://{who}@{env['PGHOST']}:{env['PGPORT']}/postgres"
    done = subprocess.run([sys.executable, "-m", "benchmarks.power", *SHORT], cwd=ROOT, env=env,
                          capture_output=True, text=True, timeout=1200)
    assert "Nothing half, nothing twice, nothing lost." in done.stdout, done.stdout[-8000:] + done.stderr[-4000:]
    assert done.returncode == 0
