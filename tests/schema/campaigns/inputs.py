"""What the fields of campaigns are given."""

from datetime import timedelta

from perkhub.campaigns import create_campaign, pause_campaign
from perkhub.campaigns.rush.tickets import WaitingTicket, issue_ticket
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.campaigns.bargains.haggling import Haggle
from tests.campaigns.boxes import a_box
from tests.campaigns.circles.groups import Group
from tests.campaigns.making import a_flash_sale, flash_sale
from tests.factories import Person, Shop, StockedVariant
from tests.schema.making import Given, Making, as_id

_shop = Shop()


def sale_of(variant: StockedVariant, *, price: str = "5.00", quantity: int = 10, limit: int = 1) -> Given:
    """The mechanic as the input has it."""
    sold = global_id(Kind.VARIANT, variant.id)
    return {"flashSale": {"variant": sold, "price": price, "quantity": quantity, "limitPerCustomer": limit}}


async def new_campaign(_: Person) -> Given:
    variant = await _shop.variant()
    return {
        "name": {"en": "Flash sale", "zh": "秒杀"},
        "mechanic": sale_of(variant),
        "startsAt": now().isoformat(),
        "endsAt": (now() + timedelta(days=1)).isoformat(),
        "channelIds": [global_id(Kind.CHANNEL, variant.channel.id)],
    }


async def draft_id(_: Person) -> Given:
    draft = a_flash_sale(await _shop.variant())
    made = await transact(lambda tx: create_campaign(tx, draft))
    return {"campaignId": global_id(Kind.CAMPAIGN, made.id)}


async def live_id(_: Person) -> Given:
    return {"campaignId": global_id(Kind.CAMPAIGN, (await flash_sale(await _shop.variant())).id)}


async def paused_id(_: Person) -> Given:
    live = await flash_sale(await _shop.variant())
    await transact(lambda tx: pause_campaign(tx, live.id))
    return {"campaignId": global_id(Kind.CAMPAIGN, live.id)}


async def a_group(_: Person) -> Given:
    group = await Group.of(await _shop.variant())
    return {"id": global_id(Kind.CIRCLE, await group.buy(await _shop.customer(wallet="50.00")))}


async def group_buy_id(_: Person) -> Given:
    return {"campaignId": global_id(Kind.CAMPAIGN, (await Group.of(await _shop.variant())).campaign.id)}


async def bargain_campaign(_: Person) -> Given:
    return {"campaignId": global_id(Kind.CAMPAIGN, (await Haggle.of(await _shop.variant())).campaign.id)}


async def a_bargain(_: Person) -> Given:
    opened = await (await Haggle.of(await _shop.variant())).open(await _shop.customer())
    return {"bargainId": global_id(Kind.BARGAIN, opened.id)}


async def bargain_id(by: Person) -> Given:
    return {"id": (await a_bargain(by))["bargainId"]}


async def box_id(_: Person) -> Given:
    *_, campaign = await a_box(_shop)
    return {"campaignId": global_id(Kind.CAMPAIGN, campaign.id)}


async def change(by: Person) -> Given:
    return {**await draft_id(by), "expectedVersion": 1, "priority": 5}


async def people(by: Person) -> Given:
    return {**await draft_id(by), "partyIds": [global_id(Kind.CUSTOMER, (await _shop.customer()).party_id)]}


async def basket(_: Person) -> Given:
    variant = await _shop.variant()
    return {"lines": [{"variantId": global_id(Kind.VARIANT, variant.id), "quantity": 1}]}


async def waiting_ticket(by: Person) -> Given:
    return {"ticket": issue_ticket(WaitingTicket(new_id(), new_id(), since=1), by.party_id)}


CAMPAIGNS: dict[str, Making] = {
    "Query.admission": waiting_ticket,
    "Query.bargain": bargain_id,
    "Query.ownBargain": bargain_campaign,
    "Query.campaign": as_id(live_id),
    "Query.circle": a_group,
    "Query.circles": group_buy_id,
    "Mutation.bargainStart": bargain_campaign,
    "Mutation.bargainCut": a_bargain,
    "Query.drawSeeds": box_id,
    "Mutation.drawSeedRotate": box_id,
    "Mutation.campaignCreate": new_campaign,
    "Mutation.campaignChange": change,
    "Mutation.campaignPublish": draft_id,
    "Mutation.campaignPause": live_id,
    "Mutation.campaignResume": paused_id,
    "Mutation.campaignEnd": live_id,
    "Mutation.campaignClone": live_id,
    "Mutation.campaignPeopleAdd": people,
    "Mutation.campaignPeopleRemove": people,
    "Mutation.campaignSimulate": basket,
    "Subscription.campaignChanged": as_id(live_id),
    "Subscription.circleChanged": a_group,
    "Subscription.bargainChanged": bargain_id,
    "Subscription.drawsChanged": as_id(box_id),
}
