"""Whatever people do with customers, leads and deals in whatever order is taken back to the letter, or listed."""

import os
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from benchmarks.power.checks import keys_kept, words_kept
from guanxi.apps.conftest import (  # noqa: F401  fixtures of the firm
    Person,
    administrator,
    firm,
    founded,
    manager,
    salesperson,
    standing,
)
from guanxi.apps.sales.tests.conftest import first_day
from guanxi.apps.work.seed import seed as seed_types
from guanxi.kernel import entries
from tests.journeys.selling import World
from tests.undone import alive, leads

__all__ = ["administrator", "firm", "manager", "salesperson", "standing"]
pytestmark = [pytest.mark.django_db, pytest.mark.covers("F2", "IMP-05", "MRG-01", "DEL-01", "LED-04")]
SOAK = int(os.environ.get("GUANXI_TEST_SOAK", "0"))
EXAMPLES = settings(max_examples=SOAK or 3, derandomize=not SOAK, database=None, deadline=None, phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck))
one_step = st.tuples(st.sampled_from(sorted(World.steps)), *[st.integers(0, 6)] * 3)


@pytest.fixture(scope="module")
def opened(standing: SimpleNamespace, django_db_blocker: Any) -> None:
    """The first day of a firm that sells."""
    with django_db_blocker.unblock():
        seed_types(standing.firm.system)
        first_day(standing.firm)


def beside() -> tuple[Any, ...]:
    """What is kept beside the rows."""
    return leads(), words_kept(), keys_kept()


def test_what_people_do_is_taken_back_in_any_order(opened: None, administrator: Person, salesperson: Person) -> None:
    World(administrator(), salesperson()).open()

    @EXAMPLES
    @given(st.lists(one_step, min_size=3, max_size=8), st.lists(st.integers(0, 6), max_size=4))
    def example(steps: list[tuple[str, int, int, int]], order: list[int]) -> None:
        with transaction.atomic():
            world = World(administrator(), salesperson())
            world.holds()
            start = alive(world.now), *beside()
            for step in steps:
                note(str(step))
                world.play(*step)
            world.take_all_back(order)
            if not (world.conflicts or world.alone):
                assert (alive(world.now), *beside()) == start
            assert entries.broken_at() is None
            transaction.set_rollback(True)

    example()
