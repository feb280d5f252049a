"""Each acceptance case that the product must pass from its first day is proved by a test that names it."""

import ast

from tests.floors import source


def numbered(kind: str, *numbers: int) -> set[str]:
    return {f"{kind}-{number:02}" for number in numbers}


REQUIRED = (
    numbered("PERM", *range(1, 18), 19, 20) | numbered("IDOR", *range(1, 7), 9, 10)
    | numbered("AUTH", *range(1, 9), 10, 13, 14) | numbered("INJ", 1, 2, 5, 6, 7) | numbered("FILE", 1, 4)
    | numbered("CONC", 1, 2, 4) | numbered("IMP", 2, 3, 4, 5) | numbered("MRG", 1, 2) | numbered("DEL", 1, 2)
    | numbered("API", 1, 4, 5, 6) | numbered("JOB", 1, 2, 3, 4) | numbered("AUD", 1, 2, 3) | numbered("TIM", 1)
    | numbered("I18N", 1, 2))


def named(text: str) -> set[str]:
    """The ids that tests of this text say they prove."""
    return {argument.value for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "covers"
            for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)}


def test_every_required_case_is_proved():
    proved: set[str] = set()
    for path in source.test_files():
        proved |= named(path.read_text())
    assert sorted(REQUIRED - proved) == []


def test_an_id_that_nobody_names_is_found():
    assert named('@pytest.mark.covers("PERM-01", "P05")\ndef test_x(): pass') == {"PERM-01", "P05"}
    assert named('# covers("PERM-01")\nx = "PERM-02"') == set()
    assert len(REQUIRED) == 70
