"""Making campaigns and changing them. Each change is a version of its own, and whatever a buyer was sold by stays readable."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from perkhub.accounts import ensure_customer_groups
from perkhub.campaigns.campaign import Campaign, limit_data
from perkhub.campaigns.counters import follow_version, refuse_below_claimed
from perkhub.campaigns.draft import CampaignDraft, Checked, checked, config_path
from perkhub.campaigns.errors import CampaignEnded, CampaignFrozen, CampaignInvalid
from perkhub.campaigns.publishable import refuse_unpublishable
from perkhub.campaigns.read import campaign_by_id
from perkhub.campaigns.remembered import forget_campaigns
from perkhub.campaigns.rush import open_after_commit
from perkhub.campaigns.states import CAMPAIGN, StoredState
from perkhub.campaigns.tell import tell_after_commit
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import AlreadyNamed, VersionMoved
from perkhub.kit.ids import new_id

INSERT = """
    INSERT INTO campaign (id, state, created_at, version, name, mechanic, config, config_version, starts_at, ends_at, currency,
                          audience_groups, audience_new, audience_listed, budget, priority, exclusive, external_reference)
    VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT (external_reference) DO NOTHING
"""
CHANGE = """
    UPDATE campaign SET version = version + 1, name = $2, mechanic = $3, config = $4, config_version = $5, starts_at = $6,
        ends_at = $7, currency = $8, audience_groups = $9, audience_new = $10, audience_listed = $11, budget = $12,
        priority = $13, exclusive = $14, external_reference = $15
    WHERE id = $1
"""
LEAVE = "DELETE FROM campaign_channel WHERE campaign_id = $1 AND NOT channel_id = ANY($2)"
ENTER = """
    INSERT INTO campaign_channel (campaign_id, channel_id) SELECT $1, h.id FROM unnest($2::uuid[]) AS h(id) ORDER BY h.id
    ON CONFLICT (campaign_id, channel_id) DO NOTHING
"""
KEEP_VERSION = """
    INSERT INTO campaign_version (campaign_id, version, content, created_at)
    SELECT c.id, c.version, to_jsonb(c) || jsonb_build_object('channels', ARRAY(
        SELECT h.channel_id FROM campaign_channel h WHERE h.campaign_id = c.id ORDER BY h.channel_id)), $2
    FROM campaign c WHERE c.id = $1
"""
COPY_PEOPLE = """
    INSERT INTO campaign_person (campaign_id, party_id)
    SELECT $2, party_id FROM campaign_person WHERE campaign_id = $1 ORDER BY party_id
"""


async def create_campaign(tx: Transaction, draft: CampaignDraft) -> Campaign:
    """A new campaign, which nobody sees before it is published.

    Raises:
        InvalidInput, NotFound, CurrencyMismatch, CampaignInvalid, AlreadyNamed, MechanicBroken.
    """
    found = await checked(draft)
    await ensure_customer_groups(tx, draft.audience.groups, "audience", "groupIds")
    campaign = new_id()
    born = CAMPAIGN.birth(StoredState.DRAFT)
    if not await tx.execute(INSERT, campaign, str(born), now(), *_values(found)):
        raise AlreadyNamed("externalReference")
    await tx.execute(ENTER, campaign, [channel.id for channel in found.channels])
    return await _kept(tx, campaign, None)


async def change_campaign(tx: Transaction, id: UUID, draft: CampaignDraft, *, expected_version: int) -> Campaign:
    """Let a campaign be something else. What buyers may have seen of it live stays: when it began, its mechanic, and the
    settings that its mechanic freezes; and nothing becomes less than what is claimed of it already.

    Raises:
        NotFound, VersionMoved, CampaignEnded, CampaignFrozen, InvalidInput, CurrencyMismatch, CampaignInvalid, AlreadyNamed,
        MechanicBroken.
    """
    before = await campaign_by_id(id, tx=tx, for_update=True)
    if before.version != expected_version:
        raise VersionMoved(version=before.version)
    if before.stored is StoredState.ENDED:
        raise CampaignEnded
    found = await checked(draft)
    await ensure_customer_groups(tx, draft.audience.groups, "audience", "groupIds")
    if before.stored is not StoredState.DRAFT:
        _refuse_frozen(before, found, at=now())
        await refuse_unpublishable(found)
    await refuse_below_claimed(tx, before.id, found.working)
    try:
        await tx.execute(CHANGE, id, *_values(found))
    except asyncpg.UniqueViolationError:
        raise AlreadyNamed("externalReference") from None
    channels = [channel.id for channel in found.channels]
    await tx.execute(LEAVE, id, channels)
    await tx.execute(ENTER, id, channels)
    await follow_version(tx, id, before.version + 1)
    return await _kept(tx, id, before)


async def clone_campaign(
    tx: Transaction, id: UUID, *, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> Campaign:
    """A new draft with the same settings and the same list of people; what was claimed stays with the old one.

    Raises:
        NotFound, InvalidInput, CampaignInvalid, MechanicBroken.
    """
    model = await campaign_by_id(id, tx=tx)
    draft = replace(
        draft_of(model),
        starts_at=starts_at or model.starts_at,
        ends_at=ends_at or model.ends_at,
        external_reference=None,
    )
    made = await create_campaign(tx, draft)
    await tx.execute(COPY_PEOPLE, id, made.id)
    return made


def draft_of(campaign: Campaign) -> CampaignDraft:
    """What was said of a campaign, to be said again.

    Raises:
        MechanicBroken.
    """
    working = campaign.working()
    return CampaignDraft(
        name=campaign.name,
        mechanic=campaign.mechanic,
        config=campaign.config if working is None else working.config,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        channel_ids=campaign.channel_ids,
        audience=campaign.audience,
        budget=campaign.budget,
        priority=campaign.priority,
        exclusive=campaign.exclusive,
        external_reference=campaign.external_reference,
    )


async def keep_version(tx: Transaction, campaign: UUID) -> None:
    """Keep the campaign as it stands now under its version; what this process remembers of campaigns is over."""
    await tx.execute(KEEP_VERSION, campaign, now())

    async def forget() -> None:
        forget_campaigns()

    tx.after_commit(forget)
    open_after_commit(tx, [campaign])
    tell_after_commit(tx, [campaign])


async def _kept(tx: Transaction, id: UUID, before: Campaign | None) -> Campaign:
    await keep_version(tx, id)
    after = await campaign_by_id(id, tx=tx)
    tx.note_change("campaign", id, before=None if before is None else told(before), after=told(after))
    return after


def told(campaign: Campaign) -> dict[str, Any]:
    """As the activity log has it."""
    return {
        "name": campaign.name,
        "mechanic": campaign.mechanic,
        "config": campaign.config,
        "state": campaign.stored,
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        "channels": list(campaign.channel_ids),
        "audience": campaign.audience,
        "budget": [limit_data(limit) for limit in campaign.budget],
        "priority": campaign.priority,
        "exclusive": campaign.exclusive,
        "external_reference": campaign.external_reference,
    }


def _values(found: Checked) -> list[Any]:
    draft, working = found.draft, found.working
    audience = draft.audience
    return [
        orjson.dumps(draft.name).decode(),
        draft.mechanic,
        orjson.dumps(working.stored()).decode(),
        working.mechanic.config_version,
        draft.starts_at,
        draft.ends_at,
        found.currency,
        sorted(audience.groups),
        audience.new_customers,
        audience.listed,
        orjson.dumps([limit_data(limit) for limit in draft.budget]).decode(),
        draft.priority,
        draft.exclusive,
        draft.external_reference,
    ]


def _refuse_frozen(before: Campaign, found: Checked, *, at: datetime) -> None:
    """Of a published one its mechanic and currency stay; of one that was live also its begin and the frozen settings."""
    draft, mechanic = found.draft, found.working.mechanic
    if draft.mechanic != before.mechanic:
        raise CampaignFrozen(path=("mechanic",))
    if found.currency != before.currency:
        raise CampaignFrozen(path=("channelIds",))
    was_working = before.working()
    # What it is drawn by was committed to when it was published.
    if was_working is not None and was_working.odds() != found.working.odds():
        raise CampaignFrozen(path=("mechanic",))
    if not before.was_live_by(at):
        return
    if draft.starts_at != before.starts_at:
        raise CampaignFrozen(path=("startsAt",))
    working = before.working()
    if working is None:
        raise CampaignInvalid(path=("mechanic",), reason="Its plugin is gone.", reason_zh="该玩法插件已移除。")
    was, shall = working.stored(), found.working.stored()
    for name in sorted(mechanic.FROZEN):
        if was.get(name) != shall.get(name):
            raise CampaignFrozen(path=config_path(before.mechanic, name))
