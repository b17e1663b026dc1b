"""What a process remembers of what is sold out: it turns away, lets one look again now and then, and never denies a sale."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from perkhub.campaigns import CampaignSoldOut, known_sold_out, rush
from perkhub.kit.idempotency import was_used
from perkhub.kit.ids import new_id
from perkhub.pricing import BasketLine, Chosen
from tests.campaigns.making import flash_sale
from tests.factories import Shop
from tests.orders import desk


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that this module's clock tells."""
    told = [100.0]
    monkeypatch.setattr(rush.time, "monotonic", lambda: told[0])
    yield told
    rush.forget_sold_out()


def a_basket(campaign: UUID) -> list[BasketLine]:
    return [BasketLine(new_id(), 1), BasketLine(new_id(), 1, campaign=Chosen(campaign))]


def test_one_looks_again_while_all_others_are_turned_away(clock: list[float]):
    campaign = new_id()
    basket = a_basket(campaign)
    assert known_sold_out(basket) is None
    rush.note_sold_out(campaign, CampaignSoldOut(available=0))
    refusal = known_sold_out(basket)
    assert refusal is not None
    assert refusal.path == ("lines", "1", "campaign")
    assert known_sold_out(a_basket(new_id())) is None
    clock[0] += rush.LOOK_AGAIN_SECONDS
    assert [known_sold_out(basket) is None for _ in range(3)] == [True, False, False]
    rush.note_available(campaign)
    assert known_sold_out(basket) is None


def test_where_some_are_left_nobody_is_turned_away(clock: list[float]):
    campaign = new_id()
    rush.note_sold_out(campaign, CampaignSoldOut(available=1))
    assert known_sold_out(a_basket(campaign)) is None


async def test_a_repetition_is_told_from_a_new_request(shop: Shop):
    variant = await shop.variant(codes=2)
    sale = await flash_sale(variant, quantity=1)
    first, second = await shop.customers(2, wallet="20.00")
    await desk.buy(first, variant, key="mine", campaign=sale.id)
    with pytest.raises(CampaignSoldOut):
        await desk.buy(second, variant, campaign=sale.id)
    assert known_sold_out(a_basket(sale.id)) is not None
    known = [await was_used(desk.actor_of(one), "orderPlace", "mine") for one in (first, second)]
    assert known == [True, False]
