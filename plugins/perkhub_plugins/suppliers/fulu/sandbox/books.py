"""What the vendor knows: goods, orders, our balance. In memory; its rules about money, and nothing about HTTP."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

TYPES = {"话费": 1, "流量": 2, "卡密": 3, "直充": 4}
# The first three digits of a number tell whose it is: 1 移动, 2 电信, 3 联通.
CARRIERS = {
    **dict.fromkeys(("134", "135", "136", "137", "138", "139", "150", "151", "152", "158", "159", "178", "188"), 1),
    **dict.fromkeys(("133", "153", "173", "177", "180", "181", "189", "199"), 2),
    **dict.fromkeys(("130", "131", "132", "155", "156", "166", "176", "185", "186"), 3),
}
FORM = {"template_id": "T1", "elements": [{"name": "ChargeAccount", "label": "充值账号", "required": True, "options": []}]}


class Refused(Exception):
    """Nothing was recorded; the code to answer with."""

    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


ORDER_UNKNOWN, PRODUCT_UNKNOWN, OFF_SALE, SHORT_OF_MONEY, DUPLICATE, INVALID = 4004, 3001, 3002, 2004, 2105, 1001
FINAL = (PRODUCT_UNKNOWN, OFF_SALE, SHORT_OF_MONEY, INVALID)


@dataclass
class Good:
    """A product on the price list."""

    product_id: str
    product_name: str
    product_type: str
    face_value: Decimal
    purchase_price: Decimal
    sales_status: str = "上架"
    stock_status: str = "充足"
    template_id: str = ""
    carrier: int = 0  # of phones
    packet_kind: int | None = None  # of traffic

    def told(self) -> dict[str, Any]:
        """As the catalog tells it."""
        return {
            "product_id": int(self.product_id),
            "product_name": self.product_name,
            "product_type": self.product_type,
            "face_value": float(self.face_value),
            "purchase_price": float(self.purchase_price),
            "sales_status": self.sales_status,
            "stock_status": self.stock_status,
            "template_id": self.template_id,
            "details": "",
        }


@dataclass
class Order:
    """An order of the merchant's."""

    order_id: str
    customer_order_no: str
    good: Good
    buy_num: int
    price: Decimal
    placed_at: datetime
    charge_account: str = ""
    status: str = "processing"
    cards: list[tuple[str, str]] = field(default_factory=list)
    deadline: datetime | None = None
    serial: str = ""

    def charged(self) -> Decimal:
        """What it stands at on the merchant's account: nothing once it failed, and what did not come is not paid for."""
        if self.status == "failed":
            return Decimal(0)
        return self.price * (len(self.cards) or self.buy_num)

    def sold(self) -> dict[str, Any]:
        """As every sandbox tells it: reference, quantity, cost, secrets, deadline; and how it stands by now."""
        return {
            "reference": self.customer_order_no,
            "quantity": self.buy_num,
            "cost": {"amount": str(self.price * (len(self.cards) or self.buy_num)), "currency": "CNY"},
            "secrets": [list(card) for card in self.cards],
            "expires_at": None if self.deadline is None else self.deadline.isoformat(),
            "target": self.charge_account or None,
            "state": self.status,
            "charged": str(self.charged()),
        }


def some_goods() -> dict[str, Good]:
    """A believable price list; the first two are the documented samples' ids."""
    listed = [
        Good("10000587", "爱奇艺黄金会员月卡", "卡密", Decimal(25), Decimal("19.80")),
        Good("10000601", "京东E卡 100元", "卡密", Decimal(100), Decimal("98.50")),
        Good("10000602", "星巴克中杯拿铁券", "卡密", Decimal(30), Decimal("24.00")),
        Good("10000585", "腾讯视频VIP月卡直充", "直充", Decimal(30), Decimal("22.50"), template_id="T1"),
        Good("10000611", "中国移动话费50元", "话费", Decimal(50), Decimal("49.80"), carrier=1),
        Good("10000612", "中国电信话费50元", "话费", Decimal(50), Decimal("49.90"), carrier=2),
        Good("10000613", "中国联通话费50元", "话费", Decimal(50), Decimal("49.70"), carrier=3),
        Good("10000614", "中国移动话费100元", "话费", Decimal(100), Decimal("99.50"), carrier=1),
        Good("10000621", "中国移动流量500M月包", "流量", Decimal(500), Decimal("18.00"), carrier=1, packet_kind=4),
        Good("10000603", "停售测试卡", "卡密", Decimal(10), Decimal("9.00"), sales_status="下架"),
    ]
    return {good.product_id: good for good in listed}


@dataclass
class Books:
    """Everything the vendor ever accepted since it started."""

    clock: Callable[[], datetime]
    goods: dict[str, Good] = field(default_factory=some_goods)
    orders: dict[str, Order] = field(default_factory=dict)  # by the merchant's order number
    balance: Decimal = Decimal(10_000_000)

    def wanted(self, kind: str, biz: dict[str, Any]) -> Good:
        """The product that an order means; `kind` is the product type that its method sells.

        Raises:
            Refused.
        """
        if kind in ("话费", "流量"):
            return self._for_phone(kind, biz)
        good = self.goods.get(str(biz["product_id"]))
        if good is None:
            raise Refused(PRODUCT_UNKNOWN, "商品不存在")
        if good.product_type != kind:
            raise Refused(INVALID, "参数错误")
        return good

    def _for_phone(self, kind: str, biz: dict[str, Any]) -> Good:
        phone, value = str(biz["charge_phone"]), Decimal(str(biz["charge_value"]))
        if len(phone) != 11 or not phone.isdecimal():
            raise Refused(INVALID, "手机号码错误")
        for good in self.goods.values():
            same = good.product_type == kind and good.face_value == value and good.carrier == CARRIERS.get(phone[:3])
            if same and biz.get("packet_kind") in (None, good.packet_kind):
                return good
        raise Refused(PRODUCT_UNKNOWN, "无可用商品")

    def place(self, good: Good, number: str, quantity: int, account: str) -> Order:
        """Take an order on.

        Raises:
            Refused.
        """
        if not 1 <= len(number) <= 50 or quantity < 1 or (good.product_type == "卡密") == bool(account.strip()):
            raise Refused(INVALID, "参数错误")
        if number in self.orders:
            raise Refused(DUPLICATE, "外部订单号已存在")
        if good.sales_status != "上架" or good.stock_status == "断货":
            raise Refused(OFF_SALE, "商品已下架")
        if good.purchase_price * quantity > self.balance:
            raise Refused(SHORT_OF_MONEY, "余额不足")
        self.balance -= good.purchase_price * quantity
        at = self.clock()
        order = Order(at.strftime("%y%m%d%H%M") + "".join(secrets.choice("0123456789") for _ in range(10)), number, good,
                      quantity, good.purchase_price, at, account)  # fmt: skip
        self.orders[number] = order
        return order

    def finish(self, order: Order, *, cards: int | None = None, expired: bool = False) -> None:
        """Deliver it, or as many cards as are said; the money of what is missing goes back."""
        if order.status not in ("processing", "untreated"):
            return
        order.status = "success"
        if order.good.product_type != "卡密":
            order.serial = secrets.token_hex(8)
            return
        count = order.buy_num if cards is None else min(cards, order.buy_num)
        self.balance += order.price * (order.buy_num - count)
        order.cards = [(f"FL{secrets.randbelow(10**14):014d}", f"{secrets.randbelow(10**10):010d}") for _ in range(count)]
        order.deadline = self.clock() + timedelta(days=-1 if expired else 365)

    def fail(self, order: Order) -> None:
        """It did not work out: the money goes back."""
        if order.status in ("processing", "untreated"):
            order.status = "failed"
            self.balance += order.price * order.buy_num

    def reverse(self, order: Order) -> None:
        """Take a success back."""
        if order.status == "success":
            # Before it is "failed": what did not come was given back already.
            self.balance += order.charged()
            order.status = "failed"
