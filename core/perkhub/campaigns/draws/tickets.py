"""Which lines of an order are drawn: noted when it is placed, drawn when it is paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from perkhub.campaigns.errors import CampaignOver
from perkhub.campaigns.parts import Part
from perkhub.kit.db import Transaction
from perkhub.plugin.mechanic import Draw

# Held until the order is placed: whoever rotates waits, and then sees it.
PRESENT = "SELECT campaign_id, id FROM draw_seed WHERE campaign_id = ANY($1) AND succeeded_at IS NULL ORDER BY id FOR SHARE"
INSERT = """
    INSERT INTO draw_ticket (order_id, position, campaign_id, seed_id, client_seed)
    SELECT $1::uuid, t.position, t.campaign_id, t.seed_id, t.client_seed
    FROM unnest($2::int[], $3::uuid[], $4::uuid[], $5::text[]) AS t(position, campaign_id, seed_id, client_seed)
"""
OF_ORDER = "SELECT position, campaign_id, client_seed, seed_id FROM draw_ticket WHERE order_id = $1 ORDER BY position"


@dataclass(frozen=True, slots=True)
class DrawTicket:
    """That each unit of a line becomes what a draw of this campaign says; by which seed, where the order was placed before."""

    position: int
    campaign_id: UUID
    client_seed: str
    seed_id: UUID | None = None


def tickets_of(parts: Iterable[Part]) -> list[DrawTicket]:
    """The lines that these parts want drawn."""
    return [
        DrawTicket(effect.line, part.campaign.id, effect.client_seed)
        for part in parts
        for effect in part.effects
        if isinstance(effect, Draw)
    ]


async def keep_tickets(tx: Transaction, order: UUID, tickets: Sequence[DrawTicket]) -> None:
    """Note them until the order is paid, with the seeds that are committed to now.

    Raises:
        CampaignOver: nothing is drawn in one of the campaigns any more.
    """
    if not tickets:
        return
    campaigns = sorted({one.campaign_id for one in tickets})
    seeds = {row["campaign_id"]: row["id"] for row in await tx.rows(PRESENT, campaigns)}
    if len(seeds) < len(campaigns):
        # One was rotated while we waited for it: a new statement sees the next.
        seeds |= {row["campaign_id"]: row["id"] for row in await tx.rows(PRESENT, campaigns)}
    if len(seeds) < len(campaigns):
        raise CampaignOver
    tx.later(
        INSERT,
        order,
        [one.position for one in tickets],
        [one.campaign_id for one in tickets],
        [seeds[one.campaign_id] for one in tickets],
        [one.client_seed for one in tickets],
    )


async def kept_tickets(tx: Transaction, order: UUID) -> list[DrawTicket]:
    """What was noted for an order."""
    return [DrawTicket(**row) for row in await tx.rows(OF_ORDER, order)]
