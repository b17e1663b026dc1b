"""Keeping campaigns. Each of these stands in the activity log."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.campaigns import (
    Campaign,
    campaign_by_id,
    change_campaign,
    clone_campaign,
    create_campaign,
    end_campaign,
    list_people,
    pause_campaign,
    publish_campaign,
    resume_campaign,
    unlist_people,
)
from perkhub.kit.db import Transaction, transact
from perkhub_schema.campaigns.inputs import (
    CampaignChangeInput,
    CampaignCloneInput,
    CampaignCreateInput,
    CampaignEndInput,
    CampaignInput,
    CampaignPauseInput,
    CampaignPeopleInput,
    CampaignPublishInput,
    CampaignResumeInput,
)
from perkhub_schema.campaigns.payloads import CampaignPayload, CampaignPeoplePayload
from perkhub_schema.campaigns.types import to_campaign
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.scopes import PARTY_KINDS, to_scope

CAMPAIGNS = requires(Permission.MANAGE_CAMPAIGNS)


@mutation(CAMPAIGNS, "Make a campaign, as a draft. Try it with `campaignSimulate`.")
async def campaign_create(info: Info, input: CampaignCreateInput) -> CampaignPayload:
    draft = await input.to_draft()
    return CampaignPayload(campaign=to_campaign(await transact(lambda tx: create_campaign(tx, draft))))


@mutation(
    CAMPAIGNS,
    "Change a campaign. Of one that is live, some settings stay: the odds of a blind box, and no quantity below what is sold.",
)
async def campaign_change(info: Info, input: CampaignChangeInput) -> CampaignPayload:
    campaign: UUID = local_id(Kind.CAMPAIGN, input.campaign_id, "campaignId")
    draft = await input.to_draft(await campaign_by_id(campaign))
    version = input.expected_version
    changed = await transact(lambda tx: change_campaign(tx, campaign, draft, expected_version=version))
    return CampaignPayload(campaign=to_campaign(changed))


@mutation(CAMPAIGNS, "Publish a draft, once nothing speaks against it: it runs in its window, with nothing more to be done.")
async def campaign_publish(info: Info, input: CampaignPublishInput) -> CampaignPayload:
    return await _moved(publish_campaign, input)


@mutation(CAMPAIGNS, "Stop a campaign for now. What is held stays held.")
async def campaign_pause(info: Info, input: CampaignPauseInput) -> CampaignPayload:
    return await _moved(pause_campaign, input)


@mutation(CAMPAIGNS, "Let a paused campaign go on.")
async def campaign_resume(info: Info, input: CampaignResumeInput) -> CampaignPayload:
    return await _moved(resume_campaign, input)


@mutation(CAMPAIGNS, "End a campaign, for good. What is held stays held until it is paid or expires.")
async def campaign_end(info: Info, input: CampaignEndInput) -> CampaignPayload:
    return await _moved(end_campaign, input)


@mutation(CAMPAIGNS, "Make a campaign again, as a draft with the same settings and nothing sold.")
async def campaign_clone(info: Info, input: CampaignCloneInput) -> CampaignPayload:
    campaign: UUID = local_id(Kind.CAMPAIGN, input.campaign_id, "campaignId")
    window = {"starts_at": input.starts_at, "ends_at": input.ends_at}
    made = await transact(lambda tx: clone_campaign(tx, campaign, **window))
    return CampaignPayload(campaign=to_campaign(made))


@mutation(CAMPAIGNS, "Put customers and organisations on a campaign's own list; it counts where its audience is `listed`.")
async def campaign_people_add(info: Info, input: CampaignPeopleInput) -> CampaignPeoplePayload:
    return await _people(list_people, input)


@mutation(CAMPAIGNS, "Take customers and organisations off a campaign's own list.")
async def campaign_people_remove(info: Info, input: CampaignPeopleInput) -> CampaignPeoplePayload:
    return await _people(unlist_people, input)


async def _people(
    move: Callable[[Transaction, UUID, Sequence[UUID]], Awaitable[int]], given: CampaignPeopleInput
) -> CampaignPeoplePayload:
    campaign: UUID = local_id(Kind.CAMPAIGN, given.campaign_id, "campaignId")
    parties = [to_scope(one, "partyIds", str(place), known=PARTY_KINDS).id for place, one in enumerate(given.party_ids)]
    moved = await transact(lambda tx: move(tx, campaign, parties))
    return CampaignPeoplePayload(campaign=to_campaign(await campaign_by_id(campaign)), moved=moved)


async def _moved(move: Callable[..., Awaitable[Campaign]], given: CampaignInput) -> CampaignPayload:
    campaign, version = given.to_id(), given.expected_version
    return CampaignPayload(campaign=to_campaign(await transact(lambda tx: move(tx, campaign, expected_version=version))))


@strawberry.type
class CampaignMutations:
    campaign_create = campaign_create
    campaign_change = campaign_change
    campaign_publish = campaign_publish
    campaign_pause = campaign_pause
    campaign_resume = campaign_resume
    campaign_end = campaign_end
    campaign_clone = campaign_clone
    campaign_people_add = campaign_people_add
    campaign_people_remove = campaign_people_remove
