"""Whatever is done in whatever order, what was journalled is taken back to the letter; what was edited since is listed."""

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from guanxi.kernel import entries
from guanxi.kernel.api import Ctx
from tests.kernel.world import World
from tests.undone import alive, leads

pytestmark = [pytest.mark.django_db, pytest.mark.covers("F2", "IMP-05", "MRG-01", "DEL-01")]
SOAK = int(os.environ.get("GUANXI_TEST_SOAK", "0"))
EXAMPLES = settings(max_examples=SOAK or 12, derandomize=not SOAK, database=None, deadline=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck))
one_step = st.tuples(st.sampled_from(sorted(World.steps)), *[st.integers(0, 6)] * 3)


def test_any_operations_are_taken_back_in_any_order(boss: Ctx, anna: Ctx) -> None:
    World(boss, anna).open()

    @EXAMPLES
    @given(st.lists(one_step, min_size=2, max_size=9), st.lists(st.integers(0, 6), max_size=4))
    def example(steps: list[tuple[str, int, int, int]], order: list[int]) -> None:
        with transaction.atomic():
            world = World(boss, anna)
            world.holds()
            start = alive(world.now), leads()
            for step in steps:
                note(str(step))
                world.play(*step)
            world.take_all_back(order)
            if not (world.conflicts or world.alone):
                assert (alive(world.now), leads()) == start
            assert entries.broken_at() is None
            transaction.set_rollback(True)

    example()
