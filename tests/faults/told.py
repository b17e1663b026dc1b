"""What one client was told and remembers: orders, codes by their hashes, payments. The database is compared with this."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.faults.door import WrongAnswer

PAID = {"PAID", "PARTLY_REFUNDED", "REFUNDED"}


def minor(money: Mapping[str, str]) -> int:
    """An amount of CNY on the wire in 分."""
    return int(Decimal(money["amount"]) * 100)


def hash_of(credentials: Iterable[tuple[str, str]]) -> str:
    """What is kept of a code: never the code."""
    return hashlib.sha256(json.dumps(sorted((kind.upper(), value) for kind, value in credentials)).encode()).hexdigest()


@dataclass
class ToldOrder:
    """An order as it was last told."""

    id: str
    total: int
    refunded: int = 0
    state: str = "PLACED"
    from_wallet: bool = False
    units: dict[str, str] = field(default_factory=dict)

    def told(self, order: Mapping[str, Any]) -> None:
        """Take in a later telling."""
        if minor(order["total"]) != self.total or (self.state in PAID and order["state"] not in PAID):
            raise WrongAnswer(f"order {self.id} was {self.state} over {self.total}, now {order['state']} {order['total']}")
        self.state, self.refunded = order["state"], minor(order["refunded"])
        units = [unit for line in order["lines"] for unit in line["entitlements"]]
        due = sum(line["quantity"] for line in order["lines"]) if self.state in PAID else 0
        if len(units) != due or not set(self.units) <= {unit["id"] for unit in units}:
            raise WrongAnswer(f"order {self.id} is {self.state} with {len(units)} units, {due} are due")
        self.units = {unit["id"]: unit["state"] for unit in units}


@dataclass
class ToldPayment:
    """A payment at the gateway: where the customer goes for it, and what they did there."""

    id: str
    url: str
    amount: int
    order: str | None  # or a top-up
    decide_at: float
    done: str | None = None  # pay, pay_wrong_amount, fail, closed


@dataclass
class Told:
    """Everything that one client was told."""

    party: str
    wallet: int
    orders: dict[str, ToldOrder] = field(default_factory=dict)
    placed_by_key: dict[str, str | None] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    payments: dict[str, ToldPayment] = field(default_factory=dict)
    top_ups: set[str] = field(default_factory=set)

    def order(self, told: Mapping[str, Any]) -> ToldOrder:
        """Remember an order, or what became of it."""
        known = self.orders.setdefault(told["id"], ToldOrder(told["id"], minor(told["total"])))
        known.told(told)
        return known

    def codes(self, revealed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Remember codes that were shown, by their units."""
        fresh = {}
        for one in revealed:
            unit = one["entitlement"]["id"]
            fresh[unit] = hash_of((item["kind"], item["value"]) for item in one["credentials"])
            if not one["credentials"] or self.shown.get(unit, fresh[unit]) != fresh[unit]:
                raise WrongAnswer(f"unit {unit} was shown without a code, or with another one than before")
        self.shown |= fresh
        return fresh
