"""Sending an order, and looking one up: what a supplier said, as far as it can be believed. Writes nothing but that a
repetition, or a confirmation, is about to leave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.plugin.supplier import (
    Accepted,
    Delivered,
    Idempotency,
    LookupOutcome,
    NotFound,
    NotSent,
    Partial,
    PlaceOutcome,
    Rejected,
    Reversed,
    SuppliedCode,
    SupplierProblem,
    Unknown,
)
from perkhub.suppliers.believe import NOTHING, Absent, Refused, Unclear, UnderWay, Verdict, believe
from perkhub.suppliers.guarded import Line, word
from perkhub.suppliers.orders import SupplierOrder

SAID = (Delivered, Accepted, Partial, Rejected, Reversed)

# In a statement of its own, committed before anything leaves: a process that dies next leaves it behind.
REPEAT = "UPDATE supplier_order SET sends = sends + 1 WHERE id = $1 AND state IN ('submitted', 'unknown') RETURNING sends"
END_REPLAYS = "UPDATE supplier_order SET replays_ended = true WHERE id = $1"
CONFIRM = """
    UPDATE supplier_order SET confirmed_at = $2
    WHERE id = $1 AND confirmed_at IS NULL AND state IN ('submitted', 'unknown', 'accepted') RETURNING id
"""


async def send(line: Line, order: SupplierOrder, said: Mapping[str, str] = NOTHING) -> Verdict:
    """Send an order that was written down, and has never been sent. `said` by its buyer is in memory alone."""
    outcome = await line.outcome_of(lambda supplier: supplier.place(order.request(said)), NotSent, *SAID)
    return await _understood(line, order, outcome, said)


async def look(line: Line, order: SupplierOrder, said: Mapping[str, str] = NOTHING) -> Verdict:
    """Look an order up; where that tells nothing, a supplier that replays is sent the same order again, inside its window;
    not where what its buyer said was forgotten, for then it would be another order."""
    outcome = await line.outcome_of(lambda supplier: supplier.lookup(order.query()), NotFound, *SAID)
    verdict = await _understood(line, order, outcome, said)
    same = all(one.input in said for one in order.inputs)
    if isinstance(verdict, Absent | Unclear) and same and may_replay(line, order):
        return await _replay(line, order, said)
    if isinstance(verdict, Absent) and is_conclusive(line, order):
        return Refused("not_found", elsewhere=True)
    return verdict


def may_replay(line: Line, order: SupplierOrder) -> bool:
    """Only suppliers that promise it, only inside their window, and never again after an error was replayed."""
    capabilities = line.supplier.capabilities
    if capabilities.idempotency is not Idempotency.REPLAY or capabilities.replay_window is None:
        return False
    inside = now() < order.placed_at + capabilities.replay_window
    return inside and order.is_open and order.supplier_reference is None and not order.replays_ended


def is_conclusive(line: Line, order: SupplierOrder) -> bool:
    """Whether one more "unknown there" settles it: the order is old enough, so many looks said so since, and the supplier
    never answered that it had it."""
    capabilities = line.supplier.capabilities
    old_enough = now() >= order.placed_at + capabilities.not_found_after
    return old_enough and order.supplier_reference is None and order.not_founds + 1 >= capabilities.not_found_looks


def counts(line: Line, order: SupplierOrder) -> bool:
    """Whether "unknown there" counts at all by now: an order may still be on its way."""
    return now() >= order.placed_at + line.supplier.capabilities.not_found_after


def pause(line: Line, order: SupplierOrder) -> timedelta:
    """Until the next look: twice as long each time, slower still for what waits for a person."""
    capabilities = line.supplier.capabilities
    longest = capabilities.poll_longest if order.review_since is None else max(timedelta(hours=1), capabilities.poll_longest)
    twice: int = 2 ** min(order.looks, 16)
    return min(longest, capabilities.poll_first * twice)


async def _replay(line: Line, order: SupplierOrder, said: Mapping[str, str]) -> Verdict:
    sends = await db.value(REPEAT, order.id)
    if sends is None:
        return Unclear("settled_meanwhile")
    again = replace(order, sends=sends)
    outcome = await line.outcome_of(lambda supplier: supplier.place(again.request(said)), NotSent, *SAID)
    if isinstance(outcome, Unknown) and line.supplier.capabilities.replays_errors:
        await db.value(END_REPLAYS, order.id)
    if isinstance(outcome, NotSent):
        # This time nothing left; what of the first time?
        return Unclear(word(outcome.cause))
    return await _understood(line, again, outcome, said)


async def _understood(
    line: Line, order: SupplierOrder, outcome: PlaceOutcome | LookupOutcome, said: Mapping[str, str]
) -> Verdict:
    if isinstance(outcome, Accepted) and line.supplier.capabilities.two_phase:
        outcome = await _confirmed(line, order, outcome, said)
    codes: Sequence[SuppliedCode] = ()
    if isinstance(outcome, Delivered | Partial) and outcome.fetch:
        # Believed first: nobody asks for the codes of an order that is not ours.
        found = believe(order, Accepted(outcome.echo, outcome.supplier_reference), said=said)
        if not isinstance(found, UnderWay):
            return found
        known = replace(order, supplier_reference=outcome.supplier_reference or order.supplier_reference)
        try:
            codes = await line.answer_of(lambda supplier: supplier.fetch_codes(known.query()))
        except SupplierProblem as problem:
            # It is ours; its codes are only not here yet.
            return UnderWay(outcome.supplier_reference, why=f"codes_{problem.reason}"[:60])
        if not isinstance(codes, Sequence):
            return Unclear("wrong_type")
    return believe(order, outcome, codes, said=said)


async def _confirmed(line: Line, order: SupplierOrder, reserved: Accepted, said: Mapping[str, str]) -> PlaceOutcome:
    """Buy what was reserved, once: whether a confirmation that was begun has arrived, only looking tells."""
    if not isinstance(believe(order, reserved, said=said), UnderWay) or order.confirmed_at is not None:
        return reserved
    if await db.value(CONFIRM, order.id, now()) is None:
        return reserved
    known = replace(order, supplier_reference=reserved.supplier_reference or order.supplier_reference)
    outcome = await line.outcome_of(lambda one: one.confirm(known.query(), maximum_cost=order.most()), NotSent, *SAID)
    return Unknown(outcome.cause) if isinstance(outcome, NotSent) else outcome
