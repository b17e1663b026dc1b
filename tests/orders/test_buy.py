"""Buying at once from the wallet: what is sold, booked and shown, and that a refusal changes nothing."""

import pytest

from perkhub.accounts import CustomerBlocked, block_customer
from perkhub.catalog import LimitReached, QuotaReached
from perkhub.entitlements import EntitlementState
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError
from perkhub.kit.money import Money
from perkhub.ledger import AccountFrozen, InsufficientFunds, freeze_wallet
from perkhub.orders import OrderState
from perkhub.pricing import PriceMoved
from perkhub.vault import OutOfStock
from tests.factories import Person, Shop, StockedVariant
from tests.orders import desk
from tests.orders.desk import Line


async def refused(error: type[DomainError], person: Person, *lines: Line, expected: Money | None = None) -> DomainError:
    async with desk.nothing_changes():
        with pytest.raises(error) as refusal:
            await desk.buy(person, *lines, expected=expected)
    return refusal.value


async def test_what_is_bought_is_paid_booked_and_delivered(shop: Shop):
    variant = await shop.variant(codes=5, price="19.90", cost="10.00", quota=9, limit=4)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 3))
    assert (order.state, order.total) == (OrderState.PAID, Money(5970, "CNY"))
    assert await desk.wallet_of(buyer) == 4030
    assert await desk.stock_of(variant) == (2, 0)
    assert await desk.taken_of(variant) == 3
    units = await desk.units_of(order)
    assert [(unit.state, unit.price.minor, unit.party_id) for unit in units] == [("issued", 1990, buyer.party_id)] * 3
    assert len({unit.code_id for unit in units}) == 3
    books = {name: await desk.book(name) for name in ("party", "deferred", "revenue", "inventory", "cost")}
    assert books == {"party": 4030, "deferred": 0, "revenue": 5970, "inventory": -2000, "cost": -3000}
    await desk.assert_clean()


async def test_codes_shown_in_the_purchase_are_the_vaults(shop: Shop):
    variant = await shop.variant(codes=2)
    buyer = await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2), shown=True)
    units = await desk.units_of(order)
    assert {unit.state for unit in units} == {EntitlementState.REVEALED}
    shown = [await desk.show(buyer, unit.id) for unit in units]
    assert sorted(map(str, shown)) == sorted(str(code.credentials) for code in variant.codes)
    assert await db.value("SELECT count(*) FROM custody WHERE action = 'revealed'") == 4  # each look, the first included
    await desk.assert_clean()


async def test_first_expiring_goes_first_and_too_short_lived_ones_stay(shop: Shop):
    variant = await shop.variant(codes=0, minimum_validity_days=30)
    from_now = await db.value("SELECT now()")
    soon = await shop.lot(variant.id, codes=1, expires_at=from_now + desk.days(29))
    late = await shop.lot(variant.id, codes=1)
    early = await shop.lot(variant.id, codes=1, expires_at=from_now + desk.days(31))
    buyer = await shop.customer(wallet="100.00")
    bought = [(await desk.units_of(await desk.buy(buyer, variant)))[0].code_id for _ in range(2)]
    assert bought == [early.codes[0].id, late.codes[0].id]
    # The counter still has the third; only its validity is too short. That is out of stock, and no reason to try again.
    refusal = await refused(OutOfStock, buyer, variant)
    assert refusal.data == {"available": 0}
    assert await db.value("SELECT state FROM code WHERE id = $1", soon.codes[0].id) == "available"
    await desk.assert_clean()


async def test_a_basket_of_several_lines(shop: Shop):
    one, other = await shop.variant(codes=3, price="1.00"), await shop.variant(codes=3, price="2.50")
    buyer = await shop.customer(wallet="10.00")
    order = await desk.buy(buyer, (one, 2), (other, 1))
    assert order.total.minor == 450
    assert [unit.price.minor for unit in await desk.units_of(order)] == [100, 100, 250]
    assert (await desk.stock_of(one), await desk.stock_of(other)) == ((1, 0), (2, 0))
    await desk.assert_clean()


async def test_one_short_line_refuses_the_whole_basket(shop: Shop):
    plenty, few = await shop.variant(codes=9), await shop.variant(codes=1)
    buyer = await shop.customer(wallet="1000.00")
    refusal = await refused(OutOfStock, buyer, (plenty, 2), (few, 2))
    assert (refusal.path, refusal.data) == ((str(few.id),), {"available": 1})
    await desk.assert_clean()


async def test_too_little_money(shop: Shop):
    variant = await shop.variant(price="19.90")
    refusal = await refused(InsufficientFunds, await shop.customer(wallet="19.89"), variant)
    assert refusal.data == {"shortfall": "0.01", "currency": "CNY"}
    refusal = await refused(InsufficientFunds, await shop.customer(), variant)
    assert refusal.data == {"shortfall": "19.90", "currency": "CNY"}
    rich_abroad = await shop.customer()
    await shop.wallet(rich_abroad, "999.00", currency="USD")
    await refused(InsufficientFunds, rich_abroad, variant)
    await desk.assert_clean()


async def test_a_wallet_pays_down_to_its_last_cent(shop: Shop):
    variant = await shop.variant(price="19.90")
    buyer = await shop.customer(wallet="19.90")
    await desk.buy(buyer, variant)
    assert await desk.wallet_of(buyer) == 0
    await refused(InsufficientFunds, buyer, variant)
    await desk.assert_clean()


async def test_a_frozen_wallet(shop: Shop):
    variant = await shop.variant()
    buyer = await shop.customer(wallet="100.00")
    await transact(lambda tx: freeze_wallet(tx, buyer.party_id, frozen=True))
    await refused(AccountFrozen, buyer, variant)
    await transact(lambda tx: freeze_wallet(tx, buyer.party_id, frozen=False))
    assert (await desk.buy(buyer, variant)).state is OrderState.PAID
    await desk.assert_clean()


async def test_a_blocked_customer_gets_nothing_for_nothing(shop: Shop):
    """The edge freezes the wallet of whom it blocks; what is free needs no wallet."""
    free = await shop.variant(price="0.00")
    buyer = await shop.customer()
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    await refused(CustomerBlocked, buyer, free)
    await desk.assert_clean()


async def test_a_wallet_that_is_opened_for_a_blocked_customer_is_frozen(shop: Shop):
    variant = await shop.variant()
    buyer = await shop.customer()
    await transact(lambda tx: block_customer(tx, buyer.party_id))
    await shop.wallet(buyer, "100.00")
    await refused(AccountFrozen, buyer, variant)
    await desk.assert_clean()


async def test_what_is_free_is_delivered_without_a_payment(shop: Shop):
    free = await shop.variant(codes=2, price="0.00", limit=1)
    buyer = await shop.customer()
    order = await desk.buy(buyer, free)
    assert (order.state, order.total.minor, order.payment_id) == (OrderState.PAID, 0, None)
    assert await db.value("SELECT count(*) FROM payment") == 0
    await refused(LimitReached, buyer, free)
    await desk.assert_clean()


async def test_the_price_is_the_one_the_buyer_saw(shop: Shop):
    variant = await shop.variant(price="19.90")
    buyer = await shop.customer(wallet="100.00")
    await db.value("UPDATE listing SET unit_price = 29.90 WHERE id = $1", variant.listing_id)
    refusal = await refused(PriceMoved, buyer, variant, expected=Money(1990, "CNY"))
    assert refusal.data == {"total": "29.90", "currency": "CNY"}
    await refused(PriceMoved, buyer, variant, expected=Money(2990, "USD"))
    assert (await desk.buy(buyer, variant, expected=Money(2990, "CNY"))).total.minor == 2990
    await desk.assert_clean()


async def test_another_currency_has_its_own_places_and_wallet(shop: Shop):
    yen = await shop.variant(price="250", cost="100", channel=await shop.channel("japan", currency="JPY"))
    buyer = await shop.customer(wallet="1000.00")
    await refused(InsufficientFunds, buyer, yen)
    await shop.wallet(buyer, "1000", currency="JPY")
    order = await desk.buy(buyer, (yen, 3))
    assert order.total == Money(750, "JPY")
    assert (await desk.wallet_of(buyer, "JPY"), await desk.wallet_of(buyer)) == (250, 100000)
    await desk.assert_clean()


async def test_the_quota_counts_what_is_sold_and_held(shop: Shop):
    variant = await shop.variant(codes=9, quota=3)
    buyer, other = await shop.customers(2, wallet="1000.00")
    held = await desk.place(other, (variant, 2))
    await refused(QuotaReached, buyer, (variant, 2))
    await desk.buy(buyer, variant)
    await refused(QuotaReached, buyer, variant)
    await desk.cancel(other, held)
    await desk.buy(buyer, (variant, 2))
    await refused(QuotaReached, other, variant)
    await desk.assert_clean()


async def test_the_limit_counts_all_orders_of_a_customer_pending_ones_included(shop: Shop):
    variant = await shop.variant(codes=20, limit=3)
    buyer, other = await shop.customers(2, wallet="1000.00")
    refusal = await refused(LimitReached, buyer, (variant, 4))
    assert refusal.data == {"limit": 3, "remaining": 3}
    bought = await desk.buy(buyer, variant)
    held = await desk.place(buyer, variant)
    refusal = await refused(LimitReached, buyer, (variant, 2))
    assert refusal.data == {"limit": 3, "remaining": 1}
    await desk.buy(buyer, variant)
    assert (await refused(LimitReached, buyer, variant)).data == {"limit": 3, "remaining": 0}
    await desk.buy(other, (variant, 3))
    await desk.cancel(buyer, held)
    await desk.refund(buyer, bought)
    await desk.buy(buyer, (variant, 2))
    await refused(LimitReached, buyer, variant)
    await desk.assert_clean()


@pytest.mark.parametrize("limit", [None, 5])
async def test_a_limit_counts_what_was_bought_before_it_came(shop: Shop, limit: int | None):
    variant = await shop.variant(codes=9, limit=limit)
    buyer = await shop.customer(wallet="1000.00")
    await desk.buy(buyer, (variant, 3))
    await db.value("UPDATE listing SET limit_per_customer = 4 WHERE id = $1", variant.listing_id)
    await refused(LimitReached, buyer, (variant, 2))
    await desk.buy(buyer, variant)
    await desk.assert_clean()


async def test_promised_stock_is_not_for_sale(shop: Shop):
    variant = await shop.variant(codes=2)
    buyer, holder = await shop.customers(2, wallet="1000.00")
    await desk.place(holder, variant)
    refusal = await refused(OutOfStock, buyer, (variant, 2))
    assert refusal.data == {"available": 1}
    await desk.buy(buyer, variant)
    await refused(OutOfStock, buyer, variant)
    assert await desk.stock_of(variant) == (1, 1)
    await desk.assert_clean()


async def statements(person: Person, *lines: StockedVariant) -> list[str]:
    counted: list[str] = []
    token = db.statements.set(counted)
    try:
        await desk.buy(person, *lines, shown=True)
    finally:
        db.statements.reset(token)
    control = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    return [sql for sql in counted if not sql.lstrip().upper().startswith(control)]


@pytest.mark.parametrize("lines", [1, 5])
async def test_a_purchase_costs_at_most_twelve_statements(shop: Shop, lines: int):
    variants = [await shop.variant(quota=9, limit=9) for _ in range(lines)]
    buyer = await shop.customer(wallet="1000.00")
    sent = await statements(buyer, *variants)
    assert 3 < len(sent) <= 12, sent
