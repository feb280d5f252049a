"""Take a company name apart: region, core, legal form, group, branch."""

import re
from dataclasses import dataclass
from functools import lru_cache

from guanxi.apps.parties.rules.regions import DISTRICT, LEADING, region_of
from guanxi.language.text import fold

_MOST_CHARS = 200
_FORMS = (
    ("limited", (r"有限责任公司|有限公司|company limited|co\.?\s*,?\s*ltd\b\.?|co\.?\s*,?\s*limited|pte\.?\s*ltd\b\.?"
                r"|pty\.?\s*ltd\b\.?|private limited|ltd\b\.?|limited")),
    ("joint", r"股份有限公司|股份公司"),
    ("inc", r"inc\b\.?|incorporated"),
    ("corp", r"corp\b\.?|corporation"),
    ("llc", r"l\.?l\.?c\b\.?"),
    ("gmbh", r"gmbh"),
    ("ag", r"ag"),
    ("plc", r"plc\b\.?"),
    ("sa", r"s\.?a\b\.?"),
    ("sarl", r"s\.?a\.?r\.?l\b\.?|s\.?r\.?l\b\.?"),
    ("spa", r"s\.?p\.?a\b\.?"),
    ("bv", r"b\.?v\b\.?"),
    ("oy", r"oyj?"),
    ("ab", r"ab"),
    ("kk", r"株式会社|k\.?k\b\.?"),
    ("partnership", r"合伙企业|有限合伙|普通合伙|特殊普通合伙|l\.?l\.?p\b\.?"),
    ("sole", r"个体工商户|个人独资企业"),
    ("", r"总公司|公司|company|co\b\.?"),
)  # fmt: skip


def _ending(forms: str) -> re.Pattern[str]:
    """Latin forms stand as words of their own, Chinese ones follow anything."""
    ways = (rf"(?<![a-z0-9]){way}" if way[0].isascii() else way for way in forms.split("|"))
    return re.compile(f"(?:{'|'.join(ways)})$")


_FORM_ENDS = tuple((form, _ending(ways)) for form, ways in sorted(_FORMS, key=lambda pair: pair[0] != "joint"))
_KK_START = re.compile(r"^株式会社")
_GROUP = re.compile(r"(?:控股)?集团(?:控股)?$|(?<=[^a-z])(?:holdings?|group)$|控股$")
_BRANCH = re.compile(r"([\u4e00-\u9fffa-z0-9]*?(?:分公司|分行|支行|办事处|营业部|分店|分部|代表处))$")
_BRACKETS = re.compile(r"[(\[【〔{<《]([^()\[\]【】〔〕{}<>《》]*)[)\]】〕}>》]")
_NOISE = re.compile(r"[^a-z0-9\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_WORDS = [
    "科技",
    "技术",
    "信息",
    "网络",
    "软件",
    "贸易",
    "商贸",
    "实业",
    "发展",
    "投资",
    "咨询",
    "文化",
    "传媒",
    "电子",
    "机械",
    "设备",
    "建设",
    "工程",
    "物流",
    "医药",
    "医疗",
    "食品",
    "服饰",
    "服装",
    "教育",
    "管理",
    "服务",
    "企业",
    "工业",
    "智能",
    "数据",
    "系统",
    "生物",
    "能源",
    "环保",
    "材料",
    "化工",
    "汽车",
    "电器",
    "电气",
    "通信",
    "通讯",
    "广告",
    "设计",
    "装饰",
    "房地产",
    "置业",
    "银行",
    "证券",
    "保险",
    "租赁",
    "国际",
    "进出口",
    "供应链",
    "餐饮",
    "酒店",
    "旅游",
    "农业",
    "制造",
    "制品",
    "五金",
    "塑料",
    "包装",
    "印刷",
    "纺织",
    "家具",
    "建材",
    "光电",
    "自动化",
    "电力",
    "新能源",
    "半导体",
    "technology",
    "technologies",
    "trading",
    "industries",
    "industrial",
    "international",
    "electronics",
    "software",
    "systems",
    "solutions",
    "services",
    "consulting",
]
_INDUSTRY = re.compile(f"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})$")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """The parts of a company name, all folded."""

    core: str  # without region, form, group and branch: 小鹏航天科技
    brand: str  # the core without its line of business: 小鹏航天
    region: tuple[str, ...]
    form: str
    group: bool
    branch: str


@lru_cache(50_000)
def take_apart(name: str) -> CompanyName:
    """Read a company name; any text gives an answer."""
    text = fold(name[:_MOST_CHARS]).strip()
    text, region, notes = _unwrap(text)
    text, branch = _cut_branch(text)
    text, form = _cut_form(text)
    form = form or next((f for f in (_cut_form(n)[1] for n in notes) if f), "")
    text, group = _cut_group(text)
    group = group or "集团" in notes
    text, leading = _cut_region(_NOISE.sub("", text) if not text.isascii() else text)
    core = _NOISE.sub("", text.removeprefix("the ") if text.isascii() else text)
    return CompanyName(core, _brand(core), leading or region, form, group, branch)


def _unwrap(text: str) -> tuple[str, tuple[str, ...], list[str]]:
    """Brackets hold a region, a form, a group or simply a part of the name."""
    region: tuple[str, ...] = ()
    notes: list[str] = []
    for _ in range(5):
        match = _BRACKETS.search(text)
        if not match:
            break
        inner = match[1].strip()
        kept = ""
        if place := region_of(inner):
            region = region or place
        elif inner == "集团" or not _cut_form(inner)[0].strip():
            notes.append(inner)
        else:
            kept = inner
        text = text[: match.start()] + (" " if text.isascii() else "") + kept + text[match.end() :]
    return text.strip(), region, notes


def _cut_branch(text: str) -> tuple[str, str]:
    for word in ("有限公司", "有限责任公司", "公司", "银行"):
        head, found, tail = text.partition(word)
        if found and tail and _BRANCH.fullmatch(tail):
            return head + found, _NOISE.sub("", tail)
    return text, ""


def _cut_form(text: str) -> tuple[str, str]:
    text = text.rstrip(" ,.、;") if not text.endswith(".") else text.rstrip(" ,;")
    start = _KK_START.match(text)
    if start:
        return text[start.end() :], "kk"
    for form, ending in _FORM_ENDS:
        if match := ending.search(text):
            return text[: match.start()].rstrip(" ,.&、"), form
    return text, ""


def _cut_group(text: str) -> tuple[str, bool]:
    cut = _GROUP.sub("", text)
    return (cut.strip(" ,"), True) if cut != text and cut.strip() else (text, False)


def _cut_region(text: str) -> tuple[str, tuple[str, ...]]:
    """Cut regions in front while a name of its own is left."""
    region: tuple[str, ...] = ()
    for _ in range(3):
        match = LEADING.match(text)
        if not match or len(_brand(text[match.end() :])) < 2 or _INDUSTRY.fullmatch(text[match.end() :]):
            break
        place = region_of(match[1])
        region = place if len(place) >= len(region) else region
        text = text[match.end() :]
        district = DISTRICT.match(text) if match[0].endswith("市") else None
        if district and len(_brand(text[district.end() :])) >= 2:
            text = text[district.end() :]
    return text, region


def _brand(core: str) -> str:
    """Cut the line of business from the end while at least two characters are left."""
    for _ in range(4):
        cut = _INDUSTRY.sub("", core)
        if cut == core or len(cut) < 2 or region_of(cut):
            return core
        core = cut
    return core
