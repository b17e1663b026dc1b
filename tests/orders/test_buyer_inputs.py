"""What buyers say with an order: checked before anything moves, kept sealed, told to whoever delivers and to nobody else."""

from decimal import Decimal

import pytest

from perkhub.accounts import ContactKind, index_of, parse_contact
from perkhub.catalog import BuyerInput, BuyerInputInvalid, BuyerInputKind, FaceRange, FaceValueInvalid
from perkhub.entitlements import (
    EntitlementState,
    inputs_of_party,
    inputs_to_deliver,
    masked_inputs,
    sources_for_contact,
)
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.money import Money
from perkhub.kit.sealing import Unsealable
from perkhub.orders import lines_of
from tests.factories import Shop, StockedVariant
from tests.orders import desk

PHONE = "13800138000"
WORD = "correct-horse"
FORM = (
    BuyerInput("phone", BuyerInputKind.PHONE, {"en": "Phone"}, {}),
    BuyerInput("mail", BuyerInputKind.EMAIL, {"en": "E-mail"}, {}, required=False),
    BuyerInput("word", BuyerInputKind.TEXT, {"en": "Password"}, {}, required=False, hidden=True),
)
SAID = {"phone": PHONE, "mail": "zoe@example.com", "word": WORD}
TENS = FaceRange(Decimal(10), Decimal(500), Decimal(10))
RANGED = {"face_range": TENS, "face_currency": "CNY"}
PENDING = "UPDATE entitlement SET state = 'pending', code_id = NULL WHERE source_id = $1"


async def asking(shop: Shop, **more: object) -> StockedVariant:
    return await shop.variant(buyer_inputs=FORM, **more)


async def all_rows() -> str:
    """Every row of every table, as text: what is binary as hex."""
    tables = await db.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    found = [await db.rows(f'SELECT t::text AS told FROM "{table["relname"]}" t') for table in tables]
    return "\n".join(row["told"] for rows in found for row in rows)


@pytest.mark.parametrize("way", [desk.buy, desk.place])
async def test_what_was_said_stands_sealed_with_the_order(shop: Shop, way: type):
    variant, buyer = await asking(shop, codes=2), await shop.customer(wallet="100.00")
    order = await way(buyer, (variant, 2), said=SAID)
    [line] = await lines_of([order])
    assert [(one.key, one.masked, one.target) for one in (await masked_inputs([line.id]))[line.id]] == [
        ("phone", "+86138••••8000", True),
        ("mail", "z••••@example.com", False),
        ("word", "••••", False),
    ]
    told = await all_rows()
    for plain in (PHONE, "zoe@example.com", WORD):
        assert plain not in told
        assert plain.encode().hex() not in told
    contact = parse_contact(ContactKind.PHONE, PHONE)
    assert await sources_for_contact(contact) == [line.id]
    assert index_of(contact).hex() in told
    assert await sources_for_contact(parse_contact(ContactKind.PHONE, "13900139000")) == []
    await desk.assert_clean()


async def test_it_is_opened_for_units_that_are_still_to_be_delivered_alone(shop: Shop):
    variant, buyer = await asking(shop, codes=2), await shop.customer(wallet="100.00")
    order = await desk.buy(buyer, (variant, 2), said=SAID)
    units = [unit.id for unit in await desk.units_of(order)]
    assert await inputs_to_deliver(units) == {}
    [line] = await lines_of([order])
    await transact(lambda tx: tx.execute(PENDING, line.id))
    in_clear = {"phone": f"+86{PHONE}", "mail": "zoe@example.com", "word": WORD}
    assert await inputs_to_deliver(units) == in_clear
    assert await inputs_to_deliver(units[:1]) == in_clear


async def test_what_was_said_for_one_thing_does_not_open_for_another(shop: Shop):
    variant, buyer = await asking(shop, codes=2), await shop.customer(wallet="100.00")
    one, other = [await desk.buy(buyer, variant, said={"phone": phone}) for phone in (PHONE, "13900139000")]
    [first], [second] = await lines_of([one]), await lines_of([other])
    await transact(lambda tx: tx.execute(PENDING, first.id))
    moved = "UPDATE buyer_input SET sealed = (SELECT sealed FROM buyer_input WHERE source_id = $2) WHERE source_id = $1"
    await transact(lambda tx: tx.execute(moved, first.id, second.id))
    with pytest.raises(Unsealable):
        await inputs_to_deliver([unit.id for unit in await desk.units_of(one)])


async def test_the_party_itself_gets_all_back_but_what_is_hidden(shop: Shop):
    variant, buyer, other = await asking(shop), await shop.customer(wallet="100.00"), await shop.customer()
    await desk.buy(buyer, variant, said=SAID)
    said = {one.key: one.value for one in await inputs_of_party(buyer.party_id)}
    assert said == {"phone": f"+86{PHONE}", "mail": "zoe@example.com", "word": "••••"}
    assert await inputs_of_party(other.party_id) == []


@pytest.mark.parametrize(
    ("said", "key", "path"),
    [
        ({}, "phone", "lines.0.buyerInputs"),
        ({"mail": "zoe@example.com"}, "phone", "lines.0.buyerInputs"),
        ({"phone": "12345"}, "phone", "lines.0.buyerInputs.0.value"),
        ({"phone": PHONE, "mail": "zoe"}, "mail", "lines.0.buyerInputs.1.value"),
        ({"phone": PHONE, "account": "zoe"}, "account", "lines.0.buyerInputs.1.key"),
    ],
)
@pytest.mark.parametrize("way", [desk.buy, desk.place])
async def test_what_is_odd_is_refused_and_no_money_moves(shop: Shop, way: type, said: dict[str, str], key: str, path: str):
    variant, buyer = await asking(shop), await shop.customer(wallet="100.00")
    async with desk.nothing_changes():
        with pytest.raises(BuyerInputInvalid) as refused:
            await way(buyer, variant, said=said)
    assert (refused.value.data["key"], ".".join(refused.value.path)) == (key, path)


async def test_what_costs_nothing_without_inputs_costs_nothing_with_them(shop: Shop):
    """The rows are part of the statement that writes the order."""
    plain, variant, buyer = await shop.variant(), await asking(shop), await shop.customer(wallet="500.00")
    counts = []
    for _ in range(2):
        for bought, said in ((plain, None), (variant, SAID)):
            counted: list[str] = []
            token = db.statements.set(counted)
            await desk.buy(buyer, bought, said=said)
            db.statements.reset(token)
            counts.append(len(counted))
    assert len(set(counts[2:])) == 1


async def test_the_chosen_face_value_stands_on_lines_and_units(shop: Shop):
    variant, buyer = await shop.variant(price="9.85", form=RANGED, codes=3), await shop.customer(wallet="200.00")
    bought = await desk.buy(buyer, (variant, 2), face_value="50")
    placed = await desk.place(buyer, variant, face_value="100")
    paid = await desk.pay(buyer, placed)
    for order, face, total in ((bought, Decimal(50), 9850), (paid, Decimal(100), 9850)):
        [line] = await lines_of([order])
        assert (line.face_value, line.face_currency, line.total) == (face, "CNY", Money(total, "CNY"))
        units = await desk.units_of(order)
        assert {(unit.face_value, unit.face_currency) for unit in units} == {(face, "CNY")}
        assert {unit.state for unit in units} == {EntitlementState.ISSUED}
    await desk.assert_clean()


async def test_a_value_that_nobody_offers_is_refused_and_no_money_moves(shop: Shop):
    variant, buyer = await shop.variant(price="9.85", form=RANGED), await shop.customer(wallet="200.00")
    async with desk.nothing_changes():
        for face_value in (None, "15", "1000"):
            with pytest.raises(FaceValueInvalid):
                await desk.buy(buyer, variant, face_value=face_value)
