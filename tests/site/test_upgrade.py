"""An upgrade looks first, takes a proved backup, outlives its own death, and says how to go back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("upgrade")]  # what all look at is made once
ROOT = Path(__file__).resolve().parents[2]
STEPS = ["steps.0002_upper", "steps.0003_fill", "steps.0004_longer"]
DONE = [["a!", "A"], ["b!", "B"]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: Any) -> dict[str, Any]:
    """What became of every try; see the driver."""
    kept = {name: value for name, value in os.environ.items() if name == "GUANXI_TEST_POSTGRES" or not name.startswith(
        ("GUANXI_", "DJANGO_"))}
    command = [sys.executable, "-m", "tests.site.steps.driver", str(tmp_path_factory.mktemp("steps"))]
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.covers("P39")
def test_the_check_names_everything_and_changes_nothing(found: dict[str, Any]) -> None:
    told = dict(line[4:].split(": ", 1) for line in found["checked"]["value"])
    assert told["Version"] == f"0.0.8 → 0.0.9 by 3 steps: {', '.join(STEPS)}."
    assert told["Jobs"] == "1 wait and 0 run; they go on after the upgrade."
    assert told["Custom fields"] == "2, kept as they are."
    assert told["Backup"].startswith("none has been proved yet")
    assert {"Database", "Disk"} <= set(told)
    assert {line[:4] for line in found["checked"]["value"]} == {"ok  "}
    old, new = found["untouched"]
    assert (old["version"], old["missing"], old["hindrance"], old["backups"]) == ("0.0.8", [], "", 0)
    assert (new["version"], new["missing"]) == ("0.0.8", STEPS)


@pytest.mark.covers("UPG-03")
def test_newer_code_writes_nothing_until_the_upgrade_and_older_nothing_after_it(found: dict[str, Any]) -> None:
    assert found["untouched"][1]["hindrance"] == (
        f"This program is version 0.0.9 and the database lacks {', '.join(STEPS)}: run “guanxi upgrade”. Until then nothing "
        "can be changed.")
    for cut in found["cuts"]:
        half = bool(cut["old"]["unknown"])
        assert bool(cut["old"]["hindrance"]) == half
        assert cut["new"]["hindrance"]
        assert not cut["then"]["hindrance"]
    assert found["serve_old"]["refused"] == (
        f"The database was last used by a newer version ({', '.join(STEPS)}): update the program, then start again.")


@pytest.mark.covers("UPG-02")
def test_a_power_cut_at_any_step_is_made_good_by_running_it_again(found: dict[str, Any]) -> None:
    assert [len(cut["new"]["missing"]) for cut in found["cuts"]] == [3, 2, 1, 0]
    for cut in found["cuts"]:
        half = bool(cut["old"]["unknown"])
        assert cut["cut"] == {"killed": True}
        assert cut["again"]["value"][0].startswith("Going on with" if half else "Taking a backup")
        assert cut["again"]["value"][-1] == "Done: version 0.0.9, and the database fits it."
        assert cut["rows"] == DONE
        then = cut["then"]
        assert (then["version"], then["missing"], then["unfinished"], then["customers"]) == ("0.0.9", [], False, 1)
        assert then["backups"] == (1 if half else 2)


@pytest.mark.covers("P39", "UPG-02")
def test_an_upgrade_that_fails_names_the_command_that_goes_back(found: dict[str, Any]) -> None:
    lines = found["failed"]["refused"].splitlines()
    assert lines[0] == "The upgrade stopped at steps.0003_fill: The second name is odd."
    assert lines[1] == "Forward: mend the cause, then run: guanxi upgrade"
    assert lines[2].startswith("Back: install version 0.0.8 again, then run: guanxi restore ")
    assert lines[2].endswith(".tar --replace")
    assert found["old_restored"] == {"killed": False, "value": [["a"], ["b"]]}
    old = found["old_goes_on"]
    assert (old["version"], old["unknown"], old["hindrance"], old["customers"]) == ("0.0.8", [], "", 1)
    first, second = found["twice"]
    assert first[-1] == "Done: version 0.0.9, and the database fits it."
    assert second == ["Nothing to do: version 0.0.9, and the database fits it."]


@pytest.mark.covers("P39")
def test_what_stands_in_the_way_is_named_and_nothing_is_done(found: dict[str, Any]) -> None:
    first, jobs, fields = found["refused"]["refused"].splitlines()
    assert first == "The upgrade is refused and nothing was changed."
    assert jobs == "!!  Jobs: this version does not know gone.job: let the old version finish these jobs, or cancel them."
    assert fields.startswith("!!  Custom fields: parties.customer.phone, gone.object.size would be covered by fields")
    assert found["after_refusal"]["backups"] == 0
    assert found["after_refusal"]["missing"] == STEPS
    assert found["during"]["value"] == [
        "An upgrade is under way; nothing can be changed until it is over.",
        "Another process brings this database up to date: wait until it is over, then try again."]
