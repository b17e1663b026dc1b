"""The demo's blind box: what it is in the shop. It has no codes of its own: what is in it, a campaign says."""

from decimal import Decimal
from uuid import UUID

from perkhub.catalog import (
    BenefitKind,
    ListingDraft,
    ProductDraft,
    VariantDraft,
    create_product,
    create_variant,
    upsert_listing,
)
from perkhub.kit.db import Transaction

SKU = "MYSTERY-BOX"
SLUG = "mystery-box"
PRICE = Decimal("19.90")


async def offer_box(tx: Transaction, channel: UUID) -> None:
    """Put it on the shelves."""
    product = await create_product(
        tx,
        ProductDraft(
            SLUG,
            {"zh": "惊喜权益盲盒", "en": "Mystery box"},
            BenefitKind.CODE,
            description={
                "zh": "每盒必有一份权益,概率公示,抽取可验证。请在限时活动中开盒。",
                "en": "Each box holds a benefit, by odds that are published and draws that can be checked. "
                "It is opened in its campaign.",
            },
            how_to_use={"zh": "开出的权益按其自身说明使用。", "en": "What is in it is used as it says itself."},
        ),
    )
    variant = await create_variant(tx, product, VariantDraft(SKU, {"zh": "一盒", "en": "One box"}))
    await upsert_listing(tx, channel, variant, ListingDraft(PRICE))
