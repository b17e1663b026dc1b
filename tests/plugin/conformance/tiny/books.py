"""What the tiny vendor knows: goods, orders, and what its repetitions do. Nothing about HTTP."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

GOODS = {"GIFT-10": Decimal("9.50"), "GIFT-20": Decimal("19.00"), "TOP-10": Decimal("9.80"), "RANGE": Decimal("0.95")}
LEAST, MOST = Decimal(5), Decimal(500)  # of one unit of what is sold by amount
CURRENCY = "CNY"


class Refused(Exception):
    """Nothing was recorded; status and code to answer with."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        super().__init__(code)


@dataclass
class Order:
    """One order; `reserved` ones are not bought yet."""

    number: str
    reference: str
    sku: str
    quantity: int
    account: str | None
    amount: Decimal | None
    placed_at: datetime
    state: str = "open"
    codes: list[list[str]] = field(default_factory=list)
    expires_at: datetime | None = None

    @property
    def cost(self) -> Decimal:
        """Of the whole; of what came, where that is all there will be."""
        return GOODS[self.sku] * (self.amount or 1) * (len(self.codes) if self.state == "partial" else self.quantity)

    def sold(self) -> dict[str, Any]:
        """As every sandbox tells it."""
        return {
            "reference": self.reference,
            "quantity": self.quantity,
            "cost": {"amount": str(self.cost), "currency": CURRENCY},
            "secrets": self.codes,
            "expires_at": None if self.expires_at is None else self.expires_at.isoformat(),
            "target": self.account,
            "face_value": None if self.amount is None else {"amount": str(self.amount), "currency": CURRENCY},
        }


@dataclass
class Books:
    """All orders, in the order in which they came."""

    clock: Callable[[], datetime]
    orders: list[Order] = field(default_factory=list)

    def find(self, reference: str) -> Order | None:
        """The first order under a reference."""
        return next((order for order in self.orders if order.reference == reference), None)

    def numbered(self, number: str) -> Order:
        """By the vendor's own number."""
        for order in self.orders:
            if order.number == number:
                return order
        raise Refused(404, "ORDER_UNKNOWN")

    def place(self, mode: str, asked: dict[str, Any]) -> tuple[Order, bool]:
        """The order, and whether it is new."""
        known = self.find(asked["reference"])
        if known is not None and mode == "replay":
            return known, False
        if known is not None and mode == "reject":
            raise Refused(409, "DUPLICATE")
        sku, quantity = asked["sku"], asked["quantity"]
        if sku not in GOODS or not 1 <= quantity <= 50:
            raise Refused(400, "SKU_UNKNOWN")
        if (sku == "TOP-10") != bool(asked.get("account")):
            raise Refused(400, "ACCOUNT_MISSING")
        amount = Decimal(asked["amount"]) if asked.get("amount") else None
        if (sku == "RANGE") != (amount is not None) or (amount is not None and not LEAST <= amount <= MOST):
            raise Refused(400, "AMOUNT_WRONG")
        if "maximum" in asked and GOODS[sku] * (amount or 1) * quantity > Decimal(asked["maximum"]):
            raise Refused(400, "TOO_DEAR")
        number = secrets.token_hex(6)
        order = Order(number, asked["reference"], sku, quantity, asked.get("account"), amount, self.clock())
        self.orders.append(order)
        if mode == "reserve":
            order.state = "reserved"
        return order, True

    def finish(self, order: Order, *, missing: int = 0, past: bool = False) -> None:
        """Deliver it, or all but so many."""
        if order.state != "open":
            return
        order.state = "partial" if missing else "done"
        order.expires_at = (self.clock() + timedelta(days=-1 if past else 90)).replace(microsecond=0)
        if order.account is None:
            order.codes = [[secrets.token_hex(8), secrets.token_hex(4)] for _ in range(order.quantity - missing)]

    def fail(self, order: Order) -> None:
        """Give it up."""
        if order.state in ("open", "reserved"):
            order.state = "failed"

    def reverse(self, order: Order) -> None:
        """Take it back."""
        if order.state in ("done", "partial"):
            order.state = "reversed"
