"""A balance that falls is told by e-mail: to those who manage suppliers, once for each fall, out of the outbox."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest

from perkhub.accounts import Permission, deactivate_staff
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.kit.settings import settings
from perkhub.notices import low_balance, notifiers
from perkhub.plugin.notifier import ContactChannel
from perkhub.plugin.registry import registry, set_registry
from perkhub.plugin.supplier import Balance
from perkhub.suppliers import account_by_id, connect_account, note_balance, want_balance
from perkhub.suppliers.models import Provenance
from tests.factories import Shop, a_name
from tests.notices.recorders import Recorder, TextMessages, later, use

SETTINGS = {"app_key": "us", "app_secret": "f" * 32}
NOTICES = "SELECT state, attempts, failure, channel FROM notice WHERE kind = 'low_balance' ORDER BY id"
EN = "12.00 CNY is left at the supplier account {}, less than the 1,000.00 CNY that shall lie there. Pay in soon: "
EN_END = "without money its orders are refused."


@pytest.fixture(autouse=True)
def post(house: None) -> Iterator[None]:
    """What the house sends, kept."""
    before = registry()
    use(Recorder)
    set_registry(replace(before, notifiers=registry().notifiers))
    yield
    set_registry(before)
    notifiers._configured = None


async def an_account(wanted: str | None = "1000") -> UUID:
    make = partial(connect_account, name=a_name("Fulu"), plugin="fulu", settings=SETTINGS, provenance=Provenance.RESELLER)
    account = await transact(make)
    if wanted is not None:
        await transact(lambda tx: want_balance(tx, account, Decimal(wanted), expected_version=1))
    return account


async def lies_there(account: UUID, *amounts: str) -> None:
    """One answer of the supplier's after the other, each worked off."""
    for amount in amounts:
        told = Balance(Decimal(amount), "CNY")
        await transact(partial(note_balance, account=account, balance=told))
        await drain(strict=False)


async def notices() -> list[tuple[object, ...]]:
    return [tuple(row) for row in await db.rows(NOTICES)]


async def test_who_manages_suppliers_is_told_once_for_each_fall(shop: Shop):
    one, two = [await shop.staff(Permission.MANAGE_SUPPLIERS) for _ in range(2)]
    await shop.staff(Permission.MANAGE_STAFF)
    gone = await shop.staff(Permission.MANAGE_SUPPLIERS)
    await transact(lambda tx: deactivate_staff(tx, gone.identity.id, by=None))
    await shop.staff(Permission.MANAGE_CATALOG)
    await shop.staff(Permission.MANAGE_SUPPLIERS, channels=[await shop.channel()])
    account = await an_account()
    name = (await account_by_id(account)).name
    await lies_there(account, "1000.00")
    assert Recorder.sent == []
    await lies_there(account, "12.00", "11.00", "10.00")
    assert {message.destination for message in Recorder.sent} == {one.contact.value, two.contact.value}
    [message, other] = Recorder.sent
    assert (message.channel, message.subject, message.locale) == (ContactChannel.EMAIL, f"供应商余额不足:{name}", "zh-CN")
    expected = f"供应商账号“{name}”余额 12.00 CNY,低于提醒线 1,000.00 CNY。请尽快充值,余额不足时采购会被拒绝。"
    assert (message.text, other.text) == (expected, expected)
    assert await notices() == [("sent", 1, None, "email")] * 2
    await lies_there(account, "5000", "999.999999")
    assert len(Recorder.sent) == 4
    assert "余额 999.999999 CNY" in Recorder.sent[-1].text
    kept = await db.value("SELECT string_agg(n::text, '') || string_agg(o::text, '') FROM notice n, outbox o")
    assert one.contact.value not in kept


async def test_it_is_said_in_the_language_of_the_house(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    english = settings().model_copy(update={"staff_locale": "en"})
    monkeypatch.setattr(low_balance, "settings", lambda: english)
    await shop.staff(Permission.MANAGE_SUPPLIERS)
    account = await an_account()
    await lies_there(account, "12.00")
    [message] = Recorder.sent
    name = (await account_by_id(account)).name
    assert (message.subject, message.text) == (f"Low balance: {name}", EN.format(name) + EN_END)


async def test_one_who_cannot_be_reached_keeps_it_from_no_other_and_is_told_later(shop: Shop):
    for _ in range(2):
        await shop.staff(Permission.MANAGE_SUPPLIERS)
    account = await an_account()
    Recorder.faults.append(later())
    await lies_there(account, "12.00")
    assert len(Recorder.sent) == 1
    assert sorted(row[0] for row in await notices()) == ["queued", "sent"]
    with travel(timedelta(hours=1)):
        await drain()
    assert len({message.destination for message in Recorder.sent}) == len(Recorder.sent) == 2
    assert sorted(row[:2] for row in await notices()) == [("sent", 1), ("sent", 2)]


async def test_what_has_risen_before_it_was_told_is_not_told_any_more(shop: Shop):
    await shop.staff(Permission.MANAGE_SUPPLIERS)
    account = await an_account()
    Recorder.faults.append(later())
    await lies_there(account, "12.00", "5000")
    with travel(timedelta(hours=1)):
        await drain()
    assert Recorder.sent == []
    assert await notices() == [("failed", 1, "enough_again", "email")]


async def test_without_a_notifier_for_e_mail_it_waits(shop: Shop):
    set_registry(replace(registry(), notifiers={"acme_sms": TextMessages}))
    await shop.staff(Permission.MANAGE_SUPPLIERS)
    await lies_there(await an_account(), "12.00")
    assert await notices() == []
    waiting = "SELECT count(*) FROM outbox WHERE name = 'event:notices.low_balance' AND state = 'ready'"
    assert await db.value(waiting) == 1


async def test_whoever_wants_to_be_told_of_nothing_is_not(shop: Shop):
    await shop.staff(Permission.MANAGE_SUPPLIERS)
    await lies_there(await an_account(wanted=None), "0")
    assert Recorder.sent == []
