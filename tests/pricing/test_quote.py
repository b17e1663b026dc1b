"""Pricing a basket: exact, rounded once a line, each step told, and odd baskets refused by name."""

from decimal import Decimal

import pytest

from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.orders import Order
from perkhub.pricing import BasketInvalid, BasketLine, PriceMoved, PriceSource, price_basket
from tests.factories import Shop
from tests.orders import desk
from tests.pricing.making import a_list, at, of_party, viewer


async def test_a_line_is_rounded_once_and_the_total_is_their_sum(shop: Shop):
    prices = ["19.999999", "0.333333", "0.005", "0.004999", "0", "1000000000"]
    variants = [await shop.variant(codes=0, price=price) for price in prices]
    basket = [BasketLine(variant.id, 3) for variant in variants]
    quote = await price_basket(variants[0].channel, basket)
    assert [line.total.minor for line in quote.lines] == [6000, 100, 2, 1, 0, 300_000_000_000]
    assert quote.total == Money(300_000_006_103, "CNY")
    assert [line.unit for line in quote.lines] == [Decimal(price) for price in prices]


async def test_each_step_of_a_price_is_told(shop: Shop):
    variant = await shop.variant(price="19.999999")
    (line,) = (await price_basket(variant.channel, [BasketLine(variant.id, 2)])).lines
    (step,) = line.trace
    assert (step.source, step.effect) == (PriceSource.LISTING, Decimal("19.999999"))
    assert sum(one.effect for one in line.trace) == line.unit


async def test_a_currency_without_cents(shop: Shop):
    variant = await shop.variant(price="249.5", channel=await shop.channel("japan", currency="JPY"))
    quote = await price_basket(variant.channel, [BasketLine(variant.id, 1)])
    assert quote.total == Money(250, "JPY")


async def test_pricing_holds_and_changes_nothing(shop: Shop):
    variant = await shop.variant(codes=1, quota=1, limit=1)
    async with desk.nothing_changes():
        for _ in range(3):
            await price_basket(variant.channel, [BasketLine(variant.id, 1000)])


async def test_odd_baskets(shop: Shop):
    channel = await shop.channel()
    one, other = new_id(), new_id()
    odd = {
        ("lines",): [
            [],
            [BasketLine(new_id(), 1) for _ in range(51)],
            [BasketLine(one, 1), BasketLine(other, 1), BasketLine(one, 2)],
        ],
        ("lines", "1", "quantity"): [[BasketLine(one, 1), BasketLine(other, quantity)] for quantity in (0, -1, 1001, 2**40)],
    }
    for path, baskets in odd.items():
        for basket in baskets:
            with pytest.raises(BasketInvalid) as refusal:
                await price_basket(channel, basket)
            assert refusal.value.path == path
            assert refusal.value.message("zh")


async def test_a_price_that_moves_between_quote_and_order_is_told_and_nothing_is_bought(shop: Shop):
    variant, buyer = await shop.variant(price="20.00", codes=2), await shop.customer(wallet="100.00")
    who = await viewer(buyer)
    seen = await price_basket(variant.channel, [BasketLine(variant.id, 2)], who)
    await a_list(of_party(buyer), [at(variant.id, "25")])
    async with desk.nothing_changes():
        with pytest.raises(PriceMoved) as moved:
            await desk.buy(buyer, (variant, 2), expected=seen.total)
    assert (moved.value.data["total"], moved.value.path) == ("50.00", ("expectedTotal",))
    order = await desk.buy(buyer, (variant, 2), expected=Money(5000, "CNY"))
    assert order.total == Money(5000, "CNY")
    await desk.assert_clean()


async def test_of_many_orders_while_the_price_moves_each_pays_what_it_expected(shop: Shop):
    variant = await shop.variant(price="20.00", codes=20)
    buyers = await shop.customers(10, wallet="100.00")
    orders = [desk.buy(buyer, variant, expected=Money(2000, "CNY")) for buyer in buyers]
    ended = await desk.outcomes([*orders[:5], a_list(variant.channel, [at(variant.id, "30")]), *orders[5:]])
    paid = [one.total for one in ended if isinstance(one, Order)]
    assert set(paid) <= {Money(2000, "CNY")}
    assert len(paid) + sum(isinstance(one, PriceMoved) for one in ended) == 10
    assert sum([await desk.wallet_of(buyer) for buyer in buyers]) == 10 * 10000 - len(paid) * 2000
    await desk.assert_clean()
