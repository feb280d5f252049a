"""Words from which the crowd is made: regions, brands, names of people, and what is written about a day's work."""

from random import Random

from guanxi.apps.parties.rules.identity import core_name
from guanxi.site.demo.words import CITIES, MEN, SURNAMES, WOMEN

#: Cities beside those of the rehearsal, in the same shape.
_MORE = (
    ("北京市", "北京市", "010", "110100", "100000", ("朝阳区", "海淀区", "丰台区"), ("望京街", "中关村东路", "科丰桥南路")),
    ("天津市", "天津市", "022", "120100", "300000", ("滨海新区", "西青区", "北辰区"), ("第三大街", "海泰大道", "京津路")),
    ("河北省", "石家庄市", "0311", "130100", "050000", ("裕华区", "桥西区"), ("槐安东路", "新石南路")),
    ("湖南省", "长沙市", "0731", "430100", "410000", ("岳麓区", "雨花区"), ("麓谷大道", "万家丽中路")),
    ("江西省", "南昌市", "0791", "360100", "330000", ("青山湖区", "红谷滩区"), ("高新大道", "赣江中大道")),
    ("重庆市", "重庆市", "023", "500100", "400000", ("渝北区", "九龙坡区"), ("金开大道", "科园四路")),
    ("云南省", "昆明市", "0871", "530100", "650000", ("官渡区", "五华区"), ("春城路", "人民西路")),
    ("贵州省", "贵阳市", "0851", "520100", "550000", ("观山湖区", "南明区"), ("长岭北路", "花果园大街")),
    ("甘肃省", "兰州市", "0931", "620100", "730000", ("城关区", "七里河区"), ("天水北路", "西津东路")),
    ("辽宁省", "沈阳市", "024", "210100", "110000", ("浑南区", "铁西区"), ("新隆街", "建设东路")),
    ("吉林省", "长春市", "0431", "220100", "130000", ("南关区", "绿园区"), ("人民大街", "春城大街")),
)
PLACES = {row[1]: row for row in (*CITIES, *_MORE)}
#: The sales regions beside east and south; with few sellers only the first of them are opened.
REGIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("north", "华北大区", ("北京市", "天津市", "石家庄市")),
    ("yangtze", "苏皖大区", ("苏州市", "南京市", "无锡市", "合肥市")),
    ("pearl", "珠三角大区", ("深圳市", "东莞市", "佛山市", "广州市")),
    ("central", "华中大区", ("武汉市", "长沙市", "郑州市", "南昌市")),
    ("southwest", "西南大区", ("成都市", "重庆市", "昆明市", "贵阳市")),
    ("coast", "浙闽大区", ("杭州市", "宁波市", "厦门市", "泉州市")),
    ("bohai", "环渤海大区", ("青岛市", "济南市", "大连市", "沈阳市")),
    ("northwest", "西北大区", ("西安市", "兰州市", "长春市")),
)
_BEFORE = "云恒瑞卓博智鼎嘉锦明安联新宏图凯立启拓海江山雅德润昌福利顺永信茂森泰华"
_BETWEEN = "岭信达丰创源成科通峰林辉诚业宁腾飞跃益康盈驰骏捷和正泓凡淼川航宇天地东"
_AFTER = "昊奕弘毅铭朗翔沃菲特格莱思纳威尔斯诺顿克洛森迪恩溪屿岚澄"
_GIVEN = "子雨文志思晓佳俊明嘉建海国春玉秀永德少立家振宇浩梓欣美慧雅诗若静"
_LAST = "涵轩怡琪杰华强伟芳敏军峰涛斌婷宁洁琳颖磊勇辉鹏玲萍燕娟超林平"

#: Words in which a stage of work is told; {us} is whom one spoke to, {what} the goods.
DONE: tuple[tuple[str, str], ...] = (
    ("call_outbound", "电话联系{us}，确认本季度采购计划。"), ("call_outbound", "回访{us}，货已签收，质量满意。"),
    ("call_outbound", "电话跟进{what}报价，对方要求下周再谈。"), ("call_inbound", "采购部来电询问{what}的交货期。"),
    ("call_inbound", "客户来电催{what}的发票和装箱单。"), ("wechat", "微信给{us}发了产品手册和行业快讯。"),
    ("wechat", "微信确认{what}样品已收到。"), ("visit", "上门拜访{us}，了解生产线现状。"),
    ("visit", "拜访采购部，{what}现用国产替代件。"), ("meeting", "与{us}开会，讨论付款方式和账期。"),
    ("meeting", "技术交流会：{what}参数逐条核对。"), ("correspondence", "发送{what}正式报价单，有效期三十天。"),
    ("correspondence", "给{us}寄送资质文件和合同草案。"), ("presentation", "向{us}讲解方案，反馈积极。"),
    ("demonstration", "{what}样机演示，测试结果达标。"), ("appointment", "通过{us}约到总经理面谈。"),
)
AHEAD: tuple[tuple[str, str], ...] = (
    ("visit", "拜访{us}，确认验收标准"), ("call_outbound", "电话回访{what}报价反馈"), ("meeting", "与{us}开项目推进会"),
    ("demonstration", "{what}样机演示"), ("appointment", "与{us}面谈年度合作"), ("to_do", "更新{what}报价单"),
)
_TITLES = ("经理", "总", "工", "主任", "部长")


def brands(dice: Random, count: int) -> list[str]:
    """So many invented brands, each once: two or three characters, none of which could be a place."""
    short = [one + two for one in _BEFORE for two in _BETWEEN]
    long = [one + two + three for one in _BEFORE for two in _BETWEEN for three in _AFTER]
    few = min(count // 4, len(short))
    found = dice.sample(short, few) + dice.sample(long, min(count - few, len(long)))
    dice.shuffle(found)
    return [brand for brand in found if core_name(f"上海{brand}科技有限公司") == brand]


def people(dice: Random, count: int) -> list[str]:
    """So many names, each once; common surnames come as often as others."""
    given = sorted({*WOMEN, *MEN, *(one + two for one in _GIVEN for two in _LAST if one != two)})
    every = [surname + name for surname in SURNAMES for name in given]
    return dice.sample(every, min(count, len(every)))


def told(dice: Random, sentences: tuple[tuple[str, str], ...], goods: list[str]) -> list[tuple[str, str]]:
    """Every sentence with whom or what it is about: type of activity, words."""
    whom = [surname + title for surname in SURNAMES for title in _TITLES]
    found = [(kind, words.format(us=us)) for kind, words in sentences if "{us}" in words for us in whom]
    found += [(kind, words.format(what=what)) for kind, words in sentences if "{what}" in words for what in goods]
    dice.shuffle(found)
    return found
