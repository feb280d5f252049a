"""Material for names and numbers that look natural and belong to nobody."""

from random import Random

from pypinyin import lazy_pinyin

from guanxi.language.phones import read_phone

#: province, city, area code, first six digits of its credit codes, postal code, districts, roads
CITIES = (
    ("浙江省", "杭州市", "0571", "330100", "310000", ("萧山区", "余杭区", "滨江区"), ("江陵路", "建设四路", "文一西路")),
    ("浙江省", "宁波市", "0574", "330200", "315000", ("鄞州区", "北仑区", "镇海区"), ("四明中路", "明州西路", "骆驼街道")),
    ("上海市", "上海市", "021", "310115", "200000", ("浦东新区", "闵行区", "松江区"),
     ("张杨路", "沪闵路", "新桥镇莘砖公路")),
    ("江苏省", "苏州市", "0512", "320500", "215000", ("吴中区", "虎丘区", "吴江区"), ("东吴北路", "竹园路", "中山南路")),
    ("江苏省", "南京市", "025", "320100", "210000", ("江宁区", "浦口区", "栖霞区"), ("秣周东路", "浦滨路", "仙林大道")),
    ("江苏省", "无锡市", "0510", "320200", "214000", ("滨湖区", "新吴区"), ("建筑西路", "长江北路")),
    ("广东省", "深圳市", "0755", "440300", "518000", ("宝安区", "龙华区", "南山区"), ("前进一路", "清祥路", "科苑南路")),
    ("广东省", "广州市", "020", "440100", "510000", ("黄埔区", "番禺区", "白云区"), ("开创大道", "市桥大北路", "机场路")),
    ("广东省", "东莞市", "0769", "441900", "523000", ("长安镇", "松山湖", "厚街镇"), ("振安中路", "工业东路", "家具大道")),
    ("广东省", "佛山市", "0757", "440600", "528000", ("顺德区", "南海区"), ("新桂中路", "桂澜北路")),
    ("福建省", "厦门市", "0592", "350200", "361000", ("集美区", "海沧区"), ("杏林湾路", "沧湖东一路")),
    ("福建省", "泉州市", "0595", "350500", "362000", ("丰泽区", "晋江市"), ("刺桐北路", "世纪大道")),
    ("山东省", "青岛市", "0532", "370200", "266000", ("黄岛区", "城阳区"), ("长江中路", "正阳路")),
    ("山东省", "济南市", "0531", "370100", "250000", ("历下区", "章丘区"), ("经十路", "双山大街")),
    ("四川省", "成都市", "028", "510100", "610000", ("龙泉驿区", "双流区"), ("成龙大道", "西航港大道")),
    ("湖北省", "武汉市", "027", "420100", "430000", ("江夏区", "东西湖区"), ("文化大道", "金银湖路")),
    ("河南省", "郑州市", "0371", "410100", "450000", ("中牟县", "高新区"), ("万三公路", "科学大道")),
    ("安徽省", "合肥市", "0551", "340100", "230000", ("蜀山区", "肥西县"), ("望江西路", "巢湖中路")),
    ("陕西省", "西安市", "029", "610100", "710000", ("雁塔区", "长安区"), ("科技二路", "西部大道")),
    ("辽宁省", "大连市", "0411", "210200", "116000", ("甘井子区", "金州区"), ("华北路", "东北大街")),
)
BRANDS = tuple(" ".join((
    "澜越 衡岳 沐泽 启辰达 拓原 云峤 景澄 卓禾 锦屿 泓朗 博岸 嘉阔 昊榆 晟屹 朗森 翰邦 臻和 铭远",
    "瀚江 骏程 栖禾 晋宇 沃岩 佰川 恒澈 聚渡 利雅 岭航 同济堂 绿野源 盛阳泰 海润通 广陵 天衢 竹溪",
    "望舒 北辰润 中岳鼎 禾木春 汇东 江淮兴 海岳 丰沃 长河 金穗源 远舟 赛博翰 优朴 弘毅达 正和泰",
    "方舟立 青屿 灵石 安澜 美辰 凯歌 新程 众合 开元顺 百川汇 川渝丰 东岭 南溪 德润康 华岩 蓝图远",
    "星野 松涛 映山 锐成 瑞澄 宏昱 云泽 恒朗 立川源 万禾 景泰和 瑞霖 卓尔迅 鼎沐 申越 启润 弘川",
    "博远升 君禾 天澜 世坤 佳沃达 明溪 捷泰林 盛禾 中泽 广润源 凌越 飞澜 金屿 华岚 润泽丰 东篱 合胜",
    "源启 永霖 新沃 安禾 泰岳 光屿 科澜 迈远 嘉岭 鑫禾 顺澜 凯越林 元川 汉泽 鹏屿 富澜 联禾 信川",
    "达澜 长禾源 三合顺 丽水源 百禾 千川 万澜 一禾 久泽 鼎川",
)).split())
#: trade, in short, the industry as seeded, what it buys
TRADES = (
    ("精密机械", "精机", "Manufacturing", "machine"),
    ("机电设备", "机电", "Manufacturing", "machine"),
    ("五金制品", "五金", "Manufacturing", "machine"),
    ("汽车零部件", "汽配", "Manufacturing", "machine"),
    ("电子科技", "电子", "Manufacturing", "machine"),
    ("塑胶制品", "塑胶", "Manufacturing", "material"),
    ("包装材料", "包装", "Manufacturing", "material"),
    ("纺织科技", "纺织", "Manufacturing", "material"),
    ("家居用品", "家居", "Manufacturing", "material"),
    ("智能装备", "智装", "Manufacturing", "machine"),
    ("商贸", "商贸", "Trade and retail", "food"),
    ("国际贸易", "国贸", "Trade and retail", "food"),
    ("供应链管理", "供应链", "Trade and retail", "food"),
    ("医疗器械", "医疗", "Health care and medicine", "medical"),
    ("生物医药", "生物", "Health care and medicine", "medical"),
    ("冷链物流", "冷链", "Logistics and transport", "machine"),
    ("新材料", "新材", "Energy and chemistry", "material"),
    ("精细化工", "化工", "Energy and chemistry", "material"),
    ("新能源科技", "新能源", "Energy and chemistry", "machine"),
    ("食品", "食品", "Agriculture and food", "food"),
    ("餐饮管理", "餐饮", "Hotels and catering", "food"),
    ("建筑工程", "建工", "Construction and real estate", "material"),
    ("信息技术", "信息", "Information technology", "machine"),
)
#: what the firm imports: name, series, from and to in 10,000 yuan
PRODUCTS = {
    "machine": (("日本精密轴承", "进口零部件", 8, 60), ("德国数控刀具", "进口零部件", 12, 45),
                ("五轴加工中心", "进口设备", 180, 420),
                ("全自动包装线", "进口设备", 120, 360), ("六轴工业机器人", "进口设备", 80, 260),
                ("光纤激光切割机", "进口设备", 90, 240),
                ("伺服电机及驱动器", "进口零部件", 15, 80), ("三坐标测量仪", "检测仪器", 35, 140)),
    "material": (("食品级聚丙烯粒子", "化工原料", 30, 150), ("钛白粉", "化工原料", 25, 110),
                 ("304 不锈钢卷板", "金属材料", 60, 280),
                 ("长绒棉纱线", "纺织原料", 20, 95), ("进口针叶浆", "纸浆", 45, 160),
                 ("水性聚氨酯树脂", "化工原料", 18, 70)),
    "medical": (("医用无纺布", "医用材料", 18, 90), ("全自动生化分析仪", "医疗设备", 60, 220),
                ("一次性注射器组件", "医用材料", 12, 55),
                ("实验室离心机", "实验设备", 15, 65)),
    "food": (("西班牙橄榄油", "食品", 20, 75), ("智利车厘子", "生鲜", 40, 120), ("新西兰全脂奶粉", "食品", 35, 150),
             ("澳洲谷饲牛肉", "生鲜", 50, 180), ("法国葡萄酒", "酒水", 15, 80)),
}
DEALS = {
    "machine": ("采购项目", "二期扩产采购", "进口代理", "产线改造"),
    "material": ("年度框架协议", "季度补货", "首单试采", "进口代理"),
    "medical": ("采购项目", "年度框架协议", "招标项目"), "food": ("年度框架协议", "季度补货", "首单试采", "节日备货"),
}
SURNAMES = ("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
            "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚")
WOMEN = ("晓燕", "雅婷", "丽娟", "思琪", "静怡", "海霞", "慧敏", "秀兰", "佳怡", "雪梅", "婷婷", "玉珍", "诗涵", "春华",
         "文静", "欣怡", "红梅",
         "淑芬", "梦洁", "美玲", "若曦", "月英", "倩", "颖", "芳", "琳", "敏", "洁")
MEN = ("建国", "志强", "伟明", "海峰", "俊杰", "文斌", "国栋", "晓东", "宏伟", "子轩", "浩然", "立军", "永刚", "家豪",
       "振华", "明辉", "天宇",
       "少华", "德胜", "嘉伟", "卫东", "长江", "磊", "强", "军", "勇", "鹏", "涛")
POSTS = (("采购经理", "采购部", ("economic",)), ("总经理", "总经办", ("economic",)), ("技术总监", "技术部", ("technical",)),
         ("设备主管", "生产部", ("user",)), ("采购专员", "采购部", ("user", "coach")),
         ("生产经理", "生产部", ("user", "technical")),
         ("财务总监", "财务部", ("economic",)), ("质量经理", "品质部", ("technical",)),
         ("副总经理", "总经办", ("economic", "coach")),
         ("总经理助理", "总经办", ("coach",)), ("仓储主管", "物流部", ("user",)),
         ("工艺工程师", "技术部", ("technical", "user")))
BANKS = (("中国工商银行", "102"), ("中国建设银行", "105"), ("中国银行", "104"), ("招商银行", "308"),
         ("中国农业银行", "103"),
         ("交通银行", "301"))
LIKINGS = ("喜欢喝龙井，周末打羽毛球。", "茶室谈事，不喝酒。", "关注孩子升学，喜欢登山。", "爱好摄影，朋友圈常发风景。",
           "老家潮汕，喜欢工夫茶。",
           "每天早上跑步，约见面宜在十点以后。", "喜欢看球赛，支持国安。", "对历史书感兴趣。")
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MOBILES = ("199", "193", "192", "191")


def latin(words: str) -> str:
    """The reading, as it stands in an address."""
    return "".join(lazy_pinyin(words)).lower()


def credit_code(rng: Random, region: str) -> str:
    """A unified social credit code of a company, with both check digits right."""
    return coded("MA" + "".join(rng.choice(_CODE) for _place in range(6)), region)


def numbered_code(number: int, region: str) -> str:
    """A credit code for each number, no two alike below 887 million."""
    rest, signs = number * 48_271_939 % 31 ** 6, ""
    for _place in range(6):
        rest, sign = divmod(rest, 31)
        signs += _CODE[sign]
    return coded("MB" + signs, region)


def coded(unit: str, region: str) -> str:
    """The code of eight signs with its region and check digits."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rest = 11 - sum(letters.index(sign) * weight for sign, weight in zip(unit, weights, strict=True)) % 11
    code = f"91{region}{unit}" + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(_CODE.index(sign) * pow(3, place, 31) for place, sign in enumerate(code))
    return code + _CODE[-total % 31]


class Names:
    """Gives every name and number once."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.brands = rng.sample(BRANDS, len(BRANDS))
        self._given: set[str] = set()
        self._number = 0

    def person(self) -> tuple[str, str]:
        """A name nobody has yet, and the gender."""
        while True:
            gender = self.rng.choice(("female", "male", "male"))
            name = self.rng.choice(SURNAMES) + self.rng.choice(WOMEN if gender == "female" else MEN)
            if name not in self._given:
                self._given.add(name)
                return name, gender

    def mobile(self) -> str:
        """A mobile number out of a range with four zeros."""
        self._number += self.rng.randint(3, 29)
        return f"{self.rng.choice(_MOBILES)}0000{self._number:04d}"

    def landline(self, area: str) -> str:
        """A number of the city, all of one block."""
        self._number += 1
        eight = f"{area}-5550{self._number:04d}"
        return eight if read_phone(eight) else f"{area}-555{self._number:04d}"

