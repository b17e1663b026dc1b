"""What is on in the demo's shop: a flash sale that runs, one that is to come, and a coupon for whoever wants one. Looked
after at each start, for their time passes."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from perkhub.campaigns import CampaignDraft, create_campaign, live_campaigns, publish_campaign, request_coupons
from perkhub.catalog import variant_by_sku
from perkhub.channels import channel_by_key
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub_schema.demo.shop import CHANNEL


class Sale(NamedTuple):
    """A flash sale: of what, and from when on, counted from the demo's start."""

    sku: str
    zh: str
    en: str
    price: Decimal
    quantity: int
    limit: int
    begins: timedelta
    lasts: timedelta


SALES = (
    Sale(
        "SBUX-TALL", "周末咖啡秒杀", "Weekend coffee flash sale", Decimal("9.90"), 20, 1, timedelta(0), timedelta(days=2)
    ),
    Sale(
        "IQIYI-GOLD-1M", "会员日:月卡秒杀", "Members' day: a month for less", Decimal("9.90"), 60, 2, timedelta(hours=2),
        timedelta(days=3),
    ),
)  # fmt: skip


COUPON = {"zh": "满 30 减 5 优惠券", "en": "A coupon: 5 yuan off from 30 on"}
COUPONS = 10_000
COUPON_LASTS = timedelta(days=30)


async def ensure_campaigns() -> int:
    """Begin those of which none is on, or to come; how many were made."""
    channel = (await channel_by_key(CHANNEL)).id
    known = {campaign.name["en"] for campaign in await live_campaigns(channel, coming=True)}
    missing = [sale for sale in SALES if sale.en not in known]
    for sale in missing:
        variant = await variant_by_sku(sale.sku)
        assert variant is not None  # the shop is made before its campaigns
        await _begin(channel, sale, variant.id, now())
    if COUPON["en"] in known:
        return len(missing)
    await _hand_out(channel, now())
    return len(missing) + 1


async def _begin(channel: UUID, sale: Sale, variant: UUID, at: datetime) -> None:
    begins = at + sale.begins
    draft = CampaignDraft(
        name={"zh": sale.zh, "en": sale.en},
        mechanic="flash_sale",
        config={"variant": variant, "price": sale.price, "quantity": sale.quantity, "limit_per_customer": sale.limit},
        starts_at=begins,
        ends_at=begins + sale.lasts,
        channel_ids=(channel,),
    )

    async def work(tx: Transaction) -> None:
        await publish_campaign(tx, (await create_campaign(tx, draft)).id)

    await transact(work)


async def _hand_out(channel: UUID, at: datetime) -> None:
    draft = CampaignDraft(
        name=COUPON,
        mechanic="coupon",
        config={"off": Decimal(5), "threshold": Decimal(30), "claimable": True},
        starts_at=at,
        ends_at=at + COUPON_LASTS,
        channel_ids=(channel,),
    )

    async def work(tx: Transaction) -> None:
        campaign = await publish_campaign(tx, (await create_campaign(tx, draft)).id)
        await request_coupons(tx, new_id(), campaign.id, quantity=COUPONS, name="Demo")

    await transact(work)
