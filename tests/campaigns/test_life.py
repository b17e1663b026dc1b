"""The life of a campaign: what may be said of it when, and what its window makes of it without anybody's help."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.campaigns import (
    CampaignDraft,
    CampaignEnded,
    CampaignFrozen,
    CampaignInvalid,
    CampaignNotMovable,
    CampaignState,
    change_campaign,
    clone_campaign,
    create_campaign,
    draft_of,
    end_campaign,
    list_people,
    pause_campaign,
    people_of,
    publish_campaign,
    resume_campaign,
    versions_of,
)
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError, NotFound, VersionMoved
from tests.campaigns.making import a_draft, a_flash_sale, also_offer, flash_sale, published
from tests.campaigns.mechanics import Cheap
from tests.factories import Shop
from tests.orders import desk

HOUR = timedelta(hours=1)


async def test_windows_hold_when_they_are_read(shop: Shop):
    sale = await flash_sale(await shop.variant(codes=1))
    begins, ends = sale.starts_at, sale.ends_at
    before = [sale.state_at(at) for at in (begins - HOUR, begins, ends - timedelta.resolution, ends)]
    assert before == [CampaignState.SCHEDULED, CampaignState.LIVE, CampaignState.LIVE, CampaignState.ENDED]
    paused = await transact(lambda tx: pause_campaign(tx, sale.id))
    assert [paused.state_at(at) for at in (begins, ends)] == [CampaignState.PAUSED, CampaignState.ENDED]
    resumed = await transact(lambda tx: resume_campaign(tx, sale.id, expected_version=paused.version))
    ended = await transact(lambda tx: end_campaign(tx, sale.id))
    assert (resumed.state_at(begins), ended.state_at(begins)) == (CampaignState.LIVE, CampaignState.ENDED)
    with pytest.raises(CampaignNotMovable):
        await transact(lambda tx: resume_campaign(tx, sale.id))
    assert [one.version for one in await versions_of(sale.id)] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"price": "0"}, ("mechanic", "flashSale", "price")),
        ({"quantity": 0}, ("mechanic", "flashSale", "quantity")),
        ({"limit_per_customer": 1001}, ("mechanic", "flashSale", "limitPerCustomer")),
        ({"variant": "nothing"}, ("mechanic", "flashSale", "variant")),
    ],
    ids=["price", "quantity", "limit", "variant"],
)
async def test_a_setting_that_cannot_be_is_named(shop: Shop, config: dict[str, Any], path: tuple[str, ...]):
    draft = a_flash_sale(await shop.variant(codes=1))
    assert isinstance(draft.config, dict)
    with pytest.raises(CampaignInvalid) as refused:
        await transact(lambda tx: create_campaign(tx, replace(draft, config={**draft.config, **config})))
    assert refused.value.path == path


async def test_what_speaks_against_publishing(shop: Shop):
    variant, elsewhere = await shop.variant(codes=1, price="19.90"), await shop.channel("elsewhere")
    draft = a_flash_sale(variant)
    wrong: dict[str, tuple[CampaignDraft, tuple[str, ...]]] = {
        "above the list": (a_flash_sale(variant, price="19.90"), ("mechanic", "flashSale", "price")),
        "not listed": (
            replace(draft, channel_ids=(variant.channel.id, elsewhere.id)),
            ("mechanic", "flashSale", "variant"),
        ),
        "over": (replace(draft, starts_at=now() - 2 * HOUR, ends_at=now() - HOUR), ("endsAt",)),
    }
    for one, path in wrong.values():
        made = await transact(lambda tx, one=one: create_campaign(tx, one))
        with pytest.raises(CampaignInvalid) as refused:
            await transact(lambda tx, made=made: publish_campaign(tx, made.id))
        assert refused.value.path == path
    with pytest.raises(CampaignInvalid) as refused:
        await transact(lambda tx: create_campaign(tx, replace(draft, ends_at=draft.starts_at)))
    assert refused.value.path == ("endsAt",)
    with pytest.raises(NotFound):
        await transact(lambda tx: create_campaign(tx, replace(draft, mechanic="unheard_of")))


async def change_refused(kind: type[DomainError], campaign: Any, **changes: Any) -> tuple[str, ...]:
    draft = replace(draft_of(campaign), **changes)
    with pytest.raises(kind) as refused:
        await transact(lambda tx: change_campaign(tx, campaign.id, draft, expected_version=campaign.version))
    path: tuple[str, ...] = refused.value.path
    return path


async def test_what_buyers_saw_live_stays(shop: Shop):
    also_offer(Cheap)
    variant = await shop.variant(codes=1)
    sale = await published(a_draft(variant, "tests_cheap", {"variant": variant.id, "price": Decimal("2.00")}))
    assert await change_refused(CampaignFrozen, sale, starts_at=now() + HOUR / 2) == ("startsAt",)
    config = {"variant": variant.id, "price": Decimal("1.00")}
    assert await change_refused(CampaignFrozen, sale, config=config) == ("mechanic", "testsCheap", "price")
    coming = a_draft(
        variant, "tests_cheap", {**config, "price": Decimal("2.00")}, starts_at=now() + HOUR, ends_at=now() + 2 * HOUR
    )
    scheduled = await published(coming)
    draft = replace(coming, config=config)
    changed = await transact(lambda tx: change_campaign(tx, scheduled.id, draft, expected_version=scheduled.version))
    assert (changed.config["price"], changed.version) == ("1.00", scheduled.version + 1)
    with pytest.raises(VersionMoved):
        await transact(lambda tx: change_campaign(tx, scheduled.id, draft, expected_version=scheduled.version))
    ended = await transact(lambda tx: end_campaign(tx, scheduled.id))
    await change_refused(CampaignEnded, ended)


async def test_not_less_than_is_sold(shop: Shop):
    variant = await shop.variant(codes=9)
    sale = await flash_sale(variant, quantity=9, limit=9)
    buyer = await shop.customer(wallet="90.00")
    await desk.buy(buyer, (variant, 3), campaign=sale.id)
    assert await change_refused(CampaignInvalid, sale, config={**sale.config, "quantity": 2}) == (
        "mechanic",
        "flashSale",
        "quantity",
    )
    draft = replace(draft_of(sale), config={**sale.config, "quantity": 3})
    await transact(lambda tx: change_campaign(tx, sale.id, draft, expected_version=sale.version))
    await desk.assert_clean()


async def test_a_clone_begins_as_a_draft(shop: Shop):
    sale = await flash_sale(await shop.variant(codes=1), external_reference="cms-7")
    person = await shop.customer()
    await transact(lambda tx: list_people(tx, sale.id, [person.party_id]))
    made = await transact(lambda tx: clone_campaign(tx, sale.id, ends_at=now() + 3 * HOUR))
    assert (made.state_at(now()), made.external_reference, made.config) == (CampaignState.DRAFT, None, sale.config)
    assert await people_of(made.id) == [person.party_id]
