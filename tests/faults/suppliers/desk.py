"""Two operators of the shop: they end halts, buy ahead, refund what was taken back, and settle what no supplier settles, one
proposing by what the vendor's people tell on the telephone (its books), the other approving.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from tests.faults.door import Door
from tests.faults.suppliers import queries, truth
from tests.faults.suppliers.contracts import a_key
from tests.faults.suppliers.shopper import Till
from tests.faults.suppliers.vendors import Vendor

# Of these nobody knows how they end; the last was given up, and is an exposure until somebody does.
OPEN = ("SUBMITTED", "UNKNOWN", "ACCEPTED", "ABANDONED")
SETTLED_MEANWHILE = ("SUPPLIER_ORDER_SETTLED", "SETTLEMENT_MOVED")
ORDERS_A_PURCHASE = 60


@dataclass
class Desk:
    """Both of them. `one` proposes, `other` approves."""

    one: Door
    other: Door
    vendors: dict[str, Vendor]
    variants: list[str]
    url: str
    rng: Random
    settled: Counter[str] = field(default_factory=Counter)
    halts_ended: int = 0
    purchases: int = 0
    refunds: int = 0

    async def work(self, till: Till, *, patience: float) -> None:
        """What lies on the desk; with patience, a part of it waits for another time."""
        await self._end_halts()
        if self.purchases < till.placed // ORDERS_A_PURCHASE and not till.is_closed:
            await self._buy_ahead()
        await self._refund_frozen()
        for order in (await self.one.ask(queries.TO_REVIEW))["supplierOrders"]["nodes"]:
            if self.rng.random() >= patience:
                await self._review(order)

    async def _end_halts(self) -> None:
        for account in (await self.one.ask(queries.ACCOUNTS))["supplierAccounts"]["nodes"]:
            if account["haltedFor"] is not None:
                given = {"accountId": account["id"], "expectedVersion": account["version"], "paused": False}
                payload = await self.one.mutation(queries.PAUSE, given, refusals=["VERSION_MOVED"])
                self.halts_ended += payload["account"] is not None

    async def _buy_ahead(self) -> None:
        given = {"idempotencyKey": a_key(), "variantId": self.rng.choice(self.variants), "quantity": self.rng.randint(3, 30)}
        await self.one.mutation(queries.PURCHASE, given, refusals=["OFFER_NOT_LIVE"])
        self.purchases += 1

    async def _refund_frozen(self) -> None:
        for row in await truth.rows(self.url, truth.FROZEN):
            units = [_global("ent", unit) for unit in row["units"]]
            given = {"idempotencyKey": a_key(), "orderId": _global("ord", row["order_id"]), "entitlementIds": units}
            beyond = {"evenIfSeen": True, "reason": "taken back by the supplier"}
            payload = await self.one.mutation(queries.ORDER_REFUND, {**given, **beyond}, refusals=["NOTHING_TO_REFUND"])
            self.refunds += payload["order"] is not None

    # --- what no supplier settles ---

    async def _review(self, order: dict[str, Any]) -> None:
        vendor = self.vendors[order["account"]["plugin"]]
        sold = await vendor.order(order["reference"])
        if order["state"] not in OPEN:
            await self._close(order)
        elif sold is None or (sold["state"] in ("failed", "REFUNDED") and not sold["secrets"]):
            await self._settle(order, self.rng.choice(("FAILED", "FAILED", "AT_OUR_RISK")))
        elif sold["secrets"] and sold["state"] in ("success", "SUCCESSFUL"):
            await self._settle_sold(order, sold)
        elif order["state"] != "ABANDONED" and self.rng.random() < 0.5:
            # It hangs there, and they promise to look into it: see `Market`.
            await self._settle(order, "AT_OUR_RISK")

    async def _settle_sold(self, order: dict[str, Any], sold: dict[str, Any]) -> None:
        cost = sold["charged"]
        match self.rng.choices(("DELIVERED", "COST_ACCEPTED", "AT_OUR_RISK", "wait"), (4, 4, 1, 1))[0]:
            case "DELIVERED":
                codes = [{"credentials": [_credential(*one) for one in zip(("NUMBER", "PIN"), code, strict=True)],
                          "expiresAt": sold["expires_at"]} for code in sold["secrets"]]  # fmt: skip
                await self._settle(order, "DELIVERED", codes=codes, cost=cost)
            case "COST_ACCEPTED":
                await self._settle(order, "COST_ACCEPTED", cost=cost)
            case "AT_OUR_RISK":
                await self._settle(order, "AT_OUR_RISK")

    async def _close(self, order: dict[str, Any]) -> None:
        """Taken back: not before whoever held its codes has their money."""
        [[frozen]] = await truth.rows(self.url, truth.FROZEN_OF, order["reference"])
        if not frozen:
            await self._settle(order, "CLOSED")

    async def _settle(self, order: dict[str, Any], decision: str, **more: Any) -> None:
        if (decision, order["state"]) == ("AT_OUR_RISK", "ABANDONED"):
            return
        waiting = [one["id"] for one in order["settlements"] if one["state"] == "PROPOSED"]
        if not waiting:
            given = {"supplierOrderId": order["id"], "decision": decision, "reason": "They say so on the telephone.", **more}
            payload = await self.one.mutation(queries.PROPOSE, given, refusals=SETTLED_MEANWHILE)
            told = (payload["supplierOrder"] or {}).get("settlements", ())
            waiting = [one["id"] for one in told if one["state"] == "PROPOSED"]
        for settlement in waiting:
            given = {"idempotencyKey": a_key(), "settlementId": settlement}
            payload = await self.other.mutation(queries.APPROVE, given, refusals=SETTLED_MEANWHILE)
            self.settled[f"by hand: {decision}"] += payload["supplierOrder"] is not None


def _credential(kind: str, value: str) -> dict[str, str]:
    return {"kind": kind, "value": value}


def _global(kind: str, local: UUID) -> str:
    return f"{kind}_{local.hex}"
