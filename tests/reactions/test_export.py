"""The document of all that is held of a person: whole, theirs alone, and without anything that opens a door."""

import orjson
import pytest

from perkhub.accounts import CustomerGroupDraft, add_group_members, create_customer_group, set_name
from perkhub.catalog import BuyerInput, BuyerInputKind
from perkhub.kit.db import transact
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from perkhub.reactions import erase_person, export, export_person
from tests.factories import PASSWORD, Shop
from tests.orders import desk


async def test_it_tells_all_and_no_credential(shop: Shop):
    person, other = await shop.customer(wallet="100.00", password=PASSWORD), await shop.customer(wallet="7.00")
    await transact(lambda tx: set_name(tx, person.party_id, "李雷"))
    form = (
        BuyerInput("phone", BuyerInputKind.PHONE, {"en": "Phone"}, {}),
        BuyerInput("word", BuyerInputKind.TEXT, {"en": "Password"}, {}, hidden=True),
    )
    variant = await shop.variant(price="19.90", codes=2, buyer_inputs=form)
    order = await desk.buy(person, variant, said={"phone": "13800138000", "word": "hidden-word"})
    await desk.buy(other, await shop.variant(price="1.00"))
    group = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft("Gold")))
    await transact(lambda tx: add_group_members(tx, group, [person.party_id], actor="staff:x"))
    await shop.organisation(buyer=person)
    told = await export_person(person.party_id)
    text = orjson.dumps(told, default=str).decode()
    assert told["complete"]
    assert (told["profile"]["name"], told["profile"]["hasPassword"]) == ("李雷", True)
    assert [contact["value"] for contact in told["contacts"]] == [person.contact.value]
    assert [one["name"] for one in told["groups"]] == ["Gold"]
    assert [one["role"] for one in told["organisations"]] == ["buyer"]
    assert [one["number"] for one in told["orders"]] == [order.number]
    assert told["orders"][0]["lines"][0]["total"] == {"amount": "19.90", "currency": "CNY"}
    assert told["orders"][0]["lines"][0]["said"] == {"phone": "+8613800138000", "word": "••••"}
    assert len(told["benefits"]) == 1
    assert [one["amount"]["amount"] for one in told["walletMovements"]] == ["-19.90", "100.00"]
    assert len(told["sessions"]) == 1
    for code in variant.codes:
        assert code.number not in text
        assert code.pin not in text
    for secret in (person.refresh_token, person.token, PASSWORD, "argon2", other.contact.value, "hidden-word"):
        assert secret not in text


async def test_a_long_history_comes_page_by_page_and_says_where_it_was_cut(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    person = await shop.customer(wallet="100.00")
    for _ in range(4):
        await shop.wallet(person, "1.00")
    monkeypatch.setattr(export, "PAGE", 2)
    told = await export_person(person.party_id)
    assert (len(told["walletMovements"]), told["complete"]) == (5, True)
    monkeypatch.setattr(export, "MOST_PAGES", 2)
    told = await export_person(person.party_id)
    assert (len(told["walletMovements"]), told["complete"]) == (4, False)


async def test_of_who_was_erased_it_names_nobody(shop: Shop):
    person = await shop.customer()
    await transact(lambda tx: erase_person(tx, person.party_id))
    told = await export_person(person.party_id)
    assert (told["contacts"], told["sessions"], told["profile"]["name"]) == ([], [], None)
    with pytest.raises(NotFound):
        await export_person(new_id())
