"""`guanxi new object`: files that keep the building code, or none at all."""

import ast

import pytest

from guanxi.site.prepare import Missing
from guanxi.site.scaffold import new_object
from tests.floors import source


@pytest.fixture
def apps(tmp_path):
    """A source tree with one app."""
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales" / "apps.py").touch()
    return tmp_path


def files(apps):
    return sorted(str(path.relative_to(apps)) for path in apps.rglob("*.py"))


def test_an_object_starts_with_four_files_that_keep_the_rules(apps):
    written = new_object(apps, "sales", "visit_report")

    assert files(apps) == [
        "sales/actions/visit_report.py",
        "sales/apps.py",
        "sales/models/__init__.py",
        "sales/models/visit_report.py",
        "sales/tests/test_visit_report.py",
    ]
    assert len(written) == 4
    for path in written:
        name, text = f"guanxi/apps/{path.relative_to(apps)}", path.read_text(encoding="utf-8")
        for checker in (source.writes, source.inner_imports, source.lengths, source.docstrings, source.facade):
            assert list(checker(name, text)) == []
    assert "class VisitReport(Record):" in (apps / "sales" / "models" / "visit_report.py").read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""A."""\nfrom a import A as A\n', '"""A."""\nfrom a import A as A\n{line} as Visit\n'),
        (
            '"""A."""\nfrom a import A\n\n__all__ = ["A"]\n',
            '"""A."""\nfrom a import A\n{line}\n\n__all__ = [\n    "Visit",\n    "A"]\n',
        ),
        (
            '"""A."""\nfrom a import A\n\n__all__ = [\n    "A",\n]\n',
            '"""A."""\nfrom a import A\n{line}\n\n__all__ = [\n    "Visit",\n    "A",\n]\n',
        ),
    ],
)
def test_the_new_model_is_offered_by_the_package(apps, before, after):
    package = apps / "sales" / "models" / "__init__.py"
    package.parent.mkdir()
    package.write_text(before)

    new_object(apps, "sales", "visit")

    assert package.read_text() == after.format(line="from guanxi.apps.sales.models.visit import Visit")
    ast.parse(package.read_text())


@pytest.mark.parametrize(
    ("app", "name", "part"),
    [
        ("nowhere", "visit", "There is no app 'nowhere': choose one of sales."),
        ("sales", "Visit", "cannot be a name"),
        ("sales", "class", "cannot be a name"),
        ("sales", "a/../b", "cannot be a name"),
        ("sales", "taken", "taken.py is already there"),
    ],
)
def test_a_refused_object_writes_nothing(apps, app, name, part):
    (apps / "sales" / "actions").mkdir()
    (apps / "sales" / "actions" / "taken.py").touch()
    before = files(apps)

    with pytest.raises(Missing) as refused:
        new_object(apps, app, name)

    assert part in str(refused.value)
    assert files(apps) == before
