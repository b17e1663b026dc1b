"""Blind boxes from the sale to the code: what was drawn is delivered, exactly once, and the log proves it."""

import asyncio
import io
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from perkhub.campaigns import (
    Campaign,
    CampaignFrozen,
    CampaignInvalid,
    CampaignLimitReached,
    CampaignRefused,
    change_campaign,
    rotate_draws,
)
from perkhub.campaigns.draws import DrawTicket, draw_seeds, export_draws, keep_tickets, retire_seeds, verify_draws
from perkhub.campaigns.keep import draft_of
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.orders import Order, OrderState, expire_due_orders
from perkhub.vault import OutOfStock
from tests.campaigns.boxes import a_box, grown
from tests.campaigns.making import a_draft, counted
from tests.factories import Shop
from tests.orders import desk
from tests.orders.gateway import apply, configured_gateway, paid_at_gateway


async def won(order: Order) -> Counter[Any]:
    units = await desk.units_of(order)
    return Counter(unit.variant_id for unit in units)


async def proof(campaign: Campaign) -> Any:
    out = io.BytesIO()
    head = await export_draws(campaign.id, out)
    return verify_draws(out.getvalue().splitlines(keepends=True), expected_head=head.digest)


async def test_what_was_drawn_is_delivered(shop: Shop):
    box, month, season, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    order = await desk.buy(buyer, (box, 10), campaign=grown(campaign))
    assert (order.state, order.total.minor) == (OrderState.PAID, 12000)
    units = await desk.units_of(order)
    assert {unit.state for unit in units} == {"issued"}
    assert {unit.variant_id for unit in units} <= {month.id, season.id}
    assert sorted(unit.position for unit in units) == list(range(10))
    drawn = await db.rows(
        "SELECT p.variant_id FROM draw d JOIN draw_prize p ON p.campaign_id = d.campaign_id AND p.key = d.given"
    )
    assert Counter(row["variant_id"] for row in drawn) == await won(order)
    assert (await counted(campaign), await counted(campaign, "drawn", buyer)) == (10, 10)
    assert (await proof(campaign)).intact
    await desk.assert_clean()


async def test_drawn_when_it_is_paid_and_not_before(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    order = await desk.place(buyer, (box, 4), campaign=grown(campaign))
    assert await db.value("SELECT count(*) FROM draw") == 0
    paid = await desk.pay(buyer, order)
    assert paid.state is OrderState.PAID
    assert sum((await won(paid)).values()) == 4
    assert (await proof(campaign)).draws == 4
    await desk.assert_clean()


async def test_what_is_never_paid_is_never_drawn(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    await desk.place(buyer, (box, 4), campaign=grown(campaign))
    with travel(timedelta(hours=1)):
        assert await expire_due_orders() == 1
    assert await counted(campaign) == 0
    assert await db.value("SELECT count(*) FROM draw") == 0
    await desk.assert_clean()


async def test_paid_at_a_gateway(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    box, _, _, campaign = await a_box(shop)
    configured_gateway(monkeypatch)
    buyer = await shop.customer()
    order = await desk.place(buyer, (box, 3), campaign=grown(campaign))
    await apply((await paid_at_gateway(order)).id)
    assert sum((await won(order)).values()) == 3
    assert (await proof(campaign)).intact


async def test_many_at_once_get_no_more_than_there_are(shop: Shop):
    """Twenty buyers, forty boxes, three seasons; every box is sold, each unit delivered, and the log proves each draw."""
    box, month, season, campaign = await a_box(shop, quantity=40)
    buyers = [await shop.customer(wallet="500.00") for _ in range(20)]
    orders = await asyncio.gather(*(desk.buy(buyer, (box, 2), campaign=grown(campaign)) for buyer in buyers))
    total: Counter[Any] = Counter()
    for order in orders:
        total += await won(order)
    assert sum(total.values()) == 40
    assert total[season.id] == 3
    assert total[month.id] == 37
    verdict = await proof(campaign)
    assert (verdict.intact, verdict.draws) == (True, 40)
    await desk.assert_clean()


async def test_where_a_prize_cannot_be_delivered_nothing_is_sold(shop: Shop):
    """The operator's codes were sold elsewhere meanwhile: no money, no draw; and the same draw comes when there are codes."""
    box, month, _, campaign = await a_box(shop, months=40, seasons=1, guaranteed=[], guarantee_after=None)
    buyer = await shop.customer(wallet="900.00")
    await desk.buy(buyer, (month, 40))
    tries = [await desk.outcomes([desk.buy(buyer, box, campaign=grown(campaign))]) for _ in range(10)]
    assert OutOfStock in {type(outcome) for [outcome] in tries}
    drawn = await db.value("SELECT count(*) FROM draw")
    assert drawn == await counted(campaign)
    assert (await proof(campaign)).intact
    await desk.assert_clean()


async def test_a_draw_takes_no_code_that_is_promised_to_others(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Placed before, paid after the pool's last codes were held: no money, or all of it back; who holds them gets them."""
    box, month, _, campaign = await a_box(shop, months=40, seasons=1, guaranteed=[], guarantee_after=None)
    (drawing, paying), holding = await shop.customers(2, wallet="900.00"), await shop.customer(wallet="900.00")
    by_wallet, by_gateway = [await desk.place(buyer, (box, 4), campaign=grown(campaign)) for buyer in (drawing, paying)]
    held = await desk.place(holding, (month, 40))
    with pytest.raises(OutOfStock) as refused:
        await desk.pay(drawing, by_wallet)
    # What was drawn is not told.
    assert (refused.value.path, await desk.wallet_of(drawing), await desk.stock_of(month)) == ((), 90000, (40, 40))
    configured_gateway(monkeypatch)
    payment = await paid_at_gateway(by_gateway)
    for _ in range(2):
        await apply(payment.id)
    assert await db.value("SELECT count(*) FROM refund WHERE payment_id = $1", payment.id) == 1
    assert ((await desk.now_of(by_gateway)).state, await desk.stock_of(month)) == (OrderState.PLACED, (40, 40))
    assert await db.value("SELECT count(*) FROM draw") == 0
    await desk.pay(holding, held)
    assert {unit.state for unit in await desk.units_of(held)} == {"issued"}
    await desk.assert_clean()


async def test_a_box_in_one_order_with_what_may_be_in_it(shop: Shop):
    box, month, _, campaign = await a_box(shop, months=80)
    buyer = await shop.customer(wallet="900.00")
    order = await desk.buy(buyer, (month, 2))
    assert await won(order) == {month.id: 2}
    with pytest.raises(CampaignRefused):
        await desk.buy(buyer, (box, 2), (month, 2), campaign=grown(campaign))
    await desk.assert_clean()


async def test_who_says_nothing_of_their_age_is_told(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    with pytest.raises(CampaignRefused) as refused:
        await desk.buy(buyer, box, campaign=campaign.id)
    assert refused.value.data["reason"] == "consent"


async def test_draws_are_capped(shop: Shop):
    box, _, _, campaign = await a_box(shop, draws_per_customer=3)
    buyer = await shop.customer(wallet="500.00")
    await desk.buy(buyer, (box, 3), campaign=grown(campaign))
    with pytest.raises(CampaignLimitReached):
        await desk.buy(buyer, box, campaign=grown(campaign))


async def test_odds_are_frozen_from_publishing_on(shop: Shop):
    box, month, season, campaign = await a_box(shop)
    draft = draft_of(campaign)
    prizes = [
        {"key": "month", "variant": month.id, "odds": "90"},
        {"key": "season", "variant": season.id, "odds": "10", "quantity": 3},
    ]
    changed = {**dict(draft.config), "prizes": prizes}
    with pytest.raises(CampaignFrozen):
        await transact(
            lambda tx: change_campaign(tx, campaign.id, a_draft(box, "blind_box", changed), expected_version=campaign.version)
        )


async def test_what_would_be_unfair_is_not_published(shop: Shop):
    with pytest.raises(CampaignInvalid) as refused:
        await a_box(shop, boxes=61)
    assert refused.value.path == ("mechanic", "blindBox", "exhausted")


async def test_the_seed_is_shown_when_all_is_over(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    await desk.buy(buyer, (box, 4), campaign=grown(campaign))
    held = await desk.place(buyer, box, campaign=grown(campaign))
    assert await retire_seeds() == 0
    with travel(timedelta(hours=2)):
        assert await retire_seeds() == 0  # somebody may still pay
        await desk.cancel(buyer, held)
        assert await retire_seeds() == 1
    [seed] = await draw_seeds(campaign.id)
    assert seed.seed is not None
    verdict = await proof(campaign)
    assert (verdict.intact, verdict.draws, verdict.open) == (True, 4, 0)


async def seeds_of_draws(order: Order) -> list[int]:
    """By which seeds an order was drawn."""
    rows = await db.rows(
        "SELECT s.number FROM draw d JOIN draw_seed s ON s.id = d.seed_id WHERE d.order_id = $1 ORDER BY d.nonce", order.id
    )
    return [row["number"] for row in rows]


async def shown_of(campaign: Campaign) -> list[bool]:
    """Of each seed, whether it is shown."""
    return [seed.seed is not None for seed in await draw_seeds(campaign.id)]


async def test_an_order_draws_by_the_seed_that_it_was_placed_under(shop: Shop):
    """Nobody reads the seed of an unpaid order and then pays only for what they like."""
    box, _, _, campaign = await a_box(shop)
    buyer, other = await shop.customer(wallet="500.00"), await shop.customer(wallet="500.00")
    held, dropped = [await desk.place(who, (box, 3), campaign=grown(campaign)) for who in (buyer, other)]
    await transact(lambda tx: rotate_draws(tx, campaign.id))
    assert await shown_of(campaign) == [False, False]
    later = await desk.buy(buyer, (box, 2), campaign=grown(campaign))
    assert await retire_seeds() == 0
    await desk.pay(buyer, held)
    assert (await seeds_of_draws(held), await seeds_of_draws(later)) == ([1] * 3, [2] * 2)
    assert await retire_seeds() == 0
    await desk.cancel(other, dropped)
    assert await retire_seeds() == 1
    assert await shown_of(campaign) == [True, False]
    await transact(lambda tx: rotate_draws(tx, campaign.id))
    assert await shown_of(campaign) == [True, True, False]  # nobody waits for the second: it is shown at once
    verdict = await proof(campaign)
    assert (verdict.intact, verdict.draws, verdict.open) == (True, 5, 0)


async def test_a_seed_waits_for_the_order_that_is_just_being_placed(shop: Shop):
    box, _, _, campaign = await a_box(shop)
    buyer = await shop.customer(wallet="500.00")
    placed, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(tx: Transaction) -> None:
        await keep_tickets(tx, new_id(), [DrawTicket(0, campaign.id, "luck")])
        placed.set()
        await may_end.wait()

    placing = asyncio.create_task(transact(slowly))
    await placed.wait()
    rotating = asyncio.create_task(transact(lambda tx: rotate_draws(tx, campaign.id)))
    await asyncio.sleep(0.2)
    assert not rotating.done()
    may_end.set()
    await asyncio.gather(placing, rotating)
    order = await desk.place(buyer, box, campaign=grown(campaign))
    await desk.pay(buyer, order)
    assert await seeds_of_draws(order) == [2]
