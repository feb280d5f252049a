"""What the sample company sells, at which prices, and in which warehouses it lies: booked by those who keep it."""

import datetime
from decimal import Decimal
from typing import Any

from guanxi.apps.catalog.models import (
    ExchangeRate,
    PriceList,
    PriceListCustomer,
    PriceListItem,
    Product,
    ProductCategory,
)
from guanxi.apps.inventory.models import Reservation, StockDocument, Warehouse
from guanxi.kernel.api import Ctx
from guanxi.site.demo.customers import GROUP, Firm
from guanxi.site.demo.lists import Lists
from guanxi.site.demo.play import Play
from guanxi.site.demo.words import PRODUCTS

#: name: product code, unit as seeded, list price with tax, cost before tax
GOODS: dict[str, tuple[str, str, str, str]] = {
    "日本精密轴承": ("HX-M101", "piece", "680", "428"), "德国数控刀具": ("HX-M102", "piece", "420", "262"),
    "五轴加工中心": ("HX-M201", "set", "960000", "689000"), "全自动包装线": ("HX-M202", "set", "780000", "548000"),
    "六轴工业机器人": ("HX-M203", "set", "265000", "183500"), "光纤激光切割机": ("HX-M204", "set", "590000", "421000"),
    "伺服电机及驱动器": ("HX-M103", "set", "5200", "3480"), "三坐标测量仪": ("HX-M301", "set", "330000", "226000"),
    "食品级聚丙烯粒子": ("HX-C101", "kilogram", "9.6", "7.15"), "钛白粉": ("HX-C102", "kilogram", "17.8", "13.2"),
    "304 不锈钢卷板": ("HX-C201", "kilogram", "15.4", "11.9"), "长绒棉纱线": ("HX-C301", "kilogram", "38.5", "28.6"),
    "进口针叶浆": ("HX-C401", "kilogram", "6.35", "4.82"), "水性聚氨酯树脂": ("HX-C103", "kilogram", "24.6", "17.4"),
    "医用无纺布": ("HX-H101", "metre", "4.2", "2.9"), "全自动生化分析仪": ("HX-H201", "set", "420000", "288000"),
    "一次性注射器组件": ("HX-H102", "box", "86", "57.5"), "实验室离心机": ("HX-H301", "set", "28500", "18900"),
    "西班牙橄榄油": ("HX-F101", "box", "480", "322"), "智利车厘子": ("HX-F201", "box", "320", "231"),
    "新西兰全脂奶粉": ("HX-F102", "box", "1150", "836"), "澳洲谷饲牛肉": ("HX-F202", "kilogram", "78", "56.5"),
    "法国葡萄酒": ("HX-F301", "box", "680", "414"),
}
#: Sold beside the goods: code, name, unit, price, cost, tax rate
SERVICES = (("HX-S01", "安装调试服务", "person-day", "1800", "950", 6),
            ("HX-S02", "年度维保服务", "year", "18000", "9600", 6),
            ("HX-S03", "报关与内陆运输", "piece", "2600", "1750", 9))
#: key, code, name, address
WAREHOUSES = (("wgq", "WGQ", "外高桥保税仓", "上海市浦东新区富特北路 211 号"),
              ("yt", "YT", "盐田仓", "广东省深圳市盐田区明珠大道 9 号"),
              ("bl", "BL", "北仑仓", "浙江省宁波市北仑区港口路 66 号"))
#: Agreed with the group of customers: percent below the list.
AGREED = 8
#: From how many on a price of the year's list holds, and percent below the list.
STEPS = ((1, 0), (10, 3))
#: The day the warehouses open, so many days ago.
OPENED = 210
#: What always lies there.
KEPT = ("日本精密轴承", "德国数控刀具", "伺服电机及驱动器", "钛白粉", "304 不锈钢卷板", "医用无纺布", "一次性注射器组件",
        "实验室离心机", "西班牙橄榄油", "新西兰全脂奶粉", "法国葡萄酒")


class Goods:
    """Products and warehouses by name, once the script has entered them."""

    def __init__(self) -> None:
        self.products: dict[str, int] = {}
        self.services: list[int] = []
        self.warehouses: dict[str, int] = {}
        self.general = 0
        self._receipts = 0

    def cost(self, name: str) -> Decimal:
        return Decimal(GOODS[name][3])

    def price(self, name: str) -> Decimal:
        return Decimal(GOODS[name][2])


def enter(play: Play, lists: Lists, firms: list[Firm]) -> Goods:
    """Write the catalog, the prices and the beginning of the stock into the script."""
    goods = Goods()
    play.at(play.moment(327, 10), "director", lambda ctx: catalog(ctx, lists, goods))
    play.at(play.moment(326, 10), "director", lambda ctx: prices(ctx, play.today.year, goods))
    play.at(play.moment(236, 16), "director", lambda ctx: _agreement(ctx, play, goods, firms))
    for days_ago, dollar, euro in ((325, "7.1846", "7.7912"), (150, "7.1693", "8.1420"), (20, "7.1158", "8.2375")):
        play.at(play.moment(days_ago, 9, 30), "finance", lambda ctx, days_ago=days_ago, dollar=dollar, euro=euro: [
            ctx.create(ExchangeRate, currency=code, day=play.day(days_ago), rate=rate)
            for code, rate in (("USD", dollar), ("EUR", euro)) if not ctx.find(ExchangeRate).filter(
                currency=code, day=play.day(days_ago)).exists()])
    play.at(play.moment(OPENED + 3, 10), "stock", lambda ctx: _warehouses(ctx, play, goods))
    play.at(play.moment(OPENED, 11), "stock", lambda ctx: _opening(ctx, goods))
    _movements(play, goods)
    return goods


def catalog(ctx: Ctx, lists: Lists, goods: Goods) -> None:
    """Goods and services in categories."""
    groups: dict[str, int] = {}
    for name, series, _low, _high in (row for group in PRODUCTS.values() for row in group):
        if series not in groups:
            known = ctx.find(ProductCategory).filter(name=series, parent=None).first()
            groups[series] = (known or ctx.create(ProductCategory, name=series)).pk
        code, unit, price, cost = GOODS[name]
        food = series in ("食品", "生鲜")
        goods.products[name] = _product(ctx, code=code, name=name, category=groups[series], unit=lists.unit(unit),
                                        list_price=price, cost=cost, tax_rate=9 if food else 13)
    for code, name, unit, price, cost, rate in SERVICES:
        goods.services.append(_product(ctx, code=code, name=name, kind="service", unit=lists.unit(unit), list_price=price,
                                       cost=cost, tax_rate=rate))


def _product(ctx: Ctx, **values: Any) -> int:
    """A product of one's own may have the code already."""
    if ctx.as_system("product codes").find(Product).filter(code=values["code"]).exists():
        values["code"] += "-HX"
    return ctx.create(Product, currency="CNY", **values).pk


def _free(ctx: Ctx, model: Any, name: str) -> str:
    taken = ctx.as_system("names in use").find(model).filter(name=name).exists()
    return f"{name} · 华信" if taken else name


def prices(ctx: Ctx, year: int, goods: Goods) -> None:
    """The list of the year: the list price, less for larger quantities."""
    made = ctx.create(PriceList, name=_free(ctx, PriceList, f"{year} 年度价目表"), currency="CNY")
    goods.general = made.pk
    for name in KEPT:
        for least, percent in STEPS:
            _item(ctx, made.pk, goods, name, least, percent)


def _item(ctx: Ctx, price_list: int, goods: Goods, name: str, least: int, percent: int) -> None:
    ctx.create(PriceListItem, price_list=price_list, product=goods.products[name], min_quantity=least,
               price=(goods.price(name) * (100 - percent) / 100).quantize(Decimal("0.01")))


def _agreement(ctx: Ctx, play: Play, goods: Goods, firms: list[Firm]) -> None:
    """Prices that only one group of customers has."""
    made = ctx.create(PriceList, name=_free(ctx, PriceList, "澜海集团协议价"), currency="CNY", restricted=True,
                      note="年度框架协议，仅限集团内公司。")
    for firm in firms[:len(GROUP)]:
        ctx.create(PriceListCustomer, price_list=made.pk, customer=firm.pk)
    for name, *_rest in PRODUCTS["machine"]:
        _item(ctx, made.pk, goods, name, 1, AGREED)


# stock -------------------------------------------------------------------------------------------

def _warehouses(ctx: Ctx, play: Play, goods: Goods) -> None:
    for key, code, name, address in WAREHOUSES:
        taken = ctx.find(Warehouse).filter(code=code).exists()
        goods.warehouses[key] = ctx.create(
            Warehouse, code=f"{code}-HX" if taken else code, name=_free(ctx, Warehouse, name), address=address,
            manager=play.people["stock" if key == "wgq" else "stock1"].pk).pk


def _opening(ctx: Ctx, goods: Goods) -> None:
    """What lay there when the system began."""
    for key, share in (("wgq", 1), ("yt", 2)):
        _book(ctx, goods, "opening", key, list(KEPT), share, reference="期初盘存")


def _many(goods: Goods, name: str) -> int:
    """About 120,000 worth of it, in round numbers."""
    return max(2, int(120_000 / goods.cost(name)) // 10 * 10)


def _movements(play: Play, goods: Goods) -> None:
    """Goods come in every month, some are moved on; one document was a mistake, one count found a difference."""
    for place, days_ago in enumerate((185, 152, 120, 88, 55, 24)):
        names = [KEPT[(place * 3 + step) % len(KEPT)] for step in range(3)]
        key = ("wgq", "yt")[place % 2]
        play.at(play.moment(days_ago, 10), "stock1", lambda ctx, names=names, key=key, place=place: _book(
            ctx, goods, "receipt", key, names, reference=f"提单 HX{place + 1:03d}"))
    for place, days_ago in enumerate((140, 96, 60, 12)):
        names = [KEPT[(place * 2 + step) % len(KEPT)] for step in range(2)]
        play.at(play.moment(days_ago, 14), "stock1", lambda ctx, names=names: _book(
            ctx, goods, "transfer", "wgq", names, share=4, to_warehouse=goods.warehouses["bl"]))
    play.at(play.moment(70, 15), "stock", lambda ctx: _mistake(ctx, goods))
    play.at(play.moment(40, 16), "stock", lambda ctx: _count(ctx, goods))
    play.at(play.moment(1, 16), "stock1", lambda ctx: ctx.create(
        StockDocument, kind="receipt", warehouse=goods.warehouses["yt"], reference="到货预报",
        lines=[{"product": goods.products[name], "quantity": _many(goods, name), "unit_cost": goods.cost(name)}
               for name in KEPT[:3]]))
    play.at(play.moment(30, 10), "stock", lambda ctx: [ctx.run(
        "inventory.stockbalance.plan", product=goods.products[name], warehouse=goods.warehouses["wgq"],
        minimum=_many(goods, name) * times) for name, times in ((KEPT[0], 1), (KEPT[3], 9), (KEPT[8], 8))])
    play.at(play.moment(4, 11), "stock", lambda ctx: _aside(ctx, play, goods))


def _book(ctx: Ctx, goods: Goods, kind: str, key: str, names: list[str], share: int = 1, **more: Any) -> int:
    """A document of some products, confirmed at once."""
    lines = [{"product": goods.products[name], "quantity": max(1, _many(goods, name) // share),
              **({"unit_cost": goods.cost(name)} if kind in ("receipt", "opening") else {})} for name in names]
    made = ctx.create(StockDocument, kind=kind, warehouse=goods.warehouses[key], lines=lines, **more)
    ctx.run("inventory.stockdocument.confirm", made)
    return made.pk


def _mistake(ctx: Ctx, goods: Goods) -> None:
    made = _book(ctx, goods, "receipt", "yt", list(KEPT[4:6]), reference="重复登记")
    ctx.run("inventory.stockdocument.cancel", made, reason="与上一张入库单重复")


def _count(ctx: Ctx, goods: Goods) -> None:
    """Two pieces are missing, one too many is found."""
    made = ctx.create(StockDocument, kind="count", warehouse=goods.warehouses["bl"], reference="月末盘点")
    ctx.run("inventory.stockdocument.fill", made)
    counted = ctx.get(StockDocument, made.pk)
    lines = [{"id": line.pk, "quantity": line.quantity + (-2, 0, 1)[place % 3]} for place, line in enumerate(counted.lines)]
    ctx.update(counted, lines=lines)
    ctx.run("inventory.stockdocument.confirm", made.pk)


def _aside(ctx: Ctx, play: Play, goods: Goods) -> None:
    for name, purpose in ((KEPT[0], "澜海精密年度框架备货"), (KEPT[8], "节日促销备货")):
        ctx.create(Reservation, product=goods.products[name], warehouse=goods.warehouses["wgq"], purpose=purpose,
                   quantity=max(1, _many(goods, name) // 5), until=play.day(-20))


def deliver(play: Play, goods: Goods, name: str, quantity: int, since: datetime.datetime, words: str,
            warehouse: str) -> None:
    """What was sold is bought in, set aside and sent out, as far as the time has come."""
    def arrive(ctx: Ctx) -> None:
        made = ctx.create(StockDocument, kind="receipt", warehouse=goods.warehouses[warehouse], reference=words, lines=[
            {"product": goods.products[name], "quantity": quantity, "unit_cost": goods.cost(name)}])
        ctx.run("inventory.stockdocument.confirm", made)
        held.append(ctx.create(Reservation, product=goods.products[name], warehouse=goods.warehouses[warehouse],
                               quantity=quantity, purpose=words).pk)

    def leave(ctx: Ctx) -> None:
        made = ctx.create(StockDocument, kind="issue", warehouse=goods.warehouses[warehouse], reference=words, lines=[
            {"product": goods.products[name], "quantity": quantity, "reservation": held[0]}])
        ctx.run("inventory.stockdocument.confirm", made)
    held: list[int] = []
    edge = play.moment(1, 18)
    came, went = since + datetime.timedelta(days=4), since + datetime.timedelta(days=11)
    opened = play.moment(OPENED - 1)
    if max(came, opened) < edge:
        play.at(max(came, opened), "stock1", arrive)
        if max(went, opened + datetime.timedelta(days=7)) < edge:
            play.at(max(went, opened + datetime.timedelta(days=7)), "stock1", leave)
