"""What pinyin can be: how surnames are read, and how typed letters divide into syllables."""

import re
from functools import lru_cache

SURNAMES = dict(
    re.findall(
        r"(\S):(\S+)",
        """
    单:shan 曾:zeng 仇:qiu 解:xie 查:zha 区:ou 朴:piao 任:ren 盖:ge 翟:zhai 乐:yue 覃:qin 折:she 缪:miao
    员:yun 种:chong 黑:he 秘:bi 冼:xian 洗:xian 隗:wei 繁:po 逄:pang 郗:xi 召:shao 纪:ji 华:hua 祭:zhai
    谌:chen 瞿:qu 应:ying 卜:bu 句:gou 呙:guo 俞:yu 於:yu 葛:ge 过:guo 那:na 宁:ning 石:shi 车:che 尉:wei
    牟:mu 强:qiang 燕:yan 贾:jia 薄:bo 柏:bai 乜:nie 佘:she 幺:yao 莘:shen 晁:chao 臧:zang 沈:shen 宓:mi
    褚:chu 殷:yin 訾:zi 邵:shao 尹:yin 吕:lv 曲:qu 阚:kan 长:chang 适:kuo 能:nai 肖:xiao 万:wan 阿:a
    """,
    )
)
COMPOUND_SURNAMES = {
    "尉迟": "yu chi", "单于": "chan yu", "万俟": "mo qi", "澹台": "tan tai", "长孙": "zhang sun",
    "宇文": "yu wen", "皇甫": "huang fu", "令狐": "ling hu", "夏侯": "xia hou", "诸葛": "zhu ge",
    "欧阳": "ou yang", "司马": "si ma", "上官": "shang guan", "慕容": "mu rong", "司徒": "si tu",
    "东方": "dong fang", "公孙": "gong sun", "端木": "duan mu", "独孤": "du gu", "南宫": "nan gong",
    "轩辕": "xuan yuan", "鲜于": "xian yu", "闾丘": "lv qiu", "呼延": "hu yan", "拓跋": "tuo ba",
    "濮阳": "pu yang", "钟离": "zhong li", "赫连": "he lian", "百里": "bai li", "申屠": "shen tu",
}  # fmt: skip

_RIME_ROWS = """
- a o e ai ei ao ou an en ang eng er
b a o ai ei ao an en ang eng i ie iao ian in ing u
p a o ai ei ao ou an en ang eng i ie iao ian in ing u
m a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u
f a o ei ou an en ang eng u
d a e ai ei ao ou an en ang eng ong i ia ie iao iu ian ing u uo ui uan un
t a e ai ei ao ou an ang eng ong i ie iao ian ing u uo ui uan un
n a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan un v ue
l a o e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v ue
g a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang
k a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang
h a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang
j i ia ie iao iu ian in iang ing iong u ue uan un
q i ia ie iao iu ian in iang ing iong u ue uan un
x i ia ie iao iu ian in iang ing iong u ue uan un
zh a e ai ei ao ou an en ang eng ong i u ua uo uai ui uan un uang
ch a e ai ao ou an en ang eng ong i u ua uo uai ui uan un uang
sh a e ai ei ao ou an en ang eng i u ua uo uai ui uan un uang
r e ao ou an en ang eng ong i u ua uo ui uan un
z a e ai ei ao ou an en ang eng ong i u uo ui uan un
c a e ai ao ou an en ang eng ong i u uo ui uan un
s a e ai ao ou an en ang eng ong i u uo ui uan un
y a e ai ao ou an ang i in ing o ong u ue uan un
w a o ai ei an en ang eng u
"""
SYLLABLES = frozenset(
    ("" if row[0] == "-" else row[0]) + rime
    for row in map(str.split, _RIME_ROWS.strip().splitlines())
    for rime in row[1:]
)
_STARTS = frozenset(s[:end] for s in SYLLABLES for end in range(1, len(s) + 1))
_LONGEST = 6
_MOST_WAYS = 6
_MOST_LETTERS = 48


@lru_cache(4096)
def splits(letters: str) -> tuple[tuple[str, ...], ...]:
    """Ways to read letters as syllables, longest first; the last may be unfinished."""
    letters = letters.replace("lve", "lue").replace("nve", "nue")
    end = len(letters)
    if end > _MOST_LETTERS:
        return ()
    ways: list[list[tuple[str, ...]]] = [[] for _ in range(end)]
    for start in range(end - 1, -1, -1):
        for stop in range(min(end, start + _LONGEST), start, -1):
            piece = letters[start:stop]
            if stop == end and piece in _STARTS:
                ways[start].append((piece,))
            elif stop < end and piece in SYLLABLES:
                ways[start] += [(piece, *rest) for rest in ways[stop]]
        del ways[start][_MOST_WAYS:]
    return tuple(ways[0])
