"""Filling entitlements: from the pool inside the sale, from suppliers after it. Knows no orders."""

from perkhub.fulfilment.callbacks import receive_supplier_callback
from perkhub.fulfilment.demand import Demand
from perkhub.fulfilment.earn import cost_of, earned
from perkhub.fulfilment.jobs import register_fulfilment_jobs
from perkhub.fulfilment.needs import Need, Source, give_up_source, needs_by_ids
from perkhub.fulfilment.pool import Filled, fill
from perkhub.fulfilment.recall import recall_everywhere
from perkhub.fulfilment.settle import (
    Settlement,
    approve_settlement,
    order_of_settlement,
    propose_settlement,
    settlements_of,
    withdraw_settlement,
)
from perkhub.fulfilment.states import Decision, NeedState, SettlementState
from perkhub.fulfilment.stock_in import (
    StockPurchase,
    list_stock_purchases,
    purchase_stock,
    stock_purchases_by_ids,
)
from perkhub.fulfilment.wait import Delivered, deliver_waiting, give_up_waiting, lock_waits

__all__ = [
    "Decision",
    "Delivered",
    "Demand",
    "Filled",
    "Need",
    "NeedState",
    "Settlement",
    "SettlementState",
    "Source",
    "StockPurchase",
    "approve_settlement",
    "cost_of",
    "deliver_waiting",
    "earned",
    "fill",
    "give_up_source",
    "give_up_waiting",
    "list_stock_purchases",
    "lock_waits",
    "needs_by_ids",
    "order_of_settlement",
    "propose_settlement",
    "purchase_stock",
    "recall_everywhere",
    "receive_supplier_callback",
    "register_fulfilment_jobs",
    "settlements_of",
    "stock_purchases_by_ids",
    "withdraw_settlement",
]
