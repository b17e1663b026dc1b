"""All that the house holds of one person, as one document: each domain tells its own. Never a code, a password or a token."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

from perkhub.accounts import held_by_accounts
from perkhub.campaigns import ConsentGiven, consents_of_party
from perkhub.entitlements import Entitlement, OwnInput, entitlements_of_party, inputs_of_party
from perkhub.kit.clock import now
from perkhub.kit.money import Money
from perkhub.ledger import Movement, balances, movements
from perkhub.orders import Order, OrderLine, lines_of, orders_of_party
from perkhub.payments import Payment, payments_of

PAGE = 500
MOST_PAGES = 100  # of each kind; the document says where it was cut


class _Numbered(Protocol):
    @property
    def id(self) -> Any: ...


One = TypeVar("One", bound=_Numbered)


async def export_person(party: UUID) -> dict[str, Any]:
    """The document, of plain values.

    Raises:
        NotFound.
    """
    accounts = await held_by_accounts(party)
    orders, all_orders = await _every(lambda before: orders_of_party(party, before=before, limit=PAGE))
    units, all_units = await _every(lambda before: entitlements_of_party(party, before=before, limit=PAGE))
    said, all_said = await _every(lambda before: inputs_of_party(party, before=before, limit=PAGE))
    agreed, all_agreed = await _every(lambda before: consents_of_party(party, before=before, limit=PAGE))
    moved, all_moved = await _every(lambda before: movements(party, before=before, limit=PAGE))
    lines = await lines_of(orders)
    payments = await payments_of([order.id for order in orders])
    return {
        "exportedAt": now(),
        "complete": all_orders and all_units and all_said and all_agreed and all_moved,
        **accounts,
        "wallet": [{"balance": _money(one.balance), "frozen": one.frozen} for one in await balances(party)],
        "walletMovements": [_movement(one) for one in moved],
        "orders": [_order(order, lines, payments, said) for order in orders],
        "consents": [_consent(one) for one in agreed],
        "benefits": [_unit(unit) for unit in units],
    }


async def _every(read: Callable[[Any], Awaitable[Sequence[One]]]) -> tuple[list[One], bool]:
    """Page after page, and whether that was all."""
    found: list[One] = []
    for _ in range(MOST_PAGES):
        page = await read(found[-1].id if found else None)
        found.extend(page)
        if len(page) < PAGE:
            return found, True
    return found, False


def _order(order: Order, lines: list[OrderLine], payments: list[Payment], said: list[OwnInput]) -> dict[str, Any]:
    return {
        "number": order.number,
        "state": str(order.state),
        "placedAt": order.placed_at,
        "paidAt": order.paid_at,
        "total": _money(order.total),
        "refunded": _money(order.refunded),
        "lines": [
            {
                "variantId": line.variant_id,
                "quantity": line.quantity,
                "unit": str(line.unit),
                "total": _money(line.total),
                "said": {one.key: one.value for one in said if one.source_id == line.id},
            }
            for line in lines
            if line.order_id == order.id
        ],
        "payments": [
            {"method": one.method, "state": str(one.state), "amount": _money(one.amount)}
            for one in payments
            if one.payable.id == order.id
        ],
    }


def _consent(given: ConsentGiven) -> dict[str, Any]:
    return {"at": given.at, "orderId": given.order_id, "to": f"{given.mechanic}.{given.about}", "version": given.version}


def _unit(unit: Entitlement) -> dict[str, Any]:
    return {
        "variantId": unit.variant_id,
        "state": str(unit.state),
        "masked": unit.masked,
        "price": _money(unit.price),
        "issuedAt": unit.issued_at,
        "revealedAt": unit.revealed_at,
        "expiresAt": unit.expires_at,
    }


def _movement(movement: Movement) -> dict[str, Any]:
    return {"kind": movement.kind, "at": movement.at, "amount": _money(movement.amount)}


def _money(money: Money) -> dict[str, str]:
    return {"amount": str(money.amount), "currency": money.currency}
