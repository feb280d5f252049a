"""Who is who: labelled pairs by hand and by rule, with the precision and recall they must reach."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.apps.parties.reasons import REASONS
from guanxi.apps.parties.rules import identity as i
from guanxi.apps.parties.rules.identity import LIKELY, Identity, same_score

Pair = tuple[Identity, Identity, bool]

SAME_NAMES = """
深圳市小鹏航天科技有限公司 | 小鹏航天科技
深圳市小鹏航天科技有限公司 | 深圳小鹏航天科技有限公司
小鹏航天科技（深圳）有限公司 | 深圳小鹏航天科技有限公司
小鹏航天科技(深圳)有限公司 | 小鹏航天科技【深圳】有限公司
華為技術有限公司 | 华为技术有限公司
华为 | 华为技术有限公司
华为公司 | 华为
ＡＢＣ科技有限公司 | abc科技有限公司
广东省深圳市宏达电子有限公司 | 宏达电子有限责任公司
广东宏达电子有限公司 | 深圳市宏达电子有限公司
宏达电子有限公司 | 宏达电子有限责任公司
宏达电子股份有限公司 | 宏达电子有限公司
北京 宏达 电子 有限公司 | 北京宏达电子有限公司
北京市宏达电子有限公司 | 宏达电子（北京）有限公司
宏达电子（京）有限公司 | 北京宏达电子有限公司
内蒙古自治区呼和浩特市草原乳品有限公司 | 呼和浩特草原乳品有限公司
上海市浦东新区明珠食品有限公司 | 上海明珠食品有限公司
东风汽车集团有限公司 | 东风汽车（集团）有限公司
新希望集团有限公司 | 新希望集团
阿里巴巴集团控股有限公司 | 阿里巴巴集团
大同电子有限公司 | 大同电子
中国平安保险股份有限公司 | 中国平安保险
Acme Inc | ACME, Inc.
Acme Inc | Acme GmbH
Acme Co., Ltd. | Acme Limited
Acme Co.,Ltd | Acme CO LTD
Acme Co., Ltd | Acme有限公司
Acme Corporation | Acme Corp.
The Acme Company | Acme
Siemens (China) Co., Ltd. | Siemens（中国）有限公司
Müller GmbH | Muller GmbH
株式会社日立製作所 | 日立制作所株式会社
臺北市大明貿易有限公司 | 台北大明贸易有限公司
廣州市鑫源貿易有限公司 | 鑫源贸易有限公司
重慶長安汽車股份有限公司 | 重庆长安汽车股份有限公司
西安市雁塔区秦风餐饮有限公司 | 西安秦风餐饮有限公司
苏州工业信息有限公司 | 江苏省苏州市工业信息有限公司
晨光文化传媒 | 晨光文化传媒有限公司
Bluebird Holdings | Bluebird Holdings Ltd
Bosch (Shanghai) Ltd | 上海Bosch有限公司
"""
OTHER_NAMES = """
北京宏达电子有限公司 | 上海宏达电子有限公司
广州宏达电子有限公司 | 深圳宏达电子有限公司
宏达电子有限公司 | 宏达贸易有限公司
宏达电子有限公司 | 宏大电子有限公司
鑫源科技有限公司 | 新源科技有限公司
中国建设银行 | 中国农业银行
中国银行 | 中国移动
中国移动 | 中国联通
第一汽车有限公司 | 第二汽车有限公司
宏达电子有限公司北京分公司 | 宏达电子有限公司上海分公司
宏达电子有限公司北京分公司 | 宏达电子有限公司
招商银行北京分行 | 招商银行上海分行
深圳科技有限公司 | 深圳贸易有限公司
北京科技有限公司 | 上海科技有限公司
北京大学 | 南京大学
北京银行 | 上海银行
南京银行 | 南京证券
Acme Inc | Acne Inc
Acme Trading Ltd | Acme Consulting Ltd
Siemens (China) Co., Ltd. | Siemens (Hong Kong) Ltd
华为（北京）有限公司 | 华为（上海）有限公司
万达 | 万科
京东 | 北京
有限公司 | 有限公司
科技 | 技术
小米科技有限公司 | 小米手机配件店
长城汽车 | 长安汽车
光明食品有限公司 | 光明乳业有限公司
海尔智家 | 海信视像
恒大地产 | 恒生电子
腾讯科技 | 腾达科技
顺丰速运有限公司 | 顺风速运有限公司
Apple Inc | Applebee Inc
General Motors | General Electric
Delta Air Lines | Delta Electronics
东方航空 | 南方航空
江苏恒瑞医药 | 浙江恒瑞医药
大众汽车（中国） | 大众点评
长沙宏图广告有限公司 | 长春宏图广告有限公司
三一重工 | 三一学院
"""
CODE = "91440300708461136T"
OTHER_CODE = "914403001922038216"
BY_DATA: list[Pair] = [
    (Identity("甲公司", credit_code=CODE), Identity("乙公司", credit_code=CODE.lower()), True),
    (Identity("宏达电子", credit_code=CODE), Identity("宏达电子", credit_code=OTHER_CODE), False),
    (Identity("甲", phones=("13800138000",)), Identity("乙", phones=("+86 138-0013-8000",)), True),
    (Identity("甲", phones=("13800138000",)), Identity("乙", phones=("13800138001",)), False),
    (Identity("甲", emails=("a+crm@b.cn",)), Identity("乙", emails=("A@B.cn",)), True),
    (Identity("甲", emails=("a.b@gmail.com",)), Identity("乙", emails=("ab@googlemail.com",)), True),
    (Identity("甲", emails=("a.b@b.cn",)), Identity("乙", emails=("ab@b.cn",)), False),
    (Identity("甲", emails=("a@qq.com",)), Identity("乙", emails=("b@qq.com",)), False),
    (Identity("宏达电子", phones=("0755-28780808转801",)), Identity("宏达数码", phones=("075528780808",)), True),
    (Identity("明珠餐饮", phones=("0755-28780808",)), Identity("宏达数码", phones=("075528780808",)), False),
    (Identity("宏达电子", city="北京"), Identity("宏达电子", city="上海市"), False),
    (Identity("宏达电子", city="深圳"), Identity("宏达电子", city="广东省"), True),
    (Identity("张伟", person=True), Identity("张伟", person=True), False),
    (Identity("张伟", ("13800138000",), person=True), Identity("张总", ("13800138000",), person=True), True),
    (Identity("张伟", emails=("z@acme.cn",), person=True), Identity("张 伟", emails=("w@acme.cn",), person=True), True),
    (Identity("张伟", city="北京", person=True), Identity("张伟", city="北京", person=True), False),
]


def _by_hand() -> list[Pair]:
    pairs = list(BY_DATA)
    for block, label in ((SAME_NAMES, True), (OTHER_NAMES, False)):
        for line in block.strip().splitlines():
            left, right = line.split(" | ")
            pairs.append((Identity(left), Identity(right), label))
    return pairs


def _by_rule(count: int = 600) -> list[Pair]:
    """Companies from parts; variants of one are the same, a changed part makes another."""
    rnd = random.Random(20260102)
    brands = [a + b for a in "鼎恒瑞博晨嘉泰睿云翰卓锦" for b in "峰驰航腾悦诚海辉凌禾"]
    trades = ["科技", "贸易", "文化传媒", "机械设备", "供应链管理", "信息技术", "食品", "生物医药"]
    cities = ["北京", "上海", "深圳", "杭州", "成都", "武汉", "西安", "苏州", "沈阳", "长沙"]
    forms = ["有限公司", "有限责任公司"]
    variants = [
        lambda c, b, t: f"{c}市{b}{t}有限公司",
        lambda c, b, t: f"{b}{t}（{c}）有限公司",
        lambda c, b, t: f"{b}{t}({c})有限责任公司",
        lambda c, b, t: f"{b}{t}",
        lambda c, b, t: f" {c} {b} {t} 有限公司 ",
        lambda c, b, t: f"{c}{b}{t}公司",
        lambda c, b, t: f"{c}{b}{t}股份有限公司",
    ]
    pairs: list[Pair] = []
    for n in range(count):
        city, other_city = rnd.sample(cities, 2)
        brand, other_brand = rnd.sample(brands, 2)
        trade, other_trade = rnd.sample(trades, 2)
        left = Identity(f"{city}{brand}{trade}{rnd.choice(forms)}")
        if n % 2:
            pairs.append((left, Identity(rnd.choice(variants)(city, brand, trade)), True))
        else:
            changed = ((other_city, brand, trade), (city, other_brand, trade), (city, brand, other_trade))
            city, brand, trade = rnd.choice(changed)
            pairs.append((left, Identity(f"{city}{brand}{trade}{rnd.choice(forms)}"), False))
    return pairs


@pytest.mark.parametrize("source", [_by_hand, _by_rule])
def test_precision_and_recall(source: object) -> None:
    pairs: list[Pair] = source()  # type: ignore[operator]
    found = [(same_score(a, b).score >= LIKELY, label, a.name, b.name) for a, b, label in pairs]
    right = sum(hit and label for hit, label, *_ in found)
    wrong = [row for row in found if row[0] != row[1]]
    assert right / sum(hit for hit, *_ in found) >= 0.97, wrong
    assert right / sum(label for _, label, *_ in found) >= 0.95, wrong


def test_enough_pairs() -> None:
    assert len(_by_hand()) >= 80
    assert len(_by_hand()) + len(_by_rule()) >= 500


def test_pairs_that_match_share_a_block_key() -> None:
    for a, b, _ in _by_hand() + _by_rule():
        if same_score(a, b).score >= LIKELY:
            assert i.block_keys(a) & i.block_keys(b), (a, b)


def test_matching_is_symmetric() -> None:
    for a, b, _ in _by_hand():
        assert same_score(a, b) == same_score(b, a)


@pytest.mark.parametrize(
    ("a", "b", "level", "codes"),
    [
        (Identity("Acme Inc"), Identity("ACME, Inc."), "same", ["name"]),
        (Identity("Acme Inc"), Identity("Acme GmbH"), "likely", ["name", "form"]),
        (Identity("甲", credit_code=CODE), Identity("乙", credit_code=CODE), "same", ["credit_code"]),
        (Identity("甲", credit_code=CODE), Identity("甲", credit_code=OTHER_CODE), "different", ["other_code"]),
        (Identity("甲", ("13800138000",)), Identity("乙", ("13800138000",)), "same", ["mobile"]),
        (Identity("宏达电子有限公司"), Identity("深圳宏达电子有限公司"), "likely", ["name"]),
        (Identity("北京宏达电子有限公司"), Identity("上海宏达电子有限公司"), "different", ["name", "region"]),
        (Identity(), Identity(), "different", []),
    ],
)
def test_levels_and_reasons(a: Identity, b: Identity, level: str, codes: list[str]) -> None:
    match = same_score(a, b)
    assert (match.level, list(match.reasons)) == (level, codes)
    assert all(str(REASONS[code]) for code in match.reasons)


def test_keys() -> None:
    assert i.company_key("广东省深圳市宏达电子有限责任公司") == "宏达电子"
    assert i.core_name("广东省深圳市宏达电子有限责任公司") == "宏达"
    assert i.block_keys(Identity("华为技术", ("13800138000",), ("A+x@b.cn",), CODE)) == {
        "n:华为",
        "p:+8613800138000",
        "m:a@b.cn",
        "c:" + CODE,
    }


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        (CODE, True),
        (OTHER_CODE, True),
        (" ９１４４０３００７０８４６１１３６ｔ ", True),
        ("914403001922038217", False),
        ("91440300708461136", False),
        ("I1440300708461136T", False),
        ("", False),
    ],
)
def test_credit_codes(code: str, valid: bool) -> None:
    assert i.credit_code_valid(code) is valid


@given(st.text(st.characters(exclude_categories=())), st.text())
def test_any_text_is_safe(a: str, b: str) -> None:
    left, right = (Identity(x, (x,), (x,), x, x) for x in (a, b))
    assert 0 <= same_score(left, right).score <= 1
    assert all(len(key) <= 320 for key in i.block_keys(left))
