"""What every client was told against what is there: in the database, in the vault, and in the gateway's own books.

Each function returns what disagrees, in words; nothing at all is what a run wants to hear.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from tests.faults.importer import ToldImport
from tests.faults.settle import ask
from tests.faults.told import PAID, Told

Rows = dict[UUID, dict[str, Any]]

ORDERS = """
    SELECT o.id, o.party_id, o.state, o.total, o.refunded, o.payment_id, p.method FROM orders o
    LEFT JOIN payment p ON p.id = o.payment_id
"""
UNITS = "SELECT id, party_id, state FROM entitlement"
PLACED = "SELECT id, actor, key, result_id, error FROM idempotency_key WHERE operation = 'orderPlace'"
PAYMENTS = "SELECT id, payable_kind, payable_id, party_id, state, amount, received, our_reference, method FROM payment"
REFUNDS = "SELECT id, payment_id, state, amount, our_reference FROM refund"
WALLETS = "SELECT party_id AS id, sum(balance) AS balance FROM party_account WHERE currency = 'CNY' GROUP BY party_id"
CLEARED = "SELECT coalesce(-sum(amount), 0) FROM ledger_entry WHERE book = 'clearing'"
HELD_TWICE = """
    SELECT code_id FROM custody WHERE action = 'revealed' GROUP BY code_id HAVING count(DISTINCT entitlement_id) > 1
"""
LOTS = "SELECT l.id, l.state, l.quantity, count(c.id) AS codes FROM lot l LEFT JOIN code c ON c.lot_id = l.id GROUP BY l.id"


def local(global_id: str) -> UUID:
    """The UUID behind an id of the wire."""
    return UUID(hex=global_id.partition("_")[2])


def by_id(url: str, sql: str) -> Rows:
    """Rows by their ids."""
    return {row["id"]: dict(row) for row in ask(url, sql)}


def orders(url: str, told: Sequence[Told]) -> Iterator[str]:
    """Each acknowledged order is there, once per key, its owner's, paid as it was told; and none that nobody asked for."""
    there, known = by_id(url, ORDERS), {local(order): one for client in told for order, one in client.orders.items()}
    owner = {local(order): client.party for client in told for order in client.orders}
    yield from (f"order {order} was acknowledged and is not there" for order in known.keys() - there.keys())
    for order, row in there.items():
        if order not in known:
            yield f"order {order} ({row['state']}) is there, and nobody was told of it"
            continue
        one = known[order]
        if (str(row["party_id"]), row["total"]) != (owner[order], one.total):
            yield f"order {order} is another's, or over another sum"
        if one.state in PAID and (row["state"].upper() not in PAID or row["refunded"] != one.refunded):
            yield f"order {order} was told {one.state}, {one.refunded} refunded, and is {row['state']}, {row['refunded']}"
        if one.from_wallet != (row["method"] == "wallet"):
            yield f"order {order} was paid by {row['method']}, its buyer was told otherwise"


def keys(url: str, told: Sequence[Told]) -> Iterator[str]:
    """Each key stands for the one order that its client was told of."""
    expected = {key: order and local(order) for client in told for key, order in client.placed_by_key.items()}
    kept = {row["key"]: row for row in ask(url, PLACED)}
    yield from (f"a key was answered and is not there: {key}" for key in expected.keys() - kept.keys())
    for key, row in kept.items():
        if row["error"] is None and row["result_id"] != expected.get(key):
            yield f"a key stands for order {row['result_id']}, its client was told {expected.get(key)}"
        if row["error"] is not None and expected.get(key) is not None:
            yield f"a key keeps a refusal, its client was told order {expected[key]}"


def codes(url: str, told: Sequence[Told], held: dict[str, list[str]]) -> Iterator[str]:
    """Each code that was shown is held by the unit, and the unit by the client, it was shown to; by no two."""
    units = by_id(url, UNITS)
    seen: dict[str, set[str]] = defaultdict(set)
    for client in told:
        for unit, code in client.shown.items():
            seen[code].add(unit)
            row = units.get(local(unit))
            if row is None or str(row["party_id"]) != client.party or row["state"] != "revealed":
                yield f"unit {unit} was shown to {client.party} and is {row}"
            elif held.get(str(local(unit))) != [code]:
                yield f"unit {unit} was shown with a code that it does not hold"
        yield from _units_as_told(client, units)
    yield from (f"one code was shown for units {sorted(shown)}" for shown in seen.values() if len(shown) > 1)
    yield from (f"code {row['code_id']} was shown for two units" for row in ask(url, HELD_TWICE))


def _units_as_told(client: Told, units: Rows) -> Iterator[str]:
    """What was told only goes on: a unit told as taken back or failed stays so."""
    for order in client.orders.values():
        for unit, state in order.units.items():
            row = units.get(local(unit))
            present = row["state"].upper() if row else None
            if present is None or (state in ("REVOKED", "FAILED", "REVEALED") and present != state):
                yield f"unit {unit} was told {state} and is {present}"


def wallets(url: str, told: Sequence[Told], read: dict[str, int], into_wallet: dict[str, int]) -> Iterator[str]:
    """Start, and top-ups, less what was paid, and what was refunded, is the balance; to the cent, for each customer."""
    there = {str(party): int(row["balance"]) for party, row in by_id(url, WALLETS).items()}
    for client in told:
        spent = sum(order.total - order.refunded for order in client.orders.values() if order.from_wallet)
        topped_up = sum(one.amount for one in client.payments.values() if one.order is None and one.done == "pay")
        reviewed = sum(into_wallet.get(payment, 0) for payment in client.payments)
        expected = client.wallet - spent + topped_up + reviewed
        if not expected == there[client.party] == read[client.party]:
            yield (
                f"{client.party} had {client.wallet}, spent {spent}, topped up {topped_up}, got {reviewed} after reviews: "
                f"{expected}; the database has {there[client.party]}, the API {read[client.party]}"
            )


def gateway(url: str, told: Sequence[Told], books: dict[str, Any]) -> Iterator[str]:
    """The gateway's books agree with ours, payment by payment and refund by refund, and in sum."""
    payments, refunds = by_id(url, PAYMENTS), by_id(url, REFUNDS)
    ours = {row["our_reference"]: row for row in payments.values() if row["method"] != "wallet"}
    theirs = {one["merchant_reference"]: one for one in books["payments"]}
    for reference in ours.keys() | theirs.keys():
        yield from _one_payment(ours.get(reference), theirs.get(reference))
    yield from _done_as_told(told, payments, theirs)
    back = {row["our_reference"]: row for row in refunds.values() if payments[row["payment_id"]]["method"] != "wallet"}
    sent = {one["refund_reference"]: one for one in books["refunds"]}
    for reference in back.keys() | sent.keys():
        row, one = back.get(reference), sent.get(reference)
        if row is None or one is None or (row["state"], row["amount"]) != (one["status"], one["amount"]):
            yield f"refund {reference} is {one} there, {row} here"
    received = sum(one["paid_amount"] for one in books["payments"] if one["status"] == "paid")
    returned = sum(one["amount"] for one in books["refunds"] if one["status"] == "done")
    cleared = int(ask(url, CLEARED)[0][0])
    if received - returned != cleared:
        yield f"the gateway took {received} and returned {returned}; our clearing book holds {cleared}"
    yield from _each_returned_once(url, list(ours.values()), refunds.values())


def _one_payment(row: dict[str, Any] | None, one: dict[str, Any] | None) -> Iterator[str]:
    if row is None:
        yield f"the gateway has a payment that we do not know: {one}"
    elif one is None:
        if row["state"] != "failed":
            yield f"payment {row['id']} is {row['state']}, and the gateway never heard of it"
    elif one["status"] == "paid":
        expected = {"succeeded"} if one["paid_amount"] == one["amount"] else {"returned"}
        if row["state"] not in expected or row["received"] != one["paid_amount"]:
            yield f"payment {row['id']} is {row['state']} with {row['received']}, the gateway took {one['paid_amount']}"
    elif row["state"] != "failed":
        yield f"payment {row['id']} is {row['state']}, at the gateway {one['status']}"


def _done_as_told(told: Sequence[Told], payments: Rows, theirs: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What customers did at the pay page is what the gateway's books say."""
    for client in told:
        for payment, known in client.payments.items():
            row = payments.get(local(payment))
            one = theirs.get(row["our_reference"]) if row else None
            paid = known.done in ("pay", "pay_wrong_amount")
            if row is None or one is None or (one["status"] == "paid") != paid:
                yield f"payment {payment} was {known.done} by its customer, and is {one}"


def _each_returned_once(url: str, ours: Iterable[dict[str, Any]], refunds: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A payment was used for its order, less what of it was refunded, or it went back whole; never both, never neither."""
    of_payment: Counter[UUID] = Counter()
    for refund in refunds:
        of_payment[refund["payment_id"]] += refund["amount"] if refund["state"] == "done" else 0
    by_payment = {row["payment_id"]: row for row in ask(url, ORDERS)}
    for row in ours:
        if row["payable_kind"] != "order" or row["state"] != "succeeded":
            continue
        order = by_payment.get(row["id"])
        due = row["amount"] if order is None else order["refunded"]
        if of_payment[row["id"]] != due:
            state = order and order["state"]
            yield f"payment {row['id']} of an order that is {state} gave back {of_payment[row['id']]}, not {due}"


def imports(url: str, told: Iterable[ToldImport], held: dict[str, list[str]]) -> Iterator[str]:
    """Each import took in exactly the codes of its file, once."""
    lots = by_id(url, LOTS)
    for one in told:
        lot = lots.get(local(one.lot)) if one.lot else None
        if lot is None or not len(one.hashes) == lot["quantity"] == lot["codes"]:
            yield f"import {one.id} of {len(one.hashes)} codes is {one.state}, its lot {lot}"
        elif sorted(held.get(str(lot["id"]), [])) != sorted(one.hashes):
            yield f"import {one.id}: the lot holds other codes than the file"
        elif one.recalled != (lot["state"] == "recalled"):
            yield f"import {one.id}: its lot is {lot['state']}"


def read_back(told: Sequence[Told], read: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """What the API tells each client in the end is what it told before, and what happened since."""
    for client in told:
        shown = {order["id"]: order for order in read[client.party]}
        if set(shown) != set(client.orders) or len(read[client.party]) != len(shown):
            yield f"{client.party} was told of {len(client.orders)} orders and reads {len(read[client.party])}"
            continue
        for order in shown.values():
            client.order(order)
            if order["state"] == "PLACED":
                yield f"order {order['id']} is still unpaid"
