"""The vendor's HTTP face: one gateway address for all methods, switches for faults, the open books."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from perkhub.plugin import now
from perkhub.plugin.testing import FaultSwitches, TransportFaults
from perkhub_plugins.suppliers.fulu.sandbox.books import (
    FORM,
    INVALID,
    ORDER_UNKNOWN,
    SHORT_OF_MONEY,
    TYPES,
    Books,
    Good,
    Order,
    Refused,
)
from perkhub_plugins.suppliers.fulu.sandbox.callbacks import Callbacks
from perkhub_plugins.suppliers.fulu.sandbox.signatures import encrypt, sign_fields, sign_text

BEIJING = ZoneInfo("Asia/Shanghai")
SKEW = timedelta(minutes=10)
OWN_FAULTS = (
    "no_callback",
    "duplicate_callbacks",
    "forged_callback",
    "permuted_callback",
    "other_order_callback",
    "replayed_callback",
    "early_callback",
    "partial",
    "fail_order",
    "stuck",
    "malformed_card",
    "past_deadline",
    "wrong_product",
    "wrong_quantity",
    "wrong_amount",
    "wrong_reference",
    "wrong_target",
    "price_moves",
    "no_money",
    "unknown_code",
    "secret_rotated",
    "delay_seconds",
)
UNNAMED = 9876  # in no documentation


class Vendor:
    """One running vendor with one merchant."""

    def __init__(self, app_key: str, secret: str) -> None:
        self.app_key, self.first_secret = app_key, secret
        self.switches = FaultSwitches(OWN_FAULTS)
        self.books = Books(self.now)
        self.callbacks = Callbacks(self.switches)
        self.notify_url = ""
        self._running: set[asyncio.Task[None]] = set()

    @property
    def secret(self) -> str:
        """What signs now."""
        return self.first_secret[::-1] if self.switches.value("secret_rotated") else self.first_secret

    def now(self) -> datetime:
        """Beijing time."""
        ahead = timedelta(seconds=self.switches.value("clock_ahead_seconds"))
        return now().astimezone(BEIJING) + ahead

    async def gateway(self, request: Request) -> Response:
        """POST /api/getway"""
        try:
            envelope = json.loads(await request.body())
            self.admit(envelope)
            biz = json.loads(envelope["biz_content"])
            method: Callable[[dict[str, Any]], Any] = self.methods()[envelope["method"]]
            result = method(biz)
        except Refused as refusal:
            return JSONResponse({"code": refusal.code, "message": refusal.message, "result": None, "sign": None})
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"code": 1001, "message": "参数错误", "result": None, "sign": None})
        told = json.dumps(result, ensure_ascii=False)
        return JSONResponse({"code": 0, "message": "接口调用成功", "result": told, "sign": sign_text(told, self.secret)})

    def admit(self, envelope: dict[str, Any]) -> None:
        """Key, signature, clock."""
        given = dict(envelope)
        sign = given.pop("sign", "")
        if given.get("app_key") != self.app_key or not all(isinstance(value, str) for value in given.values()):
            raise Refused(1002, "应用不存在")
        if sign != sign_fields(given, self.secret):
            raise Refused(1003, "签名错误")
        sent = datetime.strptime(given["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        if abs(self.now() - sent) > SKEW:
            raise Refused(1004, "时间戳过期")

    def methods(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        """By the name in the envelope."""
        return {
            "fulu.goods.list.get": lambda _: [good.told() for good in self.books.goods.values()],
            "fulu.goods.info.get": lambda biz: self.books.goods[str(biz["product_id"])].told(),
            "fulu.goods.template.get": self.template,
            "fulu.goods.stock.check": self.stock,
            "fulu.order.card.add": lambda biz: self.add(biz, kind="卡密"),
            "fulu.order.direct.add": lambda biz: self.add(biz, kind="直充"),
            "fulu.order.mobile.add": lambda biz: self.add(biz, kind="话费"),
            "fulu.order.data.add": lambda biz: self.add(biz, kind="流量"),
            "fulu.order.info.get": self.info,
            "fulu.user.info.get": lambda _: {"name": "sandbox", "balance": float(self.books.balance), "is_open": 1},
        }

    def stock(self, biz: dict[str, Any]) -> dict[str, Any]:
        good = self.books.goods[str(biz["product_id"])]
        return {"product_id": int(good.product_id), "stock_status": good.stock_status}

    def template(self, biz: dict[str, Any]) -> dict[str, Any]:
        """fulu.goods.template.get: what a top-up asks."""
        if str(biz["template_id"]) != FORM["template_id"]:
            raise Refused(INVALID, "模板不存在")
        return FORM

    def add(self, biz: dict[str, Any], *, kind: str) -> dict[str, Any]:
        """fulu.order.card.add, direct.add, mobile.add, data.add: taken on, finished a moment later."""
        good = self.books.wanted(kind, biz)
        if self.switches.strikes("price_moves"):
            self.reprice(good, good.purchase_price + 5)
        if self.switches.strikes("no_money"):
            raise Refused(SHORT_OF_MONEY, "余额不足")
        if kind in ("话费", "流量"):
            account, many = str(biz["charge_phone"]), 1
        else:
            account, many = str(biz.get("charge_account", "")), int(biz["buy_num"])
        order = self.books.place(good, str(biz["customer_order_no"]), many, account)
        if self.switches.strikes("early_callback") and self.notify_url:
            self.callbacks.order_changed(self.notify_url, order, self.secret, status="success")
        task = asyncio.get_running_loop().create_task(self.work_on(order, self.fate()))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if self.switches.strikes("unknown_code"):
            raise Refused(UNNAMED, "系统繁忙")
        return {**self.named(order), "order_state": "untreated"}

    def reprice(self, good: Good, price: Decimal) -> None:
        """It costs so much from now on; the merchant is told."""
        good.purchase_price = price
        if self.notify_url:
            self.callbacks.goods_changed(self.notify_url, good.product_id, f"{price:.4f}", self.secret)

    def named(self, order: Order) -> dict[str, Any]:
        """Which order it is and of what; in all the wrong ways that are switched on."""
        return {
            "order_id": order.order_id,
            "customer_order_no": "0" * 24 if self.switches.strikes("wrong_reference") else order.customer_order_no,
            "product_id": 10000999 if self.switches.strikes("wrong_product") else int(order.good.product_id),
            "buy_num": order.buy_num + self.switches.strikes("wrong_quantity"),
        }

    def fate(self) -> set[str]:
        """What will go wrong with the order that was just taken: a switch is meant for it, and not for one before it."""
        return {fault for fault in ("stuck", "fail_order", "partial", "past_deadline") if self.switches.strikes(fault)}

    async def work_on(self, order: Order, fate: set[str]) -> None:
        """What the vendor does with an order in the background."""
        await asyncio.sleep(self.switches.value("delay_seconds") or 0.02)
        if "stuck" in fate:
            return
        if "fail_order" in fate:
            self.books.fail(order)
        else:
            cards = max(1, order.buy_num - 1) if "partial" in fate else None
            self.books.finish(order, cards=cards, expired="past_deadline" in fate)
        if self.notify_url:
            self.callbacks.order_changed(self.notify_url, order, self.secret)

    def info(self, biz: dict[str, Any]) -> dict[str, Any]:
        """fulu.order.info.get"""
        order = self.books.orders.get(str(biz["customer_order_no"]))
        if order is None:
            raise Refused(ORDER_UNKNOWN, "订单不存在")
        broken, named = self.switches.strikes("malformed_card"), self.named(order)
        # A value for a phone has no product of the merchant's: another item shows in its kind.
        wrong_kind = TYPES[order.good.product_type] < 3 and named["product_id"] != int(order.good.product_id)
        return {
            **named,
            "product_name": order.good.product_name,
            "charge_account": "13800000099" if self.switches.strikes("wrong_target") else order.charge_account,
            "order_type": 4 if wrong_kind else TYPES[order.good.product_type],
            "order_price": float(order.price) + 5 * self.switches.strikes("wrong_amount"),
            "order_state": order.status,
            "create_time": order.placed_at.strftime("%Y-%m-%d %H:%M:%S"),
            "finish_time": order.placed_at.strftime("%Y-%m-%d %H:%M:%S"),
            "operator_serial_number": order.serial,
            "cards": [self.card(order, *card, broken=broken) for card in order.cards] if order.status == "success" else None,
        }

    def card(self, order: Order, number: str, password: str, *, broken: bool) -> dict[str, Any]:
        """One card, encrypted."""
        deadline = "" if order.deadline is None else order.deadline.strftime("%Y-%m-%d %H:%M:%S")
        hidden = "AAAA" if broken else encrypt(number, self.secret)
        return {"card_type": 0, "card_number": hidden, "card_pwd": encrypt(password, self.secret), "card_deadline": deadline}

    # --- for tests and development ---

    async def act(self, request: Request) -> Response:
        """POST /_vendor: what its people do. {"notify_url"}, {"rotate_secret"}, {"reverse"|"finish"|"fail": order number},
        {"reprice": product id, "price"}."""
        asked = json.loads(await request.body())
        self.notify_url = asked.get("notify_url", self.notify_url)
        self.first_secret = asked.get("rotate_secret", self.first_secret)
        if (good := self.books.goods.get(asked.get("reprice", ""))) is not None:
            self.reprice(good, Decimal(asked["price"]))
        for word in ("reverse", "finish", "fail"):
            order = self.books.orders.get(asked.get(word, ""))
            if order is not None:
                getattr(self.books, word)(order)
                if self.notify_url and word == "reverse":
                    self.callbacks.refunded(self.notify_url, order, self.secret)
                elif self.notify_url:
                    self.callbacks.order_changed(self.notify_url, order, self.secret)
        return JSONResponse({"notify_url": self.notify_url})

    async def show_books(self, request: Request) -> Response:
        """GET /_books: everything, as the vendor has it; with `?reference=` of that order alone."""
        wanted = request.query_params.get("reference")
        shown = [order for order in self.books.orders.values() if wanted in (None, order.customer_order_no)]
        orders = [
            {
                "customer_order_no": order.customer_order_no,
                "product_id": order.good.product_id,
                "buy_num": order.buy_num,
                "price": str(order.price),
                "state": order.status,
                "charge_account": order.charge_account,
                "cards": [list(card) for card in order.cards],
            }
            for order in shown
        ]
        told = {"orders": orders, "balance": str(self.books.balance), "struck": self.switches.struck}
        called = self.callbacks.sent if wanted is None else []
        return JSONResponse({**told, "callbacks": called, "sold": [order.sold() for order in shown]})

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """What is under way ends with the vendor."""
        yield
        for task in self._running:
            task.cancel()
        await self.callbacks.stop()


def build_app(vendor: Vendor) -> ASGIApp:
    """The vendor as an ASGI application."""
    app = Starlette(
        lifespan=vendor.lifespan,
        routes=[
            Route("/api/getway", vendor.gateway, methods=["POST"]),
            Route("/_faults", vendor.switches.endpoint, methods=["GET", "PUT", "POST", "DELETE"]),
            Route("/_vendor", vendor.act, methods=["POST"]),
            Route("/_books", vendor.show_books, methods=["GET"]),
        ],
    )
    return TransportFaults(app, vendor.switches, creates=lambda _, body: b".add" in body)
