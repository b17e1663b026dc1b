"""Looking a supplier order up, by its turn or on a callback's hint, and applying what is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from perkhub.entitlements import inputs_to_deliver
from perkhub.fulfilment.arrivals import LOOK
from perkhub.fulfilment.arrive import arrive
from perkhub.fulfilment.needs import needs_by_ids
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.gathering import Gathered
from perkhub.kit.jobs import Context, Postpone
from perkhub.kit.logging import get_logger
from perkhub.kit.outbox import enqueue
from perkhub.plugin.errors import SettingsRefused
from perkhub.suppliers import (
    HELD,
    Account,
    NotNow,
    SupplierOrder,
    SupplierOrderState,
    SupplierUnknown,
    a_line,
    accounts_by_ids,
    look,
    supplier_orders_by_ids,
)

log = get_logger(__name__)

# Where many wait for one account: twice as long each time, so that a thousand looks do not crowd out what is new.
CROWDED = 0.5
LONGEST_CROWDED = 60.0
# A plugin that is gone may come back with the next deployment.
UNUSABLE = 60.0


async def look_up(context: Context, supplier_order_id: UUID, by_turn: bool = False) -> None:
    """One look. `by_turn`: nobody hinted at it; what was settled meanwhile needs none.

    Raises:
        Postpone: the account cannot be asked at this moment.
    """
    found = await _read_order(supplier_order_id)
    if found is None or not is_worth_a_look(found.order):
        return
    order, account, begun = found.order, found.account, now()
    if by_turn and order.state in HELD:
        return
    try:
        async with a_line(account) as line:
            await arrive(line, order, await look(line, order, await _said_for(order)), looked_at=begun)
    except NotNow as wait:
        # As long as the supplier is left alone, and not a multiple of that: when it is back, whoever paid waits for this.
        raise Postpone(max(wait.seconds, min(LONGEST_CROWDED, CROWDED * 2 ** min(context.forgiven, 8)))) from None
    except (SupplierUnknown, SettingsRefused) as unusable:
        log.warning("an account cannot be used", account=account.id, error=type(unusable).__name__)
        raise Postpone(UNUSABLE) from None


@dataclass(frozen=True, slots=True)
class _Found:
    """An order with its account."""

    order: SupplierOrder
    account: Account


async def _read_orders(ids: Sequence[UUID]) -> list[_Found | None]:
    orders = {order.id: order for order in await supplier_orders_by_ids(list(set(ids)))}
    accounts = await accounts_by_ids(list({order.account_id for order in orders.values()}))
    found = {order.id: _Found(order, accounts[order.account_id]) for order in orders.values()}
    return [found.get(id) for id in ids]


_read_order = Gathered(_read_orders)


async def _said_for(order: SupplierOrder) -> Mapping[str, str]:
    """What its buyer said, as long as somebody waits for it: by that it is known again, and may be sent again."""
    if not order.inputs or not order.is_open:
        return {}
    needs = await needs_by_ids([order.purpose_id])
    return await inputs_to_deliver(needs[0].units) if needs else {}


def is_worth_a_look(order: SupplierOrder) -> bool:
    """Whether an answer could still change anything: a success can be taken back, what was given up can yet come."""
    return order.is_open or order.state in HELD or order.state is SupplierOrderState.ABANDONED


def look_soon(tx: Transaction, order: UUID) -> None:
    """Somebody hinted that it is worth a look."""
    enqueue(tx, LOOK, supplier_order_id=order, run_at=now(), unique_key=f"look:{order}")
