"""What a process remembers of what is sold out: it turns away, lets one look again now and then, and never denies a sale."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.campaigns import CampaignSoldOut
from perkhub.campaigns.rush import known_sold_out, sold_out
from perkhub.kit.clock import travel
from perkhub.kit.idempotency import was_used
from perkhub.kit.ids import new_id
from perkhub.orders import expire_due_orders
from perkhub.pricing import BasketLine, Chosen
from tests.campaigns.making import a_draft, also_offer, flash_sale, published
from tests.campaigns.mechanics import Sittings
from tests.factories import Shop
from tests.orders import desk


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that this module's clock tells."""
    told = [100.0]
    monkeypatch.setattr(sold_out.time, "monotonic", lambda: told[0])
    yield told
    sold_out.forget_sold_out()


def a_basket(campaign: UUID, variant: UUID) -> list[BasketLine]:
    return [BasketLine(new_id(), 1), BasketLine(variant, 1, campaign=Chosen(campaign))]


def test_one_looks_again_while_all_others_are_turned_away(clock: list[float]):
    campaign, variant = new_id(), new_id()
    basket = a_basket(campaign, variant)
    assert known_sold_out(basket) is None
    sold_out.note_sold_out(campaign, variant)
    refusal = known_sold_out(basket)
    assert refusal is not None
    assert refusal.path == ("lines", "1", "campaign")
    assert known_sold_out(a_basket(new_id(), variant)) is None
    clock[0] += sold_out.LOOK_AGAIN_SECONDS
    assert [known_sold_out(basket) is None for _ in range(3)] == [True, False, False]
    sold_out.note_available(campaign, variant)
    assert known_sold_out(basket) is None


def test_another_variant_of_the_campaign_is_still_sold(clock: list[float]):
    campaign, variant = new_id(), new_id()
    sold_out.note_sold_out(campaign, variant)
    assert known_sold_out(a_basket(campaign, new_id())) is None
    assert known_sold_out(a_basket(campaign, variant)) is not None


async def test_where_some_are_left_nobody_else_is_turned_away(shop: Shop):
    variant = await shop.variant(codes=4)
    sale = await flash_sale(variant, quantity=2, limit=3)
    buyer = await shop.customer(wallet="90.00")
    with pytest.raises(CampaignSoldOut):
        await desk.buy(buyer, (variant, 3), campaign=sale.id)
    assert known_sold_out(a_basket(sale.id, variant.id)) is None


async def test_who_chooses_what_is_left_is_not_turned_away_with_the_others(shop: Shop):
    also_offer(Sittings)
    variant = await shop.variant(codes=4)
    sale = await published(a_draft(variant, "tests_sittings", {"variant": variant.id, "quantity": 1}))
    first, second = await shop.customers(2, wallet="90.00")
    await desk.buy(first, variant, campaign=Chosen(sale.id, {"sitting": "noon"}))
    with pytest.raises(CampaignSoldOut):
        await desk.buy(second, variant, campaign=Chosen(sale.id, {"sitting": "noon"}))
    assert known_sold_out(desk.basket_of([variant], campaign=Chosen(sale.id, {"sitting": "night"}))) is None
    await desk.buy(second, variant, campaign=Chosen(sale.id, {"sitting": "night"}))
    await desk.assert_clean()


async def test_units_that_come_back_are_not_denied_to_the_next(shop: Shop):
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant, quantity=1)
    first, second = await shop.customers(2, wallet="20.00")
    await desk.place(first, variant, campaign=sale.id)
    with pytest.raises(CampaignSoldOut):
        await desk.buy(second, variant, campaign=sale.id)
    assert known_sold_out(a_basket(sale.id, variant.id)) is not None
    with travel(timedelta(minutes=20)):
        await expire_due_orders()
    assert known_sold_out(a_basket(sale.id, variant.id)) is None
    await desk.buy(second, variant, campaign=sale.id)


async def test_a_repetition_is_told_from_a_new_request(shop: Shop):
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant, quantity=1)
    first, second = await shop.customers(2, wallet="20.00")
    await desk.buy(first, variant, key="mine", campaign=sale.id)
    with pytest.raises(CampaignSoldOut):
        await desk.buy(second, variant, campaign=sale.id)
    assert known_sold_out(a_basket(sale.id, variant.id)) is not None
    known = [await was_used(desk.actor_of(one), "orderPlace", "mine") for one in (first, second)]
    assert known == [True, False]
