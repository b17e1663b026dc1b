"""Erasing a person across the house: searched for afterwards in every row of every table, in every spelling."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.accounts import (
    CodePurpose,
    CustomerGroupDraft,
    Permission,
    Role,
    add_contact,
    add_group_members,
    contacts_of,
    create_customer_group,
    customer_group_members,
    find_customer,
    groups_of,
    invite_member,
    memberships_of,
    open_for_delivery,
    request_code,
    set_name,
    sign_in_with_password,
    unmask_customer,
)
from perkhub.accounts.errors import CustomerBlocked, SignInFailed
from perkhub.accounts.personal import index_of
from perkhub.catalog import BuyerInput, BuyerInputKind
from perkhub.entitlements import inputs_of_party
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.kit.money import Money
from perkhub.ledger import WalletNotEmpty, adjust_wallet, balances, pay_out_wallet
from perkhub.orders import OrderState, order_by_id, refund_units
from perkhub.reactions import erase_person
from tests.factories import PASSWORD, Person, Shop, a_phone, an_email
from tests.faults.planted.needles import Found, needles_for, search
from tests.orders import desk

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
NAME = "欧阳娜娜 Plantagenet"


async def dumped() -> list[tuple[str, bytes]]:
    """Every row of every table as its text; what is binary as hex."""
    found = []
    for row in await db.rows(TABLES):
        rows = await db.rows(f'SELECT t::text AS told FROM "{row["relname"]}" t')
        found.append((row["relname"], "\n".join(one["told"] for one in rows).encode()))
    return found


async def traces(secrets: dict[str, str | bytes]) -> list[Found]:
    needles = needles_for(secrets)
    return [one for place, content in await dumped() for one in search(place, content, needles)]


async def a_code(contact: Any, purpose: CodePurpose) -> str:
    await request_code(contact, purpose)
    newest = await db.value("SELECT id FROM one_time_code ORDER BY created_at DESC, id DESC LIMIT 1")
    opened = await open_for_delivery(newest)
    assert opened is not None
    return opened.code


async def pay_out(person: Person, amount: str) -> None:
    money, evidence = Money.of(Decimal(amount), "CNY"), "ICBC-2026/0001"
    await transact(
        lambda tx: pay_out_wallet(tx, person.party_id, money, evidence=evidence, reference=new_id(), actor="staff:x")
    )


async def someone_busy(shop: Shop) -> tuple[Person, dict[str, str | bytes]]:
    """A customer who has left a trace wherever one can; and what they would be recognised by."""
    email, phone = an_email("Busy.Bee"), a_phone()
    person = await shop.customer(wallet="100.00", password=PASSWORD, contact=email)
    await add_contact(person.party_id, phone, await a_code(phone, CodePurpose.VERIFY))
    await transact(lambda tx: set_name(tx, person.party_id, NAME))
    variant, other = await shop.variant(), await shop.variant()
    order = await desk.buy(person, variant)
    await desk.place(person, other)
    asking = await shop.variant(buyer_inputs=(BuyerInput("phone", BuyerInputKind.PHONE, {"en": "Phone"}, {}),))
    await desk.buy(person, asking, said={"phone": phone.value})
    words = f"send it to {email.value} or {phone.value}"
    way = {"party": person.party_id, "units": None, "reason": words, "actor": person.identity.actor}
    await transact(lambda tx: refund_units(tx, order.id, **way))
    money = Money(500, "CNY")
    await transact(lambda tx: adjust_wallet(tx, person.party_id, money, reference=new_id(), actor="staff:x", reason=words))
    group = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft("Gold")))
    await transact(lambda tx: add_group_members(tx, group, [email], actor="staff:x"))
    await shop.organisation(buyer=person)
    house = await shop.organisation()
    await transact(lambda tx: invite_member(tx, house, phone, Role.VIEWER, by=None, actor="staff:x"))
    reader = await shop.staff(Permission.UNMASK_PERSONAL_DATA)
    await transact(lambda tx: unmask_customer(tx, reader.identity, person.party_id, reason=words))
    await request_code(email, CodePurpose.RESET)
    secrets: dict[str, str | bytes] = {
        "email": email.value,
        "phone": phone.value,
        "phone, as typed": phone.value.removeprefix("+86"),
        "name": NAME,
        "blind index of the email": index_of(email),
        "blind index of the phone": index_of(phone),
    }
    return person, secrets


async def test_nothing_that_names_them_is_left_anywhere(shop: Shop):
    person, secrets = await someone_busy(shop)
    # That the search can find: while they are known, their indexes stand in the tables, and their words in a refund.
    assert {one.secret for one in await traces(secrets)} >= {"blind index of the email", "blind index of the phone", "email"}
    await pay_out(person, "85.10")
    await transact(lambda tx: erase_person(tx, person.party_id))
    await drain()
    assert await traces(secrets) == []
    assert (await contacts_of([person.party_id]))[person.party_id] == []
    assert (await memberships_of([person.party_id]))[person.party_id] == []
    assert (await groups_of([person.party_id]))[person.party_id] == frozenset()
    assert await inputs_of_party(person.party_id) == []
    states = {row["state"] for row in await db.rows("SELECT state FROM orders WHERE party_id = $1", person.party_id)}
    assert states == {OrderState.PAID, OrderState.REFUNDED, OrderState.CANCELLED}
    assert await db.value("SELECT count(*) FROM hold") == 0
    assert [one.balance.minor for one in await balances(person.party_id)] == [0]
    assert await db.value("SELECT evidence FROM wallet_payout WHERE party_id = $1", person.party_id) == "ICBC-2026/0001"
    assert await desk.breaches() == set()


async def test_money_that_is_left_wants_a_decision_first(shop: Shop):
    person = await shop.customer(wallet="5.00")
    with pytest.raises(WalletNotEmpty) as refused:
        await transact(lambda tx: erase_person(tx, person.party_id))
    assert "5.00 CNY" in str(refused.value)
    assert await find_customer(person.contact) == person.party_id
    assert not (await balances(person.party_id))[0].frozen
    await pay_out(person, "5.00")
    await transact(lambda tx: erase_person(tx, person.party_id))
    assert await find_customer(person.contact) is None
    assert await desk.breaches() == set()


async def test_money_that_came_in_later_is_told_of_and_can_still_be_paid_out(shop: Shop):
    person, variant = await shop.customer(wallet="19.90"), await shop.variant()
    order = await desk.buy(person, variant)
    await transact(lambda tx: erase_person(tx, person.party_id))
    await drain()
    assert "wallets.nameless" not in await desk.warnings()
    await desk.refund_as_staff(order)
    assert (await balances(person.party_id))[0].frozen
    assert "wallets.nameless" in await desk.warnings()
    await pay_out(person, "19.90")
    assert await desk.wallet_of(person) == 0
    await desk.assert_clean()


async def test_of_a_credit_and_an_erasure_at_once_no_money_goes_unseen(shop: Shop):
    for _ in range(5):
        person = await shop.customer(wallet="0.01")
        await pay_out(person, "0.01")
        told = await asyncio.gather(
            transact(lambda tx, person=person: erase_person(tx, person.party_id)),
            shop.wallet(person, "3.00"),
            return_exceptions=True,
        )
        erased = await db.value("SELECT erased_at IS NOT NULL FROM party WHERE id = $1", person.party_id)
        assert erased is not isinstance(told[0], WalletNotEmpty)
        assert await desk.wallet_of(person) == 300
        assert ("wallets.nameless" in await desk.warnings()) is erased
        await pay_out(person, "3.00")


async def test_twice_and_at_once_it_is_done_once(shop: Shop):
    person = await shop.customer()

    async def erase() -> None:
        await transact(lambda tx: erase_person(tx, person.party_id))

    await asyncio.gather(*(erase() for _ in range(5)))
    at = await db.value("SELECT erased_at FROM party WHERE id = $1", person.party_id)
    with travel(timedelta(days=1)):
        await erase()
        await drain()
    assert await db.value("SELECT erased_at FROM party WHERE id = $1", person.party_id) == at
    with pytest.raises(NotFound):
        await transact(lambda tx: erase_person(tx, new_id()))


async def test_they_neither_sign_in_nor_buy_and_their_address_is_free(shop: Shop):
    person, variant = await shop.customer(wallet="100.00", password=PASSWORD), await shop.variant()
    order = await desk.place(person, variant)
    await pay_out(person, "100.00")
    await transact(lambda tx: erase_person(tx, person.party_id))
    with pytest.raises(SignInFailed):
        await sign_in_with_password(person.contact, PASSWORD)
    # An access token that is still out buys nothing, before the jobs have run and after.
    with pytest.raises(CustomerBlocked):
        await desk.place(person, variant)
    with pytest.raises(CustomerBlocked):
        await desk.pay(person, order)
    await drain()
    assert (await order_by_id(order.id)).state is OrderState.CANCELLED
    again = await shop.customer(contact=person.contact, password=PASSWORD)
    assert again.party_id != person.party_id
    assert (await sign_in_with_password(person.contact, PASSWORD)).subject_id == again.party_id


async def test_whoever_adds_to_them_at_that_moment_adds_nothing_that_stays(shop: Shop):
    for _ in range(5):
        person, phone = await shop.customer(), a_phone()
        code = await a_code(phone, CodePurpose.VERIFY)

        async def name(person: Person = person) -> None:
            await transact(lambda tx: set_name(tx, person.party_id, NAME))

        await asyncio.gather(
            transact(lambda tx, person=person: erase_person(tx, person.party_id)),
            add_contact(person.party_id, phone, code),
            name(),
            return_exceptions=True,
        )
        assert (await contacts_of([person.party_id]))[person.party_id] == []
        assert await db.value("SELECT sealed_name FROM customer WHERE party_id = $1", person.party_id) is None


@pytest.mark.parametrize("guarded", [True, False])
async def test_whoever_is_erased_is_in_no_group_that_they_were_put_into_at_that_moment(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, guarded: bool
):
    """Somebody has looked whether they exist, and the erasure is done before they go on. Without the lock it stays."""
    existing = customer_group_members.EXISTING if guarded else customer_group_members.EXISTING.replace("FOR SHARE", "")
    slow = f"SELECT found.*, pg_sleep(0.5) FROM ({existing}) found"
    monkeypatch.setattr(customer_group_members, "EXISTING", slow)
    person = await shop.customer()
    group = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft("Gold")))

    async def erase() -> None:
        await asyncio.sleep(0.2)
        await transact(lambda tx: erase_person(tx, person.party_id))

    await asyncio.gather(erase(), transact(lambda tx: add_group_members(tx, group, [person.party_id], actor="staff:x")))
    assert await db.value("SELECT erased_at IS NOT NULL FROM party WHERE id = $1", person.party_id)
    left: int = await db.value("SELECT count(*) FROM customer_group_member WHERE party_id = $1", person.party_id)
    assert left == (0 if guarded else 1)
