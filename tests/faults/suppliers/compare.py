"""The vendors' own books against ours, to the cent and to the code; and what customers were told against both.

Each function returns what disagrees, in words; nothing at all is what a run wants to hear.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.faults.compare import by_id, local
from tests.faults.settle import ask
from tests.faults.told import PAID, Told, hash_of

BEGAN_WITH = Decimal(10_000_000)
CURRENCY = {"fulu": "CNY", "reloadly": "USD"}

ATTEMPTS = """
    SELECT o.reference, a.name AS vendor, o.state, o.cause, o.quantity, o.received, o.cost, o.currency, o.lot_id
    FROM supplier_order o JOIN supplier_account a ON a.id = o.account_id
"""
PREPAID = "SELECT currency, sum(amount)::bigint AS spent FROM ledger_entry WHERE book = 'prepaid' GROUP BY currency"
LOTS = "SELECT id, variant_id FROM lot"
ORDERS = "SELECT id, party_id, state, total, refunded FROM orders"
LINES = "SELECT id, order_id, quantity FROM order_line"
UNITS = "SELECT id, party_id, state, price, source_id, variant_id, code_id FROM entitlement"
WALLETS = "SELECT party_id AS id, sum(balance)::bigint AS balance FROM party_account WHERE currency = 'CNY' GROUP BY party_id"

HELD = ("delivered", "partial", "late")
DELIVERED = ("issued", "revealed")
REFUNDED = ("failed", "revoked")


def with_vendors(url: str, books: Mapping[str, dict[str, Any]], held: Mapping[str, list[str]]) -> Iterator[str]:
    """Order by order: what they sold under which reference, what they charged, which codes; and in sum. `held` are the
    hashes of the codes in each of our lots."""
    ours = {(row["vendor"], row["reference"]): dict(row) for row in ask(url, ATTEMPTS)}
    theirs = {(vendor, sold["reference"]): sold for vendor, told in books.items() for sold in told["sold"]}
    if len(theirs) != sum(len(told["sold"]) for told in books.values()):
        yield "a vendor sold twice under one reference"
    for key in theirs.keys() - ours.keys():
        yield f"{key} was sold there, and we never ordered it"
    for key, order in ours.items():
        yield from _one_order(order, theirs.get(key), held)
    yield from _in_sum(url, books)


def _one_order(ours: dict[str, Any], sold: dict[str, Any] | None, held: Mapping[str, list[str]]) -> Iterator[str]:
    which = f"{ours['vendor']} {ours['reference']}, {ours['state']} here ({ours['cause']})"
    if sold is None:
        if ours["state"] not in ("not_sent", "rejected"):
            yield f"{which}: they never sold it"
        return
    charged, codes = cents(Decimal(sold["charged"])), [_hash(code) for code in sold["secrets"]]
    if ours["state"] in HELD:
        if (ours["cost"], ours["received"], ours["quantity"]) != (charged, len(codes), sold["quantity"]):
            yield f"{which}: {ours['received']} of {ours['quantity']} for {ours['cost']}; there {len(codes)} for {charged}"
    elif ours["state"] not in ("rejected", "reversed", "not_sent"):
        yield f"{which}: nothing is to be under way any more"
    elif charged:
        yield f"{which}: they charged {charged} for it, {sold['state']} there"
    if ours["lot_id"] is not None and sorted(held.get(str(ours["lot_id"]), [])) != sorted(codes):
        yield f"{which}: its lot holds other codes than they sold"
    if ours["lot_id"] is None and ours["received"]:
        yield f"{which}: what came is in no lot"


def _in_sum(url: str, books: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """What left their account of ours is what they charged; rounded order by order it is what stands in our ledger."""
    spent = {row["currency"]: row["spent"] for row in ask(url, PREPAID)}
    for vendor, told in books.items():
        charges = [Decimal(sold["charged"]) for sold in told["sold"]]
        gone = BEGAN_WITH - Decimal(told["balance"])
        if gone != sum(charges):
            yield f"{vendor} took {gone} and charged {sum(charges)}"
        if sum(map(cents, charges)) != spent.get(CURRENCY[vendor], 0):
            yield f"{vendor} charged {sum(map(cents, charges))}, we booked {spent.get(CURRENCY[vendor], 0)}"


def codes(url: str, told: Sequence[Told], truth: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
    """Each code that was shown is the one that its unit holds (or held, until it was taken back), of the unit's variant, and
    was shown for no other; no code is in two lots."""
    units, lots = by_id(url, UNITS), by_id(url, LOTS)
    lot_of = {code: lot for lot, hashes in truth["lots"].items() for code in hashes}
    if len(lot_of) != sum(len(hashes) for hashes in truth["lots"].values()):
        yield "one code lies in two lots"
    variant_of = {str(lot): row["variant_id"] for lot, row in lots.items()}
    seen: dict[str, set[str]] = defaultdict(set)
    for client in told:
        for unit, code in client.shown.items():
            seen[code].add(unit)
            row = units[local(unit)]
            if str(row["party_id"]) != client.party or row["state"] not in ("revealed", "revoked"):
                yield f"unit {unit} was shown and is {row}"
            elif variant_of.get(lot_of.get(code, "")) != row["variant_id"]:
                yield f"unit {unit} was shown a code that is in no lot of its variant"
            elif row["state"] == "revealed" and truth["units"].get(str(row["id"])) != [code]:
                yield f"unit {unit} was shown another code than it holds"
    yield from (f"one code was shown for units {sorted(shown)}" for shown in seen.values() if len(shown) > 1)


def units(url: str) -> Iterator[str]:
    """Each unit that was paid for was delivered, or its price was given back, once; an unpaid order has none."""
    lines, orders = by_id(url, LINES), by_id(url, ORDERS)
    by_order: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for unit in by_id(url, UNITS).values():
        by_order[lines[unit["source_id"]]["order_id"]].append(unit)
    due: Counter[Any] = Counter()
    for line in lines.values():
        due[line["order_id"]] += line["quantity"]
    for order in orders.values():
        mine = by_order[order["id"]]
        paid = order["state"].upper() in PAID
        if len(mine) != (due[order["id"]] if paid else 0):
            yield f"order {order['id']} is {order['state']}, has {len(mine)} units, {due[order['id']]} are due"
        for unit in mine:
            if unit["state"] not in (*DELIVERED, *REFUNDED) or (unit["state"] in DELIVERED) != (unit["code_id"] is not None):
                yield f"unit {unit['id']} is {unit['state']}, its code {unit['code_id']}"
        back = sum(unit["price"] for unit in mine if unit["state"] in REFUNDED)
        if paid and (order["refunded"] != back or sum(unit["price"] for unit in mine) != order["total"]):
            yield f"order {order['id']} gave {order['refunded']} back, {back} of {order['total']} was not delivered"


def customers(
    url: str, told: Sequence[Told], orders_read: Mapping[str, list[dict[str, Any]]], wallets_read: Mapping[str, int]
) -> Iterator[str]:
    """What each was told only went on, each order of theirs is there and no other, and their wallet is right to the cent."""
    there, wallets = by_id(url, ORDERS), by_id(url, WALLETS)
    known = {local(order) for client in told for order in client.orders}
    if there.keys() != known:
        yield f"{len(there.keys() - known)} orders nobody was told of, {len(known - there.keys())} that are not there"
    for client in told:
        read = {order["id"]: order for order in orders_read[client.party]}
        if read.keys() != client.orders.keys():
            yield f"{client.party} was told of {len(client.orders)} orders and reads {len(read)}"
            continue
        for order_id, order in client.orders.items():
            before = dict(order.units)
            order.told(read[order_id])
            for unit, state in before.items():
                if state in ("REVOKED", "FAILED") and order.units[unit] != state:
                    yield f"unit {unit} was told {state} and is {order.units[unit]}"
            if order.state == "PLACED":
                yield f"order {order_id} is still unpaid"
        expected = client.wallet - sum(order.total - order.refunded for order in client.orders.values() if order.state in PAID)
        there_now = {str(party): row["balance"] for party, row in wallets.items()}[client.party]
        if not expected == there_now == wallets_read[client.party]:
            yield f"{client.party} should have {expected}, has {there_now}, reads {wallets_read[client.party]}"


def cents(amount: Decimal) -> int:
    """Rounded half up, as one order is."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _hash(code: Sequence[str]) -> str:
    return hash_of(zip(("NUMBER", "PIN"), code, strict=True))
