"""What operators watch, asked of the domains when Prometheus looks."""

from collections.abc import Mapping

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.metrics import Labels, measure
from perkhub.suppliers import count_low_balances

# By SKU: a variant's id says nothing to the person who buys the next lot.
CODES_LEFT = "SELECT v.sku, s.available - s.held AS free FROM stock s JOIN variant v ON v.id = s.variant_id"
UNPAID = "SELECT count(*) FROM orders WHERE state = 'placed'"
IN_REVIEW = "SELECT count(*) FROM payment WHERE state = 'review'"

# By plugin, and not by account: the list of labels stays short.
OPEN_ORDERS = """
    SELECT a.plugin, o.state, count(*) AS orders FROM supplier_order o JOIN supplier_account a ON a.id = o.account_id
    WHERE o.state IN ('submitted', 'unknown', 'accepted') GROUP BY a.plugin, o.state
"""
TO_REVIEW = "SELECT count(*) FROM supplier_order WHERE review_since IS NOT NULL"
OVERDUE = "SELECT count(*) FROM need WHERE state = 'open' AND due_at < $1"


def register_gauges() -> None:
    """Register every gauge; once per process."""
    measure("perkhub_supplier_orders", "Supplier orders that are under way", "plugin", "state")(_open_orders)
    measure("perkhub_supplier_orders_to_review", "Supplier orders that wait for a person")(_to_review)
    measure("perkhub_supplier_balances_low", "Supplier accounts at which less lies than is wanted")(_low_balances)
    measure("perkhub_needs_overdue", "What suppliers should have delivered by now")(_overdue)
    measure("perkhub_codes_left", "Codes of a variant that are neither sold nor promised", "sku")(_codes_left)
    measure("perkhub_orders_unpaid", "Orders that hold stock and wait for money")(_unpaid)
    measure("perkhub_payments_in_review", "Payments that wait for a person")(_in_review)


async def _codes_left() -> Mapping[Labels, float]:
    return {(row["sku"],): row["free"] for row in await db.rows(CODES_LEFT)}


async def _unpaid() -> Mapping[Labels, float]:
    return {(): await db.value(UNPAID)}


async def _in_review() -> Mapping[Labels, float]:
    return {(): await db.value(IN_REVIEW)}


async def _open_orders() -> Mapping[Labels, float]:
    return {(row["plugin"], row["state"]): row["orders"] for row in await db.rows(OPEN_ORDERS)}


async def _to_review() -> Mapping[Labels, float]:
    return {(): await db.value(TO_REVIEW)}


async def _low_balances() -> Mapping[Labels, float]:
    return {(): await count_low_balances()}


async def _overdue() -> Mapping[Labels, float]:
    return {(): await db.value(OVERDUE, now())}
