"""The life of a campaign: published, paused, resumed, ended. What its window makes of it needs nobody."""

from uuid import UUID

from perkhub.campaigns.campaign import Campaign
from perkhub.campaigns.counters import follow_version
from perkhub.campaigns.draft import checked
from perkhub.campaigns.draws import commit_odds, rotate_seed
from perkhub.campaigns.errors import CampaignInvalid, CampaignNotMovable
from perkhub.campaigns.keep import draft_of, keep_version
from perkhub.campaigns.publishable import faults_of, refuse_unpublishable
from perkhub.campaigns.read import campaign_by_id
from perkhub.campaigns.states import CAMPAIGN, CampaignState, StoredState
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound, VersionMoved


async def publish_campaign(tx: Transaction, id: UUID, *, expected_version: int | None = None) -> Campaign:
    """Let a draft be live in its window.

    Raises:
        NotFound, VersionMoved, CampaignNotMovable, CampaignInvalid, MechanicBroken.
    """
    before = await _locked(tx, id, expected_version, StoredState.DRAFT)
    found = await checked(draft_of(before))
    await refuse_unpublishable(found, id)
    odds = found.working.odds()
    if odds is not None:
        await commit_odds(tx, id, odds)
    return await _moved(tx, before, StoredState.PUBLISHED)


async def publishing_faults(campaign: Campaign) -> list[CampaignInvalid]:
    """Everything that speaks against publishing it, for an operator who prepares it.

    Raises:
        InvalidInput, NotFound, CurrencyMismatch, CampaignInvalid, MechanicBroken.
    """
    return await faults_of(await checked(draft_of(campaign)), campaign.id)


async def pause_campaign(tx: Transaction, id: UUID, *, expected_version: int | None = None) -> Campaign:
    """Let nobody take part for now. What is held already may be paid.

    Raises:
        NotFound, VersionMoved, CampaignNotMovable.
    """
    return await _moved(tx, await _locked(tx, id, expected_version, StoredState.PUBLISHED), StoredState.PAUSED)


async def resume_campaign(tx: Transaction, id: UUID, *, expected_version: int | None = None) -> Campaign:
    """Go on with a paused campaign, in its window.

    Raises:
        NotFound, VersionMoved, CampaignNotMovable.
    """
    return await _moved(tx, await _locked(tx, id, expected_version, StoredState.PAUSED), StoredState.PUBLISHED)


async def end_campaign(tx: Transaction, id: UUID, *, expected_version: int | None = None) -> Campaign:
    """End it for good, before its window does. What is held already may be paid.

    Raises:
        NotFound, VersionMoved, CampaignNotMovable.
    """
    living = (StoredState.DRAFT, StoredState.PUBLISHED, StoredState.PAUSED)
    return await _moved(tx, await _locked(tx, id, expected_version, *living), StoredState.ENDED)


async def rotate_draws(tx: Transaction, id: UUID) -> None:
    """Commit to the next seed over the same odds, and show the one that the campaign's draws were made by, so that they can be
    checked, as soon as no unpaid order was placed under it.

    Raises:
        NotFound: there is no such campaign, or nothing is drawn in it.
        CampaignNotMovable: it is over, and its last seed with it.
    """
    found = await campaign_by_id(id, tx=tx)
    state = found.state_at(now())
    if state in (CampaignState.DRAFT, CampaignState.ENDED):
        raise CampaignNotMovable(state=state, path=("campaignId",))
    promised = await rotate_seed(tx, id)
    if promised is None:
        raise NotFound("draw seed", "抽取种子", path=("campaignId",))
    tx.note_change("campaign", id, before={}, after={"draw_commitment": promised})


async def _locked(tx: Transaction, id: UUID, expected_version: int | None, *origins: StoredState) -> Campaign:
    """The campaign, which nobody else moves until we have."""
    found = await campaign_by_id(id, tx=tx, for_update=True)
    if expected_version is not None and found.version != expected_version:
        raise VersionMoved(version=found.version)
    if found.stored not in origins:
        raise CampaignNotMovable(state=found.state_at(now()), path=("campaignId",))
    return found


async def _moved(tx: Transaction, before: Campaign, to: StoredState) -> Campaign:
    await CAMPAIGN.move(tx, before.id, to, event=None, origin=[before.stored], version=before.version + 1)
    await follow_version(tx, before.id, before.version + 1)
    await keep_version(tx, before.id)
    tx.note_change("campaign", before.id, before={"state": before.stored}, after={"state": to})
    return await campaign_by_id(before.id, tx=tx)
