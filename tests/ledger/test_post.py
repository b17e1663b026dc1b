"""Posting: every transfer sums to zero and is booked once; a party's balance is its entries and stays above its floor."""

import asyncio

import asyncpg
import pytest

from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.money import CurrencyMismatch, Money
from perkhub.ledger import (
    AccountFrozen,
    AlreadyBooked,
    Book,
    Entry,
    InsufficientFunds,
    adjust_wallet,
    balances,
    credit,
    debit,
    freeze_wallet,
    movements,
    post,
)
from perkhub.ledger.post import post_new
from tests.concurrency.competitor import apart, interrupt
from tests.factories import Shop
from tests.orders import desk


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


async def test_a_transfer_that_does_not_sum_to_zero_is_never_booked(shop: Shop):
    entries = [Entry(Book.CLEARING, cny(-100)), Entry(Book.UNAPPLIED, cny(99))]
    two_currencies = [Entry(Book.CLEARING, cny(-100)), Entry(Book.UNAPPLIED, Money(100, "USD"))]
    async with desk.nothing_changes():
        for wrong in (entries, two_currencies):
            with pytest.raises(ValueError, match="sum to zero"):
                await transact(lambda tx, wrong=wrong: post(tx, "x", new_id(), wrong, actor="tests"))


async def test_entries_of_one_book_are_added_up_and_nothing_is_left_out(shop: Shop):
    entries = [
        Entry(Book.DEFERRED, cny(-30)),
        Entry(Book.REVENUE, cny(10)),
        Entry(Book.REVENUE, cny(20)),
        Entry(Book.COST, cny(5)),
        Entry(Book.COST, cny(-5)),
        Entry(Book.INVENTORY, cny(0)),
    ]
    await transact(lambda tx: post(tx, "x", new_id(), entries, actor="tests"))
    rows = await db.rows("SELECT book, amount FROM ledger_entry ORDER BY book")
    assert [tuple(row) for row in rows] == [("deferred", -30), ("revenue", 30)]


async def test_a_reference_is_booked_once_per_kind(shop: Shop):
    reference = new_id()
    entries = [Entry(Book.CLEARING, cny(-1)), Entry(Book.UNAPPLIED, cny(1))]

    async def book(kind: str) -> object:
        return await transact(lambda tx: post(tx, kind, reference, entries, actor="tests"))

    ended = await asyncio.gather(*(book("x") for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(one, AlreadyBooked) for one in ended) == 19
    await book("y")
    assert await desk.book("unapplied") == 2
    # Where it cannot have been booked before, a second time is a fault of the house and undoes the whole.
    with pytest.raises(asyncpg.UniqueViolationError):
        async with db.transaction() as tx:
            post_new(tx, "x", reference, entries, actor="tests")
    assert await desk.book("unapplied") == 2


async def test_a_hundred_debits_at_once_stop_at_the_floor(shop: Shop):
    buyer = await shop.customer(wallet="10.00")
    await db.value("UPDATE party_account SET floor = 100")

    async def spend(tx: Transaction) -> None:
        account = await debit(tx, buyer.party_id, cny(90))
        await post(tx, "x", new_id(), [Entry(Book.PARTY, cny(-90), account), Entry(Book.ADJUSTMENT, cny(90))], actor="tests")

    assert await desk.at_once([transact(spend) for _ in range(100)]) == {"NoneType": 10, "InsufficientFunds": 90}
    assert await desk.wallet_of(buyer) == 100
    with pytest.raises(InsufficientFunds) as refusal:
        await transact(spend)
    assert refusal.value.data == {"shortfall": "0.90", "currency": "CNY"}
    await desk.assert_clean()


async def test_the_database_itself_holds_the_floor(shop: Shop):
    buyer = await shop.customer(wallet="10.00")
    with pytest.raises(asyncpg.CheckViolationError):
        await db.value("UPDATE party_account SET balance = -1 WHERE party_id = $1", buyer.party_id)


async def test_a_wallet_is_opened_once_by_the_first_money(shop: Shop):
    buyer = await shop.customer()
    assert await balances(buyer.party_id) == []
    await asyncio.gather(*(shop.wallet(buyer, "0.01") for _ in range(30)))
    assert await desk.wallet_of(buyer) == 30
    assert await db.value("SELECT count(*) FROM party_account") == 1
    assert len(await movements(buyer.party_id, limit=100)) == 30
    await desk.assert_clean()


async def test_money_that_comes_between_refusal_and_reason(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Too little at first, enough when we look why: that is no reason to refuse, and surely not by a negative shortfall."""
    buyer = await shop.customer(wallet="1.00")

    async def spend(tx: Transaction) -> None:
        account = await debit(tx, buyer.party_id, cny(500))
        await post(tx, "x", new_id(), [Entry(Book.PARTY, cny(-500), account), Entry(Book.LOSS, cny(500))], actor="tests")

    async def pay_in() -> None:
        await apart(shop.wallet(buyer, "10.00"))

    came = interrupt(monkeypatch, Transaction, "row", pay_in)
    await transact(spend)
    assert came
    assert await desk.wallet_of(buyer) == 600
    await desk.assert_clean()


async def test_an_adjustment_happens_once_and_says_why(shop: Shop):
    buyer = await shop.customer(wallet="10.00")
    reference = new_id()

    async def adjust(minor: int, *, reason: str = "goodwill") -> None:
        await transact(
            lambda tx: adjust_wallet(tx, buyer.party_id, cny(minor), reference=reference, actor="staff:1", reason=reason)
        )

    await adjust(-250)
    async with desk.nothing_changes():
        with pytest.raises(AlreadyBooked):
            await adjust(-250)
        reference = new_id()
        with pytest.raises(InsufficientFunds):
            await adjust(-751)
        for minor, reason in ((0, "x"), (1, "x" * 301), (1, "two\nlines")):
            with pytest.raises(InvalidInput):
                await adjust(minor, reason=reason)
    assert await desk.wallet_of(buyer) == 750
    await desk.assert_clean()


async def test_freezing_stops_every_currency_and_no_income(shop: Shop):
    buyer = await shop.customer(wallet="10.00")
    await shop.wallet(buyer, "10.00", currency="USD")
    await transact(lambda tx: freeze_wallet(tx, buyer.party_id, frozen=True))
    async with desk.nothing_changes():
        for currency in ("CNY", "USD"):
            with pytest.raises(AccountFrozen):
                await transact(lambda tx, currency=currency: debit(tx, buyer.party_id, Money(1, currency)))
        with pytest.raises(NotFound):
            await transact(lambda tx: freeze_wallet(tx, new_id(), frozen=True))
    await shop.wallet(buyer, "1.00")
    assert await desk.wallet_of(buyer) == 1100


async def test_currencies_never_mix(shop: Shop):
    with pytest.raises(CurrencyMismatch):
        _ = cny(1) + Money(1, "USD")
    buyer = await shop.customer(wallet="10.00")
    await transact(lambda tx: _credit_and_book(tx, buyer.party_id, Money(5, "JPY")))
    assert {one.balance for one in await balances(buyer.party_id)} == {cny(1000), Money(5, "JPY")}
    await desk.assert_clean()


async def _credit_and_book(tx: Transaction, party: object, amount: Money) -> None:
    account = await credit(tx, party, amount)  # type: ignore[arg-type]
    await post(tx, "x", new_id(), [Entry(Book.PARTY, amount, account), Entry(Book.ADJUSTMENT, -amount)], actor="tests")
