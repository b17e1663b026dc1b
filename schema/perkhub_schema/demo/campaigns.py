"""What is on in the demo's shop: a flash sale that runs and one that is to come, groups, a bargain, a blind box,
a coupon.

Looked after at each start, for their time passes; after the shop was stocked, for nobody promises in a box what is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.campaigns import (
    CampaignDraft,
    CampaignInvalid,
    create_campaign,
    live_campaigns,
    publish_campaign,
    request_coupons,
)
from perkhub.catalog import variant_by_sku
from perkhub.channels import channel_by_key
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub_schema.demo import box
from perkhub_schema.demo.shop import CHANNEL


@dataclass(frozen=True, slots=True)
class Event:
    """A campaign: its mechanic, of what, its settings besides, and from when on, counted from the demo's start."""

    zh: str
    en: str
    mechanic: str
    sku: str
    settings: Mapping[str, Any]
    lasts: timedelta
    begins: timedelta = timedelta(0)


def _prize(key: str, sku: str, odds: str, quantity: int | None = None) -> dict[str, Any]:
    return {"key": key, "sku": sku, "odds": Decimal(odds), "quantity": quantity}


SALES = (
    Event(
        "周末咖啡秒杀", "Weekend coffee flash sale", "flash_sale", "SBUX-TALL",
        {"price": Decimal("9.90"), "quantity": 20, "limit_per_customer": 1}, timedelta(days=2),
    ),
    Event(
        "会员日:月卡秒杀", "Members' day: a month for less", "flash_sale", "IQIYI-GOLD-1M",
        {"price": Decimal("9.90"), "quantity": 60, "limit_per_customer": 2}, timedelta(days=3), timedelta(hours=2),
    ),
    Event(
        "两人同行音乐月卡", "Music for two", "group_buy", "QQMUSIC-1M",
        {"price": Decimal("8.80"), "size": 2, "hours_open": 24, "limit_per_customer": 2}, timedelta(days=4),
    ),
    Event(
        "好友帮砍:网盘月卡", "Friends make it cheaper: cloud storage", "bargain", "BDPAN-1M",
        {"floor": Decimal("12.80"), "helpers": 2, "quantity": 20}, timedelta(days=4),
    ),
    Event(
        "惊喜权益盲盒", "Mystery box of benefits", "blind_box", box.SKU,
        {
            "price": Decimal("9.90"),
            "prizes": [
                _prize("coffee", "LUCKIN-29", "80"),
                _prize("meal", "KFC-20", "17", 20),
                _prize("groceries", "HEMA-100", "3", 5),
            ],
            "exhausted": "coffee",
            "guaranteed": ["meal", "groceries"],
            "guarantee_after": 5,
            "quantity": 40,
            "draws_per_customer": 10,
        },
        timedelta(days=5),
    ),
)  # fmt: skip


COUPON = {"zh": "满 30 减 5 优惠券", "en": "A coupon: 5 yuan off from 30 on"}
COUPONS = 10_000
COUPON_LASTS = timedelta(days=30)


async def ensure_campaigns() -> int:
    """Begin those of which none is on, or to come; how many were made. What is out of stock by now is left out."""
    channel = (await channel_by_key(CHANNEL)).id
    known = {campaign.name["en"] for campaign in await live_campaigns(channel, coming=True)}
    begun = sum([await _began(channel, event, now()) for event in SALES if event.en not in known])
    if COUPON["en"] in known:
        return begun
    await _hand_out(channel, now())
    return begun + 1


async def _began(channel: UUID, event: Event, at: datetime) -> bool:
    begins = at + event.begins
    settings = dict(event.settings)
    if prizes := settings.get("prizes"):
        settings["prizes"] = [
            {"variant": await _variant(one["sku"]), **{name: one[name] for name in ("key", "odds", "quantity")}}
            for one in prizes
        ]
    draft = CampaignDraft(
        name={"zh": event.zh, "en": event.en},
        mechanic=event.mechanic,
        config={"variant": await _variant(event.sku), **settings},
        starts_at=begins,
        ends_at=begins + event.lasts,
        channel_ids=(channel,),
    )

    async def work(tx: Transaction) -> None:
        await publish_campaign(tx, (await create_campaign(tx, draft)).id)

    try:
        await transact(work)
    except CampaignInvalid:
        return False
    return True


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


async def _variant(sku: str) -> UUID:
    variant = await variant_by_sku(sku)
    assert variant is not None  # the shop is made before its campaigns
    return variant.id
