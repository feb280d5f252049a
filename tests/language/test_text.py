"""Search finds what people type, on a real FTS5 table, and never fails on odd input."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.language import text
from guanxi.language.pinyin import SYLLABLES, splits

CHINESE = st.text("深圳市华为技术有限公司重庆長安汽車銀行小鹏航天", min_size=2, max_size=30)


class Index:
    """A small FTS5 table filled and asked as the product does it."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute(f'CREATE VIRTUAL TABLE t USING fts5(body, tokenize="{text.FTS5_TOKENIZER}")')

    def add(self, *texts: str, names: tuple[str, ...] = (), people: tuple[str, ...] = ()) -> int:
        body = text.to_fts5_text(text.document_tokens(texts, names, people))
        return self.db.execute("INSERT INTO t(body) VALUES (?)", (body,)).lastrowid or 0

    def find(self, typed: str) -> list[int]:
        match = text.to_fts5(text.analyse_query(typed))
        return [row[0] for row in self.db.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY 1", (match,))]


@pytest.fixture
def index() -> Iterator[Index]:
    index = Index()
    yield index
    index.db.close()


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("重慶長安", "重庆长安"),
        ("Café MÜLLER", "cafe muller"),
        ("a\0b", "a b"),
        ("張\ud800", "张 "),
        ("㈱日立", "(株)日立"),
    ],
)
def test_fold_makes_equal_what_looks_equal(raw: str, folded: str) -> None:
    assert text.fold(raw) == folded


def test_index_tokens_are_pairs_words_and_number_tails() -> None:
    assert text.index_tokens("小鹏航天 X1") == ["小鹏", "鹏航", "航天", "天", "x1"]
    assert text.index_tokens("123456") == ["123456", "_", "123456", "23456", "3456"]
    assert text.index_tokens("138-0013-8000")[:4] == ["138", "0013", "8000", "_"]
    assert "0138000" in text.index_tokens("138-0013-8000")


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("重庆", "chong qing", "cq"),
        ("重慶長安", "chong qing chang an", "cqca"),
        ("招商银行", "zhao shang yin hang", "zsyh"),
        ("厦门音乐", "xia men yin yue", "xmyy"),
        ("IBM（中国）", "ibm zhong guo", "ibmzg"),
        ("Acme", "", ""),
        ("略阳", "lue yang", "ly"),
    ],
)
def test_pinyin_reads_words(name: str, full: str, initials: str) -> None:
    assert text.pinyin_full(name) == full
    assert text.pinyin_initials(name) == initials


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("单田芳", "shan tian fang"),
        ("單田芳", "shan tian fang"),
        ("曾国藩", "zeng guo fan"),
        ("仇英", "qiu ying"),
        ("解晓东", "xie xiao dong"),
        ("查良镛", "zha liang yong"),
        ("区志航", "ou zhi hang"),
        ("朴树", "piao shu"),
        ("任正非", "ren zheng fei"),
        ("盖聂", "ge nie"),
        ("尉迟恭", "yu chi gong"),
        ("翟志刚", "zhai zhi gang"),
    ],
)
def test_surnames_are_read_as_surnames(name: str, full: str) -> None:
    assert text.pinyin_full(name, person=True) == full


@pytest.mark.covers("I18N-02")
@pytest.mark.parametrize(
    ("typed", "hits"),
    [
        ("zgyd", [1]),
        ("gyd", [1]),
        ("中国", [1, 4]),
        ("移动", [1]),
        ("中國移動", [1]),
        ("动", [1]),
        ("ＡＢＣ", [2]),
        ("ab", [2]),
        ("abckj", [2]),
        ("1234", [2, 3]),
        ("139 1234", [3]),
        ("13900001234", [3]),
        ("+86 139-0000-1234", [3]),
        ("zhangwei", [3]),
        ("zhang wei", [3]),
        ("zhangw", [3]),
        ("zhang", [3]),
        ("zw", [3]),
        ("xian", [4]),
        ("xa", [4]),
        ("MA5K", [2]),
        ("中国 西安", [4]),
        ("国移", [1]),
        ("移国", []),
        ("%%%", []),
        ("", []),
    ],
)
def test_search_finds_the_expected_records(index: Index, typed: str, hits: list[int]) -> None:
    index.add(names=("中国移动",))
    index.add("91440300MA5K1234X8", names=("ABC科技",))
    index.add("+8613900001234", people=("张伟",))
    index.add(names=("中国西安事务所",))
    assert index.find(typed) == hits


def test_fields_of_one_record_do_not_join(index: Index) -> None:
    index.add("甲乙", "丙丁", names=("张伟", "李强"))
    assert index.find("zwlq") == []
    assert index.find("weili") == []
    assert index.find("乙丙") == []
    assert index.find("zw lq") == [1]
    tokens = text.document_tokens(("甲",), ("张伟", "李强"))
    assert text.to_tsvector_literal(tokens).startswith("'甲':1 '张伟':3 '伟':4 '_zw':6")


def test_both_readings_of_a_surname_find_the_person(index: Index) -> None:
    index.add(people=("曾国藩",))
    assert index.find("zgf") == index.find("cgf") == index.find("zengguofan") == [1]


@given(CHINESE, st.data())
def test_every_part_of_two_characters_is_found(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    end = data.draw(st.integers(start + 2, len(name)))
    index = Index()
    index.add(names=(name,))
    assert index.find(name[start:end]) == [1]
    initials = text.pinyin_initials(name)
    assert index.find(initials[start:end]) == [1]
    index.db.close()


@given(st.from_regex(r"[0-9]{4,30}", fullmatch=True), st.data())
def test_every_tail_of_four_digits_is_found(number: str, data: st.DataObject) -> None:
    index = Index()
    index.add(number)
    assert index.find(number[data.draw(st.integers(0, len(number) - 4)) :]) == [1]
    index.db.close()


@given(st.text(st.characters(exclude_categories=())))
def test_any_input_is_safe(raw: str) -> None:
    index = Index()
    index.add(raw, names=(raw,), people=(raw,))
    index.find(raw)
    assert len(text.sort_key(raw)) <= 64
    text.to_tsvector_literal(text.index_tokens(raw)).encode()
    text.to_tsquery(text.analyse_query(raw)).encode()
    index.db.close()


@pytest.mark.parametrize(
    "raw",
    [
        '"',
        "'",
        "a\0b",
        "\udc00\ud800",
        "%%%",
        "a OR b NOT (",
        "t:x*",
        "NEAR(a b)",
        "^a",
        "\\",
        "& | ! <->",
        "_",
        "__",
        "·" * 99,
    ],
)
def test_operators_are_only_text(index: Index, raw: str) -> None:
    index.add(raw + "目标", names=(raw + "目标",))
    index.find(raw)
    assert index.find(raw + "目标") == [1]


@pytest.mark.parametrize("unit", ["中", "a", "1", "a ", "中a", '"', "é", "\U0002cb4e"])
def test_a_megabyte_is_safe(index: Index, unit: str) -> None:
    raw = unit * (1_000_000 // len(unit))
    index.add(raw, names=(raw,), people=(raw,))
    index.find(raw)
    assert len(text.to_fts5(text.analyse_query(raw))) < 20_000
    assert len(text.to_tsvector_literal(text.index_tokens(raw)).encode()) < 1_048_575


def test_an_empty_query_finds_nothing(index: Index) -> None:
    index.add("anything _ __", names=("张伟",))
    assert not text.analyse_query("***")
    assert index.find("***") == []
    assert text.to_tsquery(text.analyse_query("")) == "(('__'))"


def test_query_rendering() -> None:
    query = text.analyse_query("华为技术 zw")
    assert text.to_fts5(query) == '("华为 为技 技术") AND ("zw" * OR "_zw")'
    assert text.to_fts5(query, 'a"b').startswith('"a""b" : (("华为')
    assert text.to_tsquery(query) == "(('华为' <-> '为技' <-> '技术')) & (('zw':*) | ('_zw'))"


def test_titles_sort_together() -> None:
    titles = ["重庆", "Beta 10", "阿里", "beta 2", "张三", "Zoo", "西安", "先进", "Ａlpha"]
    assert sorted(titles, key=text.sort_key) == [
        "阿里", "Ａlpha", "beta 2", "Beta 10", "重庆", "西安", "先进", "张三", "Zoo",
    ]  # fmt: skip
    assert text.sort_key("单于", person=True) == "chan yu"
    assert len(text.sort_key("长" * 500)) == 64


def test_splits_read_letters_as_syllables() -> None:
    assert splits("zhangwei") == (("zhang", "wei"),)
    assert {("xi", "an"), ("xian",)} <= set(splits("xian"))
    assert splits("zgyd") == ()
    assert {"zhuang", "er", "lue", "lv"} <= SYLLABLES
    assert "zw" not in SYLLABLES


def test_the_large_tables_come_with_the_first_chinese_name() -> None:
    script = (
        "import sys; from guanxi.language import text; big = {'pypinyin', 'rjieba'};"
        "text.sort_key('Acme'), text.analyse_query('华为'), print(sorted(big & set(sys.modules)));"
        "print(text.sort_key('重庆'), sorted(big & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["[]", "chong qing ['pypinyin', 'rjieba']"]
