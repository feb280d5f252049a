"""Rights as the matrix reads and rewrites them: tables."""

import pytest

from guanxi.apps.org import rules
from guanxi.apps.org.rules import Thing

DEAL = Thing("sales.deal", False, ("view", "update", "export"))
STAGE = Thing("sales.stage", True, ("view", "update"))
TASK = Thing("work.task", False, ("view", "update"))
ALL = [DEAL, STAGE, TASK]
SELLING = {"object": "sales.*", "kind": "owned", "verb": "*", "scope": "own", "except": ["export"]}
LISTS = {"object": "sales.*", "kind": "shared", "verb": "view", "scope": "own"}
WORK = {"object": "work.*", "verb": "*", "scope": "branch"}


@pytest.mark.parametrize(("grants", "thing", "verb", "expected"), [
    ([SELLING], DEAL, "view", "own"), ([SELLING], DEAL, "export", ""), ([SELLING], STAGE, "view", ""),
    ([LISTS], STAGE, "view", "everyone"), ([LISTS], STAGE, "update", ""), ([SELLING], TASK, "view", ""),
    ([SELLING, {"object": "sales.deal", "verb": "view", "scope": "unit"}], DEAL, "view", "unit"),
    ([{"object": "*", "verb": "view", "scope": "everyone"}, SELLING], DEAL, "view", "everyone"), ([], DEAL, "view", "")])
def test_the_widest_reach_of_a_cell(grants, thing, verb, expected):
    assert rules.reach(grants, thing, verb) == expected


def test_a_change_touches_its_own_cell_only():
    before = [SELLING, LISTS, WORK]
    after = rules.rewrite(before, ALL, {("sales.deal", "view"): "branch", ("sales.deal", "update"): ""})
    for thing in ALL:
        for verb in thing.verbs:
            changed = {("sales.deal", "view"): "branch", ("sales.deal", "update"): ""}.get((thing.name, verb))
            assert rules.reach(after, thing, verb) == (rules.reach(before, thing, verb) if changed is None else changed)
    assert LISTS in after
    assert WORK in after


def test_no_change_leaves_the_patterns():
    assert rules.rewrite([SELLING, LISTS], ALL, {}) == [SELLING, LISTS]


def test_chosen_departments_stay_when_their_grant_is_spelled_out():
    chosen = {"object": "work.*", "verb": "*", "scope": "chosen", "units": [3, 4]}
    assert rules.rewrite([chosen], ALL, {("work.task", "view"): ""}) == [
        {"object": "work.task", "verb": "update", "scope": "chosen", "units": [3, 4]}]


def test_field_rights_of_other_objects_stay():
    masks = [{"object": "a.b", "field": "x", "level": "hidden"}, {"object": "a.c", "field": "y", "level": "masked"}]
    assert rules.remask(masks, "a.b", {"x": "", "z": "readonly"}, {"x": "", "z": ""}) == [
        masks[1], {"object": "a.b", "field": "z", "level": "readonly"}]


def test_what_is_usual_for_a_field_is_not_written_down():
    usual = {"cost": "masked", "margin": "masked", "name": ""}
    assert rules.remask([], "a.b", {"cost": "", "margin": "masked", "name": ""}, usual) == [
        {"object": "a.b", "field": "cost", "level": ""}]
