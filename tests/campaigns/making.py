"""Campaigns for tests, made and published by the domain's own verbs, and what is asked of them afterwards."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from perkhub.campaigns import Campaign, CampaignDraft, create_campaign, publish_campaign
from perkhub.campaigns.models import EVERYBODY
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.plugin.discovery import find_plugins
from perkhub.plugin.mechanic import Mechanic
from perkhub.plugin.registry import load_plugins, set_registry
from tests.factories import Person, StockedVariant
from tests.plugin.made import plugin
from tests.plugin.mechanics import mechanics_hook


def a_draft(variant: StockedVariant, mechanic: str, config: Mapping[str, Any], **more: Any) -> CampaignDraft:
    """A campaign in the variant's channel that began an hour ago."""
    at = now()
    return CampaignDraft(
        **{
            "name": {"en": "Campaign", "zh": "活动"},
            "mechanic": mechanic,
            "config": config,
            "starts_at": at - timedelta(hours=1),
            "ends_at": at + timedelta(hours=1),
            "channel_ids": (variant.channel.id,),
            **more,
        }
    )


def a_flash_sale(
    variant: StockedVariant, *, price: str = "5.00", quantity: int = 10, limit: int = 1, **more: Any
) -> CampaignDraft:
    config = {"variant": variant.id, "price": Decimal(price), "quantity": quantity, "limit_per_customer": limit}
    return a_draft(variant, "flash_sale", config, **more)


def a_group_buy(
    variant: StockedVariant, *, price: str = "5.00", size: int = 3, hours: int = 24, limit: int = 5, **more: Any
) -> CampaignDraft:
    config = {"variant": variant.id, "price": Decimal(price), "size": size, "hours_open": hours, "limit_per_customer": limit}
    return a_draft(variant, "group_buy", config, **{"ends_at": now() + timedelta(days=10), **more})


async def published(draft: CampaignDraft) -> Campaign:
    async def work(tx: Transaction) -> Campaign:
        return await publish_campaign(tx, (await create_campaign(tx, draft)).id)

    return await transact(work)


async def flash_sale(variant: StockedVariant, **more: Any) -> Campaign:
    """One that is live."""
    return await published(a_flash_sale(variant, **more))


def also_offer(*mechanics: type[Mechanic]) -> None:
    """Let these be on offer beside what is installed."""
    set_registry(load_plugins([*find_plugins(), plugin("tests_mechanics", register_mechanics=mechanics_hook(*mechanics))]))


async def counted(campaign: Campaign, name: str = "sold", person: Person | None = None) -> int:
    """How far a counter is."""
    buyer = EVERYBODY if person is None else person.party_id
    sql = "SELECT value FROM campaign_counter WHERE campaign_id = $1 AND buyer_id = $2 AND name = $3"
    return await db.value(sql, campaign.id, buyer, name) or 0


async def parts_of(campaign: Campaign) -> dict[str, int]:
    """How many parts are in which state."""
    sql = "SELECT state, count(*) FROM campaign_part WHERE campaign_id = $1 GROUP BY state"
    return {row["state"]: row["count"] for row in await db.rows(sql, campaign.id)}
