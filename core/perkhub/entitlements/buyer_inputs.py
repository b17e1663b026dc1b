"""What buyers said for their benefits to be delivered: kept sealed, shown masked, opened for whoever delivers, forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from perkhub.accounts import ContactPoint, index_of, seal_personal, unseal_personal
from perkhub.catalog import CheckedInput
from perkhub.kit import db
from perkhub.kit.db import Row, Transaction
from perkhub.kit.ids import new_id

INSERT = """
    INSERT INTO buyer_input (id, party_id, source_id, position, key, sealed, masked, target, hidden, blind_index)
    SELECT i.id, $1::uuid, i.source_id, i.position, i.key, i.sealed, i.masked, i.target, i.hidden, i.blind_index
    FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::bytea[], $7::text[], $8::bool[], $9::bool[], $10::bytea[])
         AS i(id, source_id, position, key, sealed, masked, target, hidden, blind_index)
"""
MASKED = "SELECT source_id, key, masked, target FROM buyer_input WHERE source_id = ANY($1) ORDER BY source_id, position"
# Only of what is still to be obtained: who has what they were due needs nobody to read where it went.
TO_DELIVER = """
    SELECT i.id, i.key, i.sealed FROM buyer_input i
    WHERE i.source_id = (SELECT e.source_id FROM entitlement e
                         WHERE e.id = ANY($1) AND (e.state = 'pending' OR e.state = 'delayed') LIMIT 1)
    ORDER BY i.position
"""
OF_PARTY = """
    SELECT id, source_id, key, sealed, masked, hidden FROM buyer_input
    WHERE party_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
OF_CONTACT = "SELECT DISTINCT source_id FROM buyer_input WHERE blind_index = $1 ORDER BY source_id LIMIT $2"
FORGET = "DELETE FROM buyer_input WHERE party_id = $1"


@dataclass(frozen=True, slots=True)
class MaskedInput:
    """What may be shown of one input. The `target` says where the benefit goes."""

    key: str
    masked: str
    target: bool


@dataclass(frozen=True, slots=True)
class OwnInput:
    """One input as its own party may have it back: hidden ones stay masked."""

    id: UUID
    source_id: UUID
    key: str
    value: str = field(repr=False)


def keep_inputs(tx: Transaction, party: UUID, given: Mapping[UUID, Sequence[CheckedInput]]) -> None:
    """Keep what a party said, by source (an order's line), with the transaction's other writes."""
    rows = [(new_id(), source, place, one) for source, inputs in given.items() for place, one in enumerate(inputs)]
    if not rows:
        return
    tx.later(
        INSERT,
        party,
        [id for id, _, _, _ in rows],
        [source for _, source, _, _ in rows],
        [place for _, _, place, _ in rows],
        [one.key for _, _, _, one in rows],
        [seal_personal(one.value, _place(id)) for id, _, _, one in rows],
        [one.masked for _, _, _, one in rows],
        [one.target for _, _, _, one in rows],
        [one.hidden for _, _, _, one in rows],
        [None if one.contact is None else index_of(one.contact) for _, _, _, one in rows],
    )


async def masked_inputs(sources: Sequence[UUID]) -> dict[UUID, list[MaskedInput]]:
    """What may be shown, by source, in the order in which it was asked for."""
    found: dict[UUID, list[MaskedInput]] = {source: [] for source in sources}
    for row in await db.rows(MASKED, list(sources)):
        found[row["source_id"]].append(MaskedInput(row["key"], row["masked"], row["target"]))
    return found


async def inputs_to_deliver(units: Sequence[UUID]) -> dict[str, str]:
    """In clear, by key: for whoever obtains these units of one source, at the moment of ordering them, and for nobody else.

    Told only while one of them is PENDING or DELAYED. It is personal data, and may be secret: it goes to the supplier, never
    into a log, an error, an event, a job's arguments or a column.
    """
    return {row["key"]: _open(row) for row in await db.rows(TO_DELIVER, list(units))}


async def inputs_of_party(party: UUID, *, before: UUID | None = None, limit: int = 100) -> list[OwnInput]:
    """All that a party said, newest first: for the party itself, or after a trace was left."""
    return [
        OwnInput(row["id"], row["source_id"], row["key"], row["masked"] if row["hidden"] else _open(row))
        for row in await db.rows(OF_PARTY, party, before, limit)
    ]


async def sources_for_contact(contact: ContactPoint, *, limit: int = 100) -> list[UUID]:
    """What was ordered for this phone or e-mail, by whomever."""
    return [row["source_id"] for row in await db.rows(OF_CONTACT, index_of(contact), limit)]


async def forget_inputs(party: UUID) -> None:
    """Delete what a party said. A unit that is still pending can be obtained no more, and is refunded."""
    await db.transact(lambda tx: tx.execute(FORGET, party))


def _place(id: UUID) -> tuple[str | UUID, ...]:
    return ("buyer_input", id, "value")


def _open(row: Row) -> str:
    return unseal_personal(row["sealed"], _place(row["id"]))
