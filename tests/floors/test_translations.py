"""Every text for people is there in three languages, whole, the same in all parts, and the checker sees what is not."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation
from django.utils.translation import gettext, pgettext

from guanxi.site.prepare import compile_messages
from guanxi.surfaces.reference import catalogues

CHINESE = ("zh_Hans", "zh_Hant")
FOLDERS = catalogues.owners()
Text = str | tuple[str, ...]


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    compile_messages()


def of_all(language: str) -> dict[str, Catalog]:
    return {str(folder.relative_to(catalogues.ROOT)): catalogues.read(catalogues.catalogue_path(folder, language), language)
            for folder in FOLDERS}


def catalogue(*entries: tuple[Text, Text], context: str | None = None) -> Catalog:
    made = Catalog(locale="zh_Hans")
    for text, string in entries:
        made.add(text, string, context=context)
    return made


@pytest.mark.covers("I18N-01")
@pytest.mark.parametrize("language", CHINESE)
def test_no_text_lacks_a_translation(language: str) -> None:
    assert catalogues.missing(language) == [], "run: guanxi manage messages, and translate what it leaves empty"


@pytest.mark.parametrize("language", CHINESE)
def test_placeholders_come_through(language: str) -> None:
    assert [line for one in of_all(language).values() for line in catalogues.torn(one)] == []


@pytest.mark.parametrize("language", CHINESE)
def test_a_text_reads_the_same_everywhere(language: str) -> None:
    assert catalogues.conflicts(of_all(language)) == [], "one text, one translation: or give one of them a context"


def test_traditional_chinese_is_made_from_what_simplified_chinese_says_now() -> None:
    assert catalogues.stale() == [], "run: guanxi manage messages"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(catalogues.ROOT)))
def test_no_catalogue_keeps_what_nobody_says(folder: Path) -> None:
    said = set(catalogues.texts_of(folder))
    for language in CHINESE:
        kept = {(one.context or "", one.id[0] if isinstance(one.id, tuple) else one.id)
                for one in catalogues.read(catalogues.catalogue_path(folder, language), language) if one.id}
        assert kept - said == set(), "run: guanxi manage messages"


@pytest.mark.covers("I18N-01")
@pytest.mark.parametrize(("language", "note", "customer", "person"), [
    ("en", "Note", "customer", "Person"), ("zh-hans", "备注", "客户", "个人"), ("zh-hant", "備註", "客戶", "個人")])
def test_our_words_win_over_those_of_libraries(language: str, note: str, customer: str, person: str) -> None:
    with translation.override(language):
        assert (gettext("Note"), gettext("customer"), pgettext("party", "Person")) == (note, customer, person)


def test_every_way_to_mark_a_text_in_a_module_is_seen() -> None:
    code = '''
_("Plain")
f.Name(gettext_lazy("Lazy"))
ngettext("%(n)s row", "%(n)s rows", n)
pgettext_lazy("verb", "Open")
npgettext("stage", "%(n)s step", "%(n)s steps", n)
_(variable)
other("No text for people")
class Thing:
    """What a thing
    is for."""
    about = About()
class Inner:
    """Said to programmers only."""
@action(_("Do"))
def do_it(ctx):
    """Do it now.

    Said to programmers only.
    """
'''
    code += '''
def made(ctx):
    """Made of a function."""
derive("made", lambda model: Action("made", model, made, icon="plus"))
def put(ctx):
    """Put on a class."""
action(_("Put"))(put)
'''
    assert dict(catalogues.from_python(code)) == {
        ("", "Made of a function."): "", ("", "Put on a class."): "", ("", "Put"): "",
        ("", "Plain"): "", ("", "Lazy"): "", ("", "%(n)s row"): "%(n)s rows", ("verb", "Open"): "",
        ("stage", "%(n)s step"): "%(n)s steps", ("", "What a thing is for."): "", ("", "Do"): "", ("", "Do it now."): ""}


def test_every_way_to_mark_a_text_in_a_template_is_seen() -> None:
    code = ('{% load i18n %}<b title="{% translate "It\'s" %}">{% translate "Open" context "verb" %}</b>'
            "{% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}"
            '{% blocktranslate context "stage" %}Won{% endblocktranslate %} unmarked'
            '{{ words|default:_("Fallback") }}')

    assert dict(catalogues.from_template(code, "planted.html")) == {
        ("", "It's"): "", ("verb", "Open"): "", ("", "%(n)s row"): "%(n)s rows", ("stage", "Won"): "",
        ("", "Fallback"): ""}


def test_a_planted_gap_is_seen() -> None:
    doubtful = Catalog(locale="zh_Hans")
    doubtful.add("Doubtful", "可疑", flags=["fuzzy"])

    assert catalogues.untranslated([("", "Known")], catalogue(("Known", "已知"))) == []
    assert catalogues.untranslated([("", "New"), ("", "Empty")], catalogue(("Empty", ""))) == ["New", "Empty"]
    assert catalogues.untranslated([("", "Doubtful")], doubtful) == ["Doubtful"]
    assert catalogues.untranslated([("verb", "Open")], catalogue(("Open", "打开"))) == ["Open"]
    assert catalogues.untranslated([("verb", "Open")], catalogue(("Open", "打开"), context="verb")) == []


@pytest.mark.parametrize("broken", ["%(m)s 条", "条", "%(n)s 条 %(m)s", "%(n) 条"])
def test_a_planted_torn_placeholder_is_seen(broken: str) -> None:
    assert catalogues.torn(catalogue(("%(n)s rows of {name}", "{name} 的 %(n)s 条"))) == []
    assert catalogues.torn(catalogue((("%(n)s row", "%(n)s rows"), ("%(n)s 条",)))) == []
    assert catalogues.torn(catalogue(("%(n)s rows", broken))) == [f"%(n)s rows → {broken}"]


def test_a_planted_conflict_is_seen() -> None:
    one, other = catalogue(("Note", "备注"), ("Name", "名称")), catalogue(("Note", "注意"), ("Name", "名称"))

    assert catalogues.conflicts({"one": one, "other": other}) == ["Note: 备注 (one); 注意 (other)"]
    assert catalogues.conflicts({"one": one, "other": catalogue(("Note", "注意"), context="music")}) == []


def test_traditional_chinese_takes_our_own_words() -> None:
    made = catalogues.traditional(catalogue(
        ("Permission", "权限"), ("Recycle bin", "回收站"), ("Column", "列"), ("Row", "行"), ("Empty", ""),
        (("%(n)s row", "%(n)s rows"), ("共 %(n)s 行",))))

    assert {one.id: one.string for one in made if one.id} == {
        "Permission": "權限", "Recycle bin": "資源回收筒", "Column": "欄", "Row": "列",
        ("%(n)s row", "%(n)s rows"): ("共 %(n)s 列",)}


def test_a_planted_stale_catalogue_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "owners", lambda: [tmp_path / "shop"])
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "words.py").write_text('_("Customer")')
    simple = catalogues.catalogue_path(tmp_path / "shop", "zh_Hans")

    assert (catalogues.collect(), catalogues.missing("zh_Hans")) == (1, ["shop: Customer"])
    simple.write_text(simple.read_text().replace('"Customer"\nmsgstr ""', '"Customer"\nmsgstr "客户"'))
    assert (catalogues.missing("zh_Hans"), catalogues.stale()) == ([], ["shop"])
    assert (catalogues.make_traditional(), catalogues.stale(), catalogues.missing("zh_Hant")) == (1, [], [])
    simple.write_text(simple.read_text().replace("客户", "顾客"))
    assert catalogues.stale() == ["shop"]
