"""The demo's shop is made once, stocked once by the real import, and never made in a database that somebody uses."""

import asyncio
from contextlib import suppress

import pytest

from perkhub.accounts import (
    AdministratorExists,
    ContactKind,
    create_first_admin,
    parse_contact,
    sign_in_staff,
    sign_in_with_password,
)
from perkhub.channels import ChannelNotFound, channel_by_key
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.ledger import balances
from perkhub_schema.demo import shop, stocking
from perkhub_schema.demo.benefits import BENEFITS
from perkhub_schema.demo.deliveries import Delivery
from perkhub_schema.demo.shop import ADMIN, CHANNEL, SHOPPER, ensure_shop
from perkhub_schema.demo.stocking import StockingFailed, stock_shop

COUNTS = """
    SELECT (SELECT count(*) FROM product) AS products, (SELECT count(*) FROM listing) AS listings,
           (SELECT count(*) FROM party) AS parties, (SELECT count(*) FROM staff) AS staff
"""
FEW = BENEFITS[:2]
CODES = sum(form.codes for benefit in FEW for form in benefit.forms)
LOTS = sum(len(benefit.forms) for benefit in FEW)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of two benefits: each import starts a process or two."""
    for module in (shop, stocking):
        monkeypatch.setattr(module, "BENEFITS", FEW)


async def count_of(table: str) -> int:
    counted: int = await db.value(f"SELECT count(*) FROM {table}")
    return counted


async def stocked() -> list[tuple[int, int]]:
    """Stock the shop beside a worker; what was told meanwhile."""
    told: list[tuple[int, int]] = []
    work = asyncio.create_task(stock_shop(lambda done, total: told.append((done, total))))
    while not work.done():
        await drain()
        await asyncio.sleep(0.02)
    await work
    return told


async def test_the_shop_is_made_once(house: None):
    assert await ensure_shop() is True
    made = await db.row(COUNTS)
    assert made is not None
    listings = sum(len(benefit.forms) for benefit in BENEFITS) + 1
    assert dict(made.items()) == {"products": len(BENEFITS) + 1, "listings": listings, "parties": 1, "staff": 1}
    assert await ensure_shop() is False
    assert await db.row(COUNTS) == made


async def test_everybody_of_the_demo_can_sign_in(house: None, few: None):
    await ensure_shop()
    shopper = await sign_in_with_password(parse_contact(ContactKind.EMAIL, SHOPPER.email), SHOPPER.password)
    await sign_in_staff(ADMIN.email, ADMIN.password)
    assert shopper.identity.party_id is not None
    assert [str(one.balance.amount) for one in await balances(shopper.identity.party_id)] == ["1000.00"]


async def test_codes_come_in_by_the_real_import_and_once(house: None, few: None):
    await ensure_shop()
    told = await stocked()
    assert told[-1] == (LOTS, LOTS)
    assert [await count_of(table) for table in ("code", "lot", "upload")] == [CODES, LOTS, 0]
    assert await db.value("SELECT sum(available) FROM stock") == CODES
    assert await stocked() == [(0, 0)]
    assert [await count_of(table) for table in ("code", "code_import")] == [CODES, LOTS]


async def test_a_demo_that_was_killed_while_codes_came_in_goes_on(house: None, few: None):
    await ensure_shop()
    told_all = asyncio.Event()
    waiting = asyncio.create_task(stock_shop(lambda _, total: told_all.set() if total == LOTS else None))
    await told_all.wait()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    await stocked()
    assert [await count_of(table) for table in ("code", "code_import")] == [CODES, LOTS]


async def test_a_delivery_that_is_refused_is_told(house: None, few: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stocking, "make_delivery", lambda *_: Delivery("bad.csv", "密码\n1\n".encode()))
    await ensure_shop()
    with pytest.raises(StockingFailed, match=r"bad\.csv: "):
        await stocked()


async def test_somebody_elses_database_is_left_alone(house: None):
    await transact(lambda tx: create_first_admin(tx, "boss@example.com", "not the demo's password"))
    with pytest.raises(AdministratorExists):
        await ensure_shop()
    with pytest.raises(ChannelNotFound):
        await channel_by_key(CHANNEL)
    assert [await count_of(table) for table in ("staff", "product", "party")] == [1, 0, 0]
