"""Several campaigns on one basket: in one order, a reason each, to the last minor unit; budgets and audiences that hold."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.accounts import CustomerGroupDraft, add_group_members, create_customer_group
from perkhub.campaigns import (
    Campaign,
    CampaignAudience,
    CampaignBudgetSpent,
    CampaignLimitReached,
    CampaignNotForYou,
    CampaignNotOpen,
    CampaignsClash,
    Counted,
    Limit,
    Offer,
    Period,
    create_campaign,
    list_people,
    offer_basket,
    pause_campaign,
    simulate_basket,
)
from perkhub.campaigns.basket import shares
from perkhub.channels import ANYONE, Viewer
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.orders import lines_of
from perkhub.plugin.mechanic import Stage
from perkhub.pricing import BasketLine, Chosen, PriceMoved
from tests.campaigns.making import a_draft, a_flash_sale, also_offer, counted, flash_sale, published
from tests.campaigns.mechanics import Cheap, Off, Scripted
from tests.factories import Shop, StockedVariant
from tests.orders import desk


@pytest.fixture(autouse=True)
def mechanics(shop: Shop) -> None:
    also_offer(Off, Cheap)


async def off(variant: StockedVariant, off: int, *, least: int = 0, **more: Any) -> Campaign:
    return await published(a_draft(variant, "tests_off", {"off": off, "least": least}, **more))


async def cheap(variant: StockedVariant, price: str, **more: Any) -> Campaign:
    return await published(a_draft(variant, "tests_cheap", {"variant": variant.id, "price": Decimal(price)}, **more))


async def asked(*variants: StockedVariant, quantity: int = 1, campaign: Campaign | None = None, **more: Any) -> Offer:
    part = None if campaign is None else Chosen(campaign.id)
    basket = [BasketLine(variant.id, quantity, campaign=part) for variant in variants]
    return await offer_basket(variants[0].channel, basket, **more)


def said(offer: Offer) -> list[tuple[Any, str | None]]:
    return [(one.campaign.id, None if one.refusal is None else one.refusal.code) for one in offer.reasons]


@pytest.mark.parametrize(
    ("amount", "costs", "parts"),
    [
        (100, [100, 200], [33, 67]),
        (1, [1, 1, 1], [1, 0, 0]),
        (10, [3, 3], [3, 3]),
        (7, [0, 5, 5], [0, 4, 3]),
        (5, [0, 0], [0, 0]),
    ],
    ids=["proportional", "one unit", "above all", "nothing of nothing", "free"],
)
def test_a_discount_is_shared_to_the_last_unit(amount: int, costs: list[int], parts: list[int]):
    assert shares(amount, costs) == parts


async def test_lines_before_the_cart_and_the_higher_priority_first(shop: Shop):
    one, other = await shop.variant(codes=5, price="10.00"), await shop.variant(codes=5, price="20.00")
    late, early = await off(one, 100), await off(one, 300, priority=5)
    price, dearer = await cheap(one, "7.00"), await cheap(one, "8.00", priority=-1)
    offer = await asked(one, other)
    assert said(offer) == [(price.id, None), (early.id, None), (late.id, None)]
    assert dearer.id not in [reason.campaign.id for reason in offer.reasons]
    assert [line.total.minor for line in offer.quote.lines] == [700 - 78 - 26, 2000 - 222 - 74]
    assert offer.quote.total.minor == 2700 - 400
    for line in offer.quote.lines:
        assert sum(step.effect for step in line.trace) == line.unit
        off_line = sum(step.on_total for step in line.trace)
        assert line.total.minor == int(line.unit * 100) * line.quantity + off_line
    assert await asked(one, other) == offer


async def test_an_exclusive_one_stands_alone(shop: Shop):
    one, other = await shop.variant(codes=5, price="10.00"), await shop.variant(codes=5, price="20.00")
    alone = await cheap(one, "7.00", exclusive=True)
    everything = await off(one, 300)
    offer = await asked(one, other)
    assert [line.total.minor for line in offer.quote.lines] == [700, 1700]
    assert said(offer) == [(alone.id, None), (everything.id, None)]


async def test_the_chosen_one_goes_before_what_applies_by_itself(shop: Shop):
    one = await shop.variant(codes=5, price="10.00")
    await cheap(one, "7.00", priority=100)
    sale = await flash_sale(one, price="6.00")
    assert (await asked(one, campaign=sale)).quote.total.minor == 600
    assert (await asked(one)).quote.total.minor == 700


class ChosenOff(Scripted):
    """On the cart, and only where a line asks for it."""

    key = "tests_chosen_off"
    stage = Stage.CART


async def test_two_that_cannot_be_combined(shop: Shop):
    also_offer(Cheap, ChosenOff)
    one = await shop.variant(codes=5, price="10.00")
    await cheap(one, "7.00", exclusive=True)
    wanted = await published(a_draft(one, "tests_chosen_off", {}))
    with pytest.raises(CampaignsClash) as refused:
        await asked(one, campaign=wanted)
    assert refused.value.path == ("lines", "0", "campaign")


async def test_orders_by_themselves_in_a_campaign(shop: Shop):
    """What applies by itself is paid, counted and refunded like any other."""
    one, other = await shop.variant(codes=5, price="10.00"), await shop.variant(codes=5, price="20.00")
    taken = await off(one, 1000, budget=(Limit(Counted.MONEY, 1500),))
    buyer = await shop.customer(wallet="90.00")
    order = await desk.buy(buyer, one, other)
    assert (order.total.minor, await counted(taken, "$money")) == (2000, 1000)
    assert sum(line.total.minor for line in await lines_of([order])) == 2000
    await desk.assert_clean()
    # The rest of the budget is less than it takes: left out, with a reason.
    offer = await asked(one, other, viewer=Viewer(buyer.party_id))
    assert (offer.quote.total.minor, said(offer)) == (3000, [(taken.id, "CAMPAIGN_BUDGET_SPENT")])
    with pytest.raises(PriceMoved):
        await desk.buy(buyer, one, other, expected=order.total)
    await desk.refund(buyer, order)
    assert await counted(taken, "$money") == 0
    await desk.buy(buyer, one, other, expected=order.total)
    await desk.assert_clean()


async def test_each_limit_of_a_budget_holds(shop: Shop):
    variant = await shop.variant(codes=20)
    budget = (
        Limit(Counted.UNITS, 5),
        Limit(Counted.ORDERS, 2, per_customer=True),
        Limit(Counted.UNITS, 3, period=Period.DAY),
    )
    sale = await flash_sale(variant, quantity=20, limit=9, budget=budget, ends_at=now() + timedelta(days=9))
    first, second = await shop.customers(2, wallet="500.00")
    await desk.buy(first, variant, campaign=sale.id)
    await desk.buy(first, variant, campaign=sale.id)
    with pytest.raises(CampaignLimitReached):
        await desk.buy(first, variant, campaign=sale.id)
    with pytest.raises(CampaignBudgetSpent):
        await desk.buy(second, (variant, 2), campaign=sale.id)
    with travel(timedelta(days=1)):
        await desk.buy(second, (variant, 3), campaign=sale.id)
        with pytest.raises(CampaignBudgetSpent):
            await desk.buy(second, variant, campaign=sale.id)
    assert await counted(sale, "$units") == 5
    await desk.assert_clean()


async def test_who_may_take_part(shop: Shop):
    variant = await shop.variant(codes=9)
    group = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft("VIP")))
    member, listed, old = await shop.customers(3, wallet="90.00")
    await transact(lambda tx: add_group_members(tx, group, [member.party_id], actor="tests"))
    await desk.buy(old, variant)
    sales = {
        "group": await flash_sale(variant, audience=CampaignAudience(groups=frozenset({group}))),
        "list": await flash_sale(variant, audience=CampaignAudience(listed=True)),
        "new": await flash_sale(variant, audience=CampaignAudience(new_customers=True)),
    }
    await transact(lambda tx: list_people(tx, sales["list"].id, [listed.party_id]))
    let_in = {"group": {member}, "list": {listed}, "new": {member, listed}}
    found: dict[str, set[Any]] = {name: set() for name in sales}
    for name, sale in sales.items():
        for person in (member, listed, old):
            try:
                await asked(variant, campaign=sale, viewer=Viewer(person.party_id))
                found[name].add(person)
            except CampaignNotForYou:
                continue
        with pytest.raises(CampaignNotForYou):
            await asked(variant, campaign=sale, viewer=ANYONE)
    assert found == let_in


async def test_a_simulation_tells_reasons_of_drafts_and_of_other_moments(shop: Shop):
    variant = await shop.variant(codes=9, price="10.00")
    at = now() + timedelta(hours=5)
    coming = replace(a_flash_sale(variant), starts_at=at, ends_at=at + timedelta(hours=1))
    draft = await transact(lambda tx: create_campaign(tx, coming))
    basket = [BasketLine(variant.id, 1, campaign=Chosen(draft.id))]
    with pytest.raises(NotFound):
        await offer_basket(variant.channel, basket)
    early = await simulate_basket(variant.channel, basket, drafts=[draft.id])
    assert (early.quote.total.minor, said(early)) == (1000, [(draft.id, CampaignNotOpen.code)])
    then = await simulate_basket(variant.channel, basket, at=at, drafts=[draft.id])
    assert (then.quote.total.minor, said(then)) == (500, [(draft.id, None)])
    paused = await off(variant, 100)
    await transact(lambda tx: pause_campaign(tx, paused.id))
    assert said(await simulate_basket(variant.channel, basket[:1], at=at, drafts=[draft.id])) == [(draft.id, None)]
