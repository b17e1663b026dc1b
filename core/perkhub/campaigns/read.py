"""Reading campaigns: by id, by what they are, and those that a channel has live."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from perkhub.campaigns.campaign import COLUMNS, Campaign, campaign_from
from perkhub.campaigns.errors import MechanicBroken
from perkhub.campaigns.remembered import not_over_in
from perkhub.campaigns.seen import seen_of
from perkhub.campaigns.states import CampaignState
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound

SELECT = f"SELECT {COLUMNS} FROM campaign c"
BY_ID = f"{SELECT} WHERE c.id = $1"
BY_IDS = f"{SELECT} WHERE c.id = ANY($1)"
BY_REFERENCE = f"{SELECT} WHERE c.external_reference = $1"
# Scheduled, live and ended by their windows are published in the column; each state is a condition of its own.
STATE_CONDITIONS = {
    CampaignState.DRAFT: "c.state = 'draft'",
    CampaignState.SCHEDULED: "c.state = 'published' AND c.starts_at > {at} AND c.ends_at > {at}",
    CampaignState.LIVE: "c.state = 'published' AND c.starts_at <= {at} AND c.ends_at > {at}",
    CampaignState.PAUSED: "c.state = 'paused' AND c.ends_at > {at}",
    CampaignState.ENDED: "(c.state = 'ended' OR c.state <> 'draft' AND c.ends_at <= {at})",
}
VERSIONS = """
    SELECT version, content, created_at FROM campaign_version
    WHERE campaign_id = $1 AND ($2::int IS NULL OR version < $2) ORDER BY version DESC LIMIT $3
"""


@dataclass(frozen=True)
class CampaignsAsked:
    """Which campaigns; what is None is not asked for."""

    state: CampaignState | None = None
    channel_id: UUID | None = None
    mechanic: str | None = None
    channels: frozenset[UUID] | None = None  # those that the one who asks may see


@dataclass(frozen=True)
class KeptVersion:
    """A campaign as it stood from a change on, by the names of its columns."""

    version: int
    content: dict[str, Any]
    created_at: datetime


async def campaign_by_id(campaign: UUID, *, tx: Transaction | None = None, for_update: bool = False) -> Campaign:
    """The campaign, whatever its state.

    Raises:
        NotFound.
    """
    sql = f"{BY_ID} FOR NO KEY UPDATE OF c" if for_update else BY_ID
    row = await (tx.row if tx else db.row)(sql, campaign)
    if row is None:
        raise NotFound("campaign", "活动", path=("campaignId",))
    return campaign_from(row)


async def campaigns_by_ids(ids: Iterable[UUID]) -> list[Campaign]:
    """Campaigns by id, those that exist."""
    return [campaign_from(row) for row in await db.rows(BY_IDS, list(ids))]


async def campaign_by_reference(reference: str) -> Campaign | None:
    """The campaign that another system knows by this reference."""
    row = await db.row(BY_REFERENCE, reference)
    return None if row is None else campaign_from(row)


async def campaigns(
    asked: CampaignsAsked | None = None, *, before: UUID | None = None, limit: int = 20, at: datetime | None = None
) -> list[Campaign]:
    """Campaigns for operators, the newest first, from below `before` on."""
    wanted = asked or CampaignsAsked()
    values: list[Any] = []

    def put(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = ["true"]
    if before is not None:
        conditions.append(f"c.id < {put(before)}")
    if wanted.state is not None:
        condition = STATE_CONDITIONS[wanted.state]
        conditions.append(condition.format(at=f"{put(at or now())}::timestamptz") if "{at}" in condition else condition)
    if wanted.mechanic is not None:
        conditions.append(f"c.mechanic = {put(wanted.mechanic)}")
    for channels in ([wanted.channel_id] if wanted.channel_id else None, wanted.channels):
        if channels is not None:
            here = f"{put(list(channels))}::uuid[]"
            conditions.append(
                f"EXISTS (SELECT FROM campaign_channel h WHERE h.campaign_id = c.id AND h.channel_id = ANY({here}))"
            )
    sql = f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY c.id DESC LIMIT {put(limit)}"
    return [campaign_from(row) for row in await db.rows(sql, *values)]


async def live_campaigns(
    channel: UUID, variants: Iterable[UUID] | None = None, *, at: datetime | None = None, coming: bool = False
) -> list[Campaign]:
    """What is live in a channel at a moment, the first to act first; with `coming` also what is yet to begin. Of some variants:
    what concerns one of them by name or concerns all. Up to a second old."""
    moment = at or now()
    shown = {CampaignState.LIVE, CampaignState.SCHEDULED} if coming else {CampaignState.LIVE}
    wanted = None if variants is None else frozenset(variants)
    return [one for one in await not_over_in(channel) if one.state_at(moment) in shown and _concerns(one, wanted)]


def _concerns(campaign: Campaign, wanted: frozenset[UUID] | None) -> bool:
    try:
        working = campaign.working()
        if working is None:
            return False
        named = working.variants()
    except MechanicBroken:
        return False
    return wanted is None or named is None or not named.isdisjoint(wanted)


async def states_of(wanted: Sequence[Campaign], party: UUID | None = None) -> Mapping[UUID, Any]:
    """What shops are shown of each, by its id: an instance of its mechanic's State. Of retired and broken ones nothing."""
    seen = await seen_of([one.id for one in wanted], party)
    states: dict[UUID, Any] = {}
    for campaign in wanted:
        try:
            working = campaign.working()
            if working is not None:
                states[campaign.id] = working.state(seen[campaign.id])
        except MechanicBroken:
            continue
    return states


async def versions_of(campaign: UUID, *, before: int | None = None, limit: int = 20) -> list[KeptVersion]:
    """What it was, the latest first."""
    rows = await db.rows(VERSIONS, campaign, before, limit)
    return [KeptVersion(row["version"], orjson.loads(row["content"]), row["created_at"]) for row in rows]
