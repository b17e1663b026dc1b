"""What buyers agreed to when they took part: to which text, in which version, and when. Goes with the person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perkhub.campaigns.parts import Part
from perkhub.campaigns.working import mechanic_of
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.plugin.mechanic import Consent

INSERT = """
    INSERT INTO campaign_consent (at, order_id, line, campaign_id, party_id, mechanic, about, version)
    SELECT $1::timestamptz, $2::uuid, c.line, c.campaign_id, $3::uuid, c.mechanic, c.about, c.version
    FROM unnest($4::int[], $5::uuid[], $6::text[], $7::text[], $8::text[]) AS c(line, campaign_id, mechanic, about, version)
"""
COLUMNS = "id, at, order_id, line, campaign_id, mechanic, about, version"
OF_ORDERS = f"SELECT {COLUMNS} FROM campaign_consent WHERE order_id = ANY($1) ORDER BY order_id, line, id"
OF_PARTY = f"""
    SELECT {COLUMNS} FROM campaign_consent WHERE party_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
FORGET = "DELETE FROM campaign_consent WHERE party_id = $1"


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """That who ordered agreed to a mechanic's text `about` something, as it stood in this version."""

    id: int
    at: datetime
    order_id: UUID
    line: int
    campaign_id: UUID
    mechanic: str
    about: str
    version: str


def keep_consents(tx: Transaction, parts: Sequence[Part], *, order: UUID, party: UUID) -> None:
    """Record what these parts say was agreed to, with the transaction's other writes."""
    given = [(part.campaign, effect) for part in parts for effect in part.effects if isinstance(effect, Consent)]
    if not given:
        return
    tx.later(
        INSERT,
        *(now(), order, party),
        [effect.line for _, effect in given],
        [campaign.id for campaign, _ in given],
        [campaign.mechanic for campaign, _ in given],
        [effect.about for _, effect in given],
        [_version(campaign.mechanic, effect.about) for campaign, effect in given],
    )


def _version(key: str, about: str) -> str:
    mechanic = mechanic_of(key)
    assert mechanic is not None  # it has just said so
    return mechanic.CONSENTS[about].version


async def consents_of_orders(orders: Collection[UUID]) -> dict[tuple[UUID, int], list[ConsentGiven]]:
    """By order and line, what was agreed to."""
    found: dict[tuple[UUID, int], list[ConsentGiven]] = {}
    for row in await db.rows(OF_ORDERS, list(orders)):
        found.setdefault((row["order_id"], row["line"]), []).append(_given_from(row))
    return found


async def consents_of_party(party: UUID, *, before: int | None = None, limit: int) -> list[ConsentGiven]:
    """All that somebody agreed to, the latest first, from below `before` on."""
    return [_given_from(row) for row in await db.rows(OF_PARTY, party, before, limit)]


async def forget_consents(party: UUID) -> None:
    """Erase what somebody agreed to, with who they were."""
    await transact(lambda tx: tx.execute(FORGET, party))


def _given_from(row: Row) -> ConsentGiven:
    return ConsentGiven(**{name: row[name] for name in ConsentGiven.__slots__})
