"""Whom a channel that sells by contract was opened to: customers, organisations, and whole customer groups."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.accounts import ensure_customer_groups, ensure_parties, party_kinds
from perkhub.channels.access import forget_grants
from perkhub.channels.viewer import Scope, ScopeKind
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id

MOST_AT_ONCE = 1000

# Locked, so that it is there until the grants are.
EXISTS = "SELECT true FROM channel WHERE id = $1 FOR KEY SHARE"
# In the order of their ids: of two who grant the same, one waits, and neither for the other.
ADD = """
    INSERT INTO channel_grant (id, channel_id, holder_kind, holder_id, created_at)
    SELECT g.id, $1, g.kind, g.holder, $2 FROM unnest($3::uuid[], $4::text[], $5::uuid[]) AS g(id, kind, holder)
    ORDER BY g.holder ON CONFLICT (channel_id, holder_id) DO NOTHING RETURNING holder_id
"""
REMOVE = "DELETE FROM channel_grant WHERE channel_id = $1 AND holder_id = ANY($2) RETURNING holder_id"
OF_CHANNEL = """
    SELECT id, holder_kind, holder_id FROM channel_grant
    WHERE channel_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def grant_channel(tx: Transaction, channel: UUID, holders: Sequence[Scope]) -> None:
    """Open the channel to these; who was let in before stays.

    Raises:
        NotFound, InvalidInput.
    """
    await _refuse_odd(tx, channel, holders)
    await ensure_holders(tx, holders, "holderIds")
    kinds, ids = [str(holder.kind) for holder in holders], [holder.id for holder in holders]
    added = await tx.rows(ADD, channel, now(), [new_id() for _ in holders], kinds, ids)
    tx.note_change("channel", channel, after={"granted": [row["holder_id"] for row in added]})
    _felt_at_once(tx)


async def ensure_holders(tx: Transaction, holders: Sequence[Scope], *path: str) -> None:
    """Go on if every one of these parties and customer groups exists.

    Raises:
        NotFound: with the path.
    """
    await ensure_parties({one.id: one.party_kind for one in holders if one.kind is ScopeKind.PARTY}, *path)
    await ensure_customer_groups(tx, {one.id for one in holders if one.kind is ScopeKind.GROUP}, *path)


async def revoke_channel(tx: Transaction, channel: UUID, holders: Sequence[Scope]) -> None:
    """Close the channel to these; who was not let in stays out.

    Raises:
        NotFound, InvalidInput.
    """
    await _refuse_odd(tx, channel, holders)
    removed = await tx.rows(REMOVE, channel, [holder.id for holder in holders])
    tx.note_change("channel", channel, after={"revoked": [row["holder_id"] for row in removed]})
    _felt_at_once(tx)


async def grants_of(channel: UUID, *, before: UUID | None = None, limit: int = 20) -> list[tuple[UUID, Scope]]:
    """Whom the channel is open to, with the id of each grant, the latest first."""
    rows = await db.rows(OF_CHANNEL, channel, before, limit)
    kinds = await party_kinds(row["holder_id"] for row in rows if row["holder_kind"] == ScopeKind.PARTY)
    return [(row["id"], Scope(ScopeKind(row["holder_kind"]), row["holder_id"], kinds.get(row["holder_id"]))) for row in rows]


async def _refuse_odd(tx: Transaction, channel: UUID, holders: Sequence[Scope]) -> None:
    if not 1 <= len(holders) <= MOST_AT_ONCE:
        reason, reason_zh = f"Between 1 and {MOST_AT_ONCE}.", f"须在 1 至 {MOST_AT_ONCE} 之间。"
        raise InvalidInput(path=("holderIds",), reason=reason, reason_zh=reason_zh)
    if await tx.value(EXISTS, channel) is None:
        raise NotFound("channel", "渠道", path=("channelId",))


def _felt_at_once(tx: Transaction) -> None:
    """In this process with the commit; others ask again within a second."""

    async def forget() -> None:
        forget_grants()

    tx.after_commit(forget)
