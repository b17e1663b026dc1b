"""Callbacks on their way: in the background, repeated until the merchant says `success`, and in all the wrong ways."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from perkhub.plugin.testing import FaultSwitches
from perkhub_plugins.suppliers.fulu.sandbox.books import Order
from perkhub_plugins.suppliers.fulu.sandbox.signatures import sign_fields

TIMES = 3
PAUSE = 0.2


@dataclass
class Callbacks:
    """What was sent where, and how it was answered."""

    switches: FaultSwitches
    sent: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, str]] = field(default_factory=list)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _http: httpx2.AsyncClient | None = None

    def order_changed(self, url: str, order: Order, secret: str, *, status: str | None = None) -> None:
        """Tell the merchant of its order."""
        if self.switches.value("no_callback"):
            return
        fields = order_fields(order, status or ("success" if order.status == "success" else "failed"))
        signed = {**fields, "sign": sign_fields(fields, secret)}
        copies = 1 + int(self.switches.value("duplicate_callbacks"))
        self.kept.append(signed)
        for _ in range(copies):
            self.post(url, signed)
        if self.switches.strikes("forged_callback"):
            self.post(url, {**fields, "order_status": "success", "sign": sign_fields(fields, "f" * 32)})
        if self.switches.strikes("permuted_callback"):
            # The same characters, moved about: the signature still fits.
            permuted = {**fields, "order_id": "".join(sorted(fields["order_id"], reverse=True))}
            self.post(url, {**permuted, "sign": signed["sign"]})
        if self.switches.strikes("other_order_callback"):
            other = {**fields, "customer_order_no": "0" * 24, "order_status": "success"}
            self.post(url, {**other, "sign": sign_fields(other, secret)})
        if self.switches.strikes("replayed_callback") and len(self.kept) > 1:
            self.post(url, self.kept[0])

    def refunded(self, url: str, order: Order, secret: str) -> None:
        """Tell the merchant that a success was taken back."""
        at = order.placed_at.strftime("%Y-%m-%d %H:%M:%S")
        fields = {"order_id": order.order_id, "customer_order_no": order.customer_order_no, "refund_time": at,
                  "refund_status": "success", "refund_description": "退款成功"}  # fmt: skip
        self.post(url, {**fields, "sign": sign_fields(fields, secret)})

    def goods_changed(self, url: str, product_id: str, price: str, secret: str) -> None:
        """Tell the merchant of a price."""
        fields = {"product_id": product_id, "changed_type": "2", "product_sale_status": "上架", "product_price": price}
        self.post(url, {**fields, "sign": sign_fields(fields, secret)})

    def post(self, url: str, fields: Mapping[str, str]) -> None:
        """Send in the background."""
        task = asyncio.get_running_loop().create_task(self._post(url, dict(fields)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _post(self, url: str, fields: dict[str, str]) -> None:
        # One client for all: making one reads every certificate of the machine.
        client = self._http = self._http or httpx2.AsyncClient(timeout=10, trust_env=False)
        for _ in range(TIMES):
            try:
                answer = await client.post(url, data=fields)
            except httpx2.HTTPError as fault:
                self.sent.append({"order": fields.get("customer_order_no"), "fault": type(fault).__name__})
            else:
                told = {"status": answer.status_code, "body": answer.text[:40]}
                self.sent.append({"order": fields.get("customer_order_no"), **told})
                if answer.status_code == 200 and answer.text == "success":
                    return
            await asyncio.sleep(PAUSE)

    async def stop(self) -> None:
        """What is on its way is given up."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()


def order_fields(order: Order, status: str) -> dict[str, str]:
    """The fields of an order's callback, all text."""
    return {
        "order_id": order.order_id,
        "charge_finish_time": order.placed_at.strftime("%Y-%m-%d %H:%M:%S"),
        "customer_order_no": order.customer_order_no,
        "order_status": status,
        "recharge_description": "充值成功" if status == "success" else "充值失败",
        "product_id": order.good.product_id,
        "price": f"{order.price:.4f}",
        "buy_num": str(order.buy_num),
        "operator_serial_number": order.serial,
    }
