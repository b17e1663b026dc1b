"""Which lines of an order are drawn: noted when it is placed, drawn when it is paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from perkhub.campaigns.parts import Part
from perkhub.kit.db import Transaction
from perkhub.plugin.mechanic import Draw

INSERT = """
    INSERT INTO draw_ticket (order_id, position, campaign_id, client_seed)
    SELECT $1::uuid, t.position, t.campaign_id, t.client_seed
    FROM unnest($2::int[], $3::uuid[], $4::text[]) AS t(position, campaign_id, client_seed)
"""
OF_ORDER = "SELECT position, campaign_id, client_seed FROM draw_ticket WHERE order_id = $1 ORDER BY position"


@dataclass(frozen=True, slots=True)
class DrawTicket:
    """That each unit of a line becomes what a draw of this campaign says."""

    position: int
    campaign_id: UUID
    client_seed: str


def tickets_of(parts: Iterable[Part]) -> list[DrawTicket]:
    """The lines that these parts want drawn."""
    return [
        DrawTicket(effect.line, part.campaign.id, effect.client_seed)
        for part in parts
        for effect in part.effects
        if isinstance(effect, Draw)
    ]


def keep_tickets(tx: Transaction, order: UUID, tickets: Sequence[DrawTicket]) -> None:
    """Note them until the order is paid, with the transaction's other writes."""
    if tickets:
        tx.later(
            INSERT,
            order,
            [one.position for one in tickets],
            [one.campaign_id for one in tickets],
            [one.client_seed for one in tickets],
        )


async def kept_tickets(tx: Transaction, order: UUID) -> list[DrawTicket]:
    """What was noted for an order."""
    return [DrawTicket(row["position"], row["campaign_id"], row["client_seed"]) for row in await tx.rows(OF_ORDER, order)]
