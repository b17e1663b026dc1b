"""Campaigns whose buyers have a code."""

import io
from typing import Any

from perkhub.campaigns import Campaign
from perkhub.campaigns.coupons import export_codes, make_batch, request_batch
from perkhub.kit.db import transact
from tests.campaigns.making import a_draft, published
from tests.factories import StockedVariant


async def coupons(variant: StockedVariant, quantity: int = 3, **config: Any) -> tuple[Campaign, list[str]]:
    """A campaign with so many coupons, and their codes."""
    campaign = await published(a_draft(variant, "coupon", {"off": "5", "threshold": "10", "uses_per_customer": 2, **config}))
    batch = await transact(lambda tx: request_batch(tx, campaign.id, quantity=quantity))
    await make_batch(batch.id)
    out = io.StringIO()
    await export_codes(batch.id, out)
    return campaign, out.getvalue().split()
