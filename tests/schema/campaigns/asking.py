"""What operators and shops ask about campaigns."""

from datetime import timedelta
from typing import Any

from perkhub.accounts import Permission
from perkhub.campaigns import Campaign
from perkhub.kit.clock import now
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop, StockedVariant
from tests.schema.api import Api
from tests.schema.campaigns.inputs import sale_of

ERRORS = """errors { __typename code message path ... on CampaignInvalid { rule } ... on CampaignSoldOut { available }
    ... on CampaignLimitReached { limit } ... on CampaignRefused { reason } ... on CampaignNotOpen { startsAt } }"""
SALE = """id name state startsAt endsAt serverTime mechanic mechanicTitle variants { id } ... on FlashSale {
    variant { id } price { amount currency } quantity limitPerCustomer limitLeft left { level count } }"""
TERMS = """terms { version priority exclusive currency externalReference settings audience { groupIds newCustomers listed }
    budget { counts most perCustomer period } channels { key } }"""
FIGURES = """figures { orders held paid returned lapsed unitsHeld unitsSold unitsRefunded givenAway { amount } views
    counters { name taken most } budget { limit { counts } used } refusals { reason count } }"""
QUOTE = f"""query ($input: QuoteInput!) {{ quote(input: $input) {{ quote {{ total {{ amount }} lines {{ unit {{ amount }}
    total {{ amount }} trace {{ source label effect {{ amount }} campaign {{ id name }} }} }}
    reasons {{ applies lines discount {{ amount }} campaign {{ id }} refusal {{ code }} }} }} {ERRORS} }} }}"""


def mutation(name: str, selection: str = f"{SALE} {TERMS}") -> str:
    """One that answers with the campaign."""
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ campaign {{ {selection} }} {ERRORS} }} }}"


def new_sale(variant: StockedVariant, **more: Any) -> dict[str, Any]:
    """What creating a flash sale takes."""
    return {
        "name": {"en": "Coffee day", "zh": "咖啡日"},
        "mechanic": sale_of(variant),
        "startsAt": (now() - timedelta(hours=1)).isoformat(),
        "endsAt": (now() + timedelta(days=1)).isoformat(),
        "channelIds": [global_id(Kind.CHANNEL, variant.channel.id)],
        **more,
    }


async def operator(shop: Shop) -> Person:
    return await shop.staff(Permission.MANAGE_CAMPAIGNS, Permission.READ_CAMPAIGNS)


def id_of(campaign: Campaign) -> str:
    return global_id(Kind.CAMPAIGN, campaign.id)


def taking_part(variant: StockedVariant, campaign: Campaign, quantity: int = 1) -> dict[str, Any]:
    """A line of a basket that takes part in a flash sale."""
    which = {"flashSale": {"campaignId": id_of(campaign)}}
    return {"variantId": global_id(Kind.VARIANT, variant.id), "quantity": quantity, "campaign": which}


async def told(api: Api, query: str, given: dict[str, Any], who: Person | None = None, **more: Any) -> dict[str, Any]:
    """The one field's answer."""
    answer = await api(query, given, None if who is None else who.token, **more)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = next(iter(answer["data"].values()))
    return found


async def done(api: Api, name: str, given: dict[str, Any], who: Person, selection: str = f"{SALE} {TERMS}") -> dict[str, Any]:
    """The campaign after a mutation that was not refused."""
    answer = await told(api, mutation(name, selection), {"input": given}, who)
    assert answer["errors"] == []
    campaign: dict[str, Any] = answer["campaign"]
    return campaign


async def refused(api: Api, name: str, given: dict[str, Any], who: Person) -> list[dict[str, Any]]:
    """Why a mutation was refused."""
    answer = await told(api, mutation(name), {"input": given}, who)
    assert answer["campaign"] is None
    found: list[dict[str, Any]] = answer["errors"]
    return found
