"""Campaigns whose buyers have a code."""

from typing import Any
from uuid import UUID

from perkhub.campaigns import Campaign
from perkhub.campaigns.coupons import export_codes, make_batch, request_batch
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from tests.campaigns.making import a_draft, published
from tests.factories import StockedVariant


async def made(campaign: UUID, quantity: int) -> list[str]:
    """So many codes of a campaign, as they are printed."""
    batch = await transact(lambda tx: request_batch(tx, new_id(), campaign, quantity=quantity))
    await make_batch(batch.id)
    return await codes_of(batch.id)


async def codes_of(batch: UUID) -> list[str]:
    """Those that nobody has."""
    return [code async for codes in export_codes(batch) for code in codes]


async def couponed(variant: StockedVariant, terms: dict[str, Any] | None = None, **config: Any) -> Campaign:
    """A campaign without any codes yet; `terms` are those of the campaign itself."""
    settings = {"off": "5", "threshold": "10", "uses_per_customer": 2, **config}
    return await published(a_draft(variant, "coupon", settings, **(terms or {})))


async def coupons(variant: StockedVariant, quantity: int = 3, **config: Any) -> tuple[Campaign, list[str]]:
    """A campaign with so many coupons, and their codes."""
    campaign = await couponed(variant, **config)
    return campaign, await made(campaign.id, quantity)
