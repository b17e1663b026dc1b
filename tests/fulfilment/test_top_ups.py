"""Top-ups just in time: what the buyer said reaches the supplier and nobody else, once, and what is done stays done."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.catalog import BenefitKind, BuyerInput, BuyerInputInvalid, BuyerInputKind
from perkhub.entitlements import EntitlementAlreadySeen, EntitlementState, forget_inputs
from perkhub.fulfilment import Decision
from perkhub.kit import db
from perkhub.kit.clock import shift
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.orders import Bought, refund_units
from perkhub.plugin.supplier import (
    Accepted,
    Cost,
    Delivered,
    Echo,
    Idempotency,
    Partial,
    Rejected,
    Reversed,
    Supplies,
    Unknown,
)
from perkhub.pricing import BasketInvalid
from perkhub.suppliers import SentInput, SupplierOrderState
from perkhub.suppliers.errors import OfferNotMappable
from tests.factories import Person, Shop, StockedVariant
from tests.fulfilment.scripted import Script, Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches
from tests.orders.desk import wallet_of
from tests.plugins.suppliers.vendors import Vendor

S, E = SupplierOrderState, EntitlementState
PHONE, ACCOUNT = "13800138000", "qq-10086-zhang"
ASKED = (BuyerInput("phone", BuyerInputKind.PHONE, {"en": "Phone", "zh": "手机"}, {}),)
SENT = (SentInput("charge_phone", "phone", target=True, national=True),)
BOTH = frozenset(Supplies)


@pytest.fixture
def script() -> Iterator[Script]:
    with ExitStack() as stack:
        stack.enter_context(offered(scripted(supplies=BOTH, timeout=timedelta(seconds=1))))
        yield Scripted.scripts["topping"]


async def variant_of(sourcing: Sourcing, *, asked: tuple[BuyerInput, ...] = ASKED) -> StockedVariant:
    return await sourcing.shop.variant(codes=0, price="30.00", kind=BenefitKind.TOP_UP, buyer_inputs=asked)


async def topped(sourcing: Sourcing, *, key: str = "scripted", sku: str = "sku") -> StockedVariant:
    """A variant that a scripted supplier tops up."""
    variant = await variant_of(sourcing)
    account = await sourcing.account(key, {"script": "topping"})
    await sourcing.offer(account, variant.id, sku, cost="20.00", supplies=Supplies.TOP_UPS, inputs=SENT)
    return variant


async def sold(sourcing: Sourcing, quantity: int = 1) -> tuple[Bought, Person]:
    variant, buyer = await topped(sourcing), await sourcing.shop.customer(wallet="100.00")
    return await sourcing.buy(buyer, (variant, quantity), said={"phone": PHONE}), buyer


async def of_units(sourcing: Sourcing, bought: Bought) -> list[EntitlementState]:
    return [unit.state for unit in await sourcing.now_of(bought)]


async def all_texts() -> str:
    """Every row of every table, as text."""
    tables = await db.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    found = [await db.rows(f'SELECT t::text AS told FROM "{table["relname"]}" t') for table in tables]
    return "\n".join(row["told"] for rows in found for row in rows)


async def test_an_account_is_topped_up_at_fulu(sourcing: Sourcing, fulu: Vendor, shop: Shop):
    asked = (BuyerInput("account", BuyerInputKind.ACCOUNT, {"en": "QQ"}, {}),)
    variant, buyer = await variant_of(sourcing, asked=asked), await shop.customer(wallet="100.00")
    offer = (await sourcing.synced(await sourcing.account("fulu", fulu.settings)))["direct:10000585"]
    assert [(one.key, one.required, one.target) for one in offer.form] == [("charge_account", True, True)]
    await sourcing.mapped(offer, variant.id, inputs=(SentInput("charge_account", "account"),))
    bought = await sourcing.buy(buyer, (variant, 2), said={"account": ACCOUNT})
    assert [unit.state for unit in await sourcing.settle(bought)] == [E.DELIVERED] * 2
    [attempt] = await attempts()
    [booked] = [one for one in fulu.books()["orders"] if one["customer_order_no"] == attempt.reference]
    assert (booked["charge_account"], booked["buy_num"], booked["state"]) == (ACCOUNT, 2, "success")
    assert (attempt.received, attempt.cost, attempt.lot_id) == (2, 4500, None)
    assert attempt.receipt
    booked = await books()
    assert [booked[book, "CNY"] for book in ("party", "revenue", "prepaid", "cost")] == [4000, 6000, 4500, -4500]
    assert not {("inventory", "CNY"), ("deferred", "CNY"), ("loss", "CNY")} & booked.keys()
    assert ACCOUNT not in await all_texts()
    assert await breaches() == {}


async def test_what_the_buyer_said_is_sent_in_the_suppliers_form_and_kept_nowhere(sourcing: Sourcing, script: Script):
    script.places.append(Unknown("timeout"))
    script.looks.append(Delivered(Echo(target=PHONE, quantity=1, cost=Cost(Decimal("19.50"), "CNY")), "T1", receipt="OP-77"))
    bought, _ = await sold(sourcing)
    await sourcing.settle(bought, seconds=3)
    [request] = script.placed
    assert dict(request.inputs) == {"charge_phone": PHONE}
    assert PHONE not in repr(request)
    told = await all_texts()
    assert PHONE not in told
    [attempt] = await attempts()
    assert (attempt.state, attempt.receipt, attempt.cost) == (S.DELIVERED, "OP-77", 1950)
    assert await breaches() == {}


async def test_an_answer_about_another_account_is_not_believed(sourcing: Sourcing, script: Script):
    script.places.append(Delivered(Echo(target="13900139000"), "T1"))
    bought, _ = await sold(sourcing)
    await drain()
    [attempt] = await attempts()
    assert (attempt.state, attempt.cause) == (S.UNKNOWN, "mismatch_target")
    assert attempt.review_since is not None
    assert await of_units(sourcing, bought) == [E.PENDING]
    script.looks.append(Delivered(Echo(target=PHONE), "T1"))
    await sourcing.settle(bought, seconds=3)
    assert await of_units(sourcing, bought) == [E.DELIVERED]
    assert len(script.placed) == 1


@pytest.mark.parametrize("came", [Delivered(Echo(), codes=codes(1)), Partial(Echo(), 1), Delivered(Echo(quantity=2))])
async def test_what_is_no_top_up_is_unknown(sourcing: Sourcing, script: Script, came: Any):
    script.places.append(came)
    bought, _ = await sold(sourcing)
    await drain()
    assert [one.state for one in await attempts()] == [S.UNKNOWN]
    assert await of_units(sourcing, bought) == [E.PENDING]


async def test_some_of_several_are_done_and_the_rest_is_ordered(sourcing: Sourcing, script: Script):
    script.places += [Partial(Echo(target=PHONE), 2, "T1"), Delivered(Echo(target=PHONE), "T2")]
    bought, _ = await sold(sourcing, 3)
    await sourcing.settle(bought, seconds=3)
    assert await of_units(sourcing, bought) == [E.DELIVERED] * 3
    first, second = await attempts()
    assert [(one.quantity, one.received) for one in (first, second)] == [(3, 2), (1, 1)]
    assert second.parent_id == first.id
    assert [dict(one.inputs) for one in script.placed] == [{"charge_phone": PHONE}] * 2
    assert await breaches() == {}


async def test_a_late_top_up_after_a_refund_at_our_risk_is_a_loss(sourcing: Sourcing, script: Script):
    script.places.append(Unknown("timeout"))
    bought, buyer = await sold(sourcing)
    await drain()
    [attempt] = await attempts()
    await sourcing.settled(attempt.id, Decision.AT_OUR_RISK)
    script.looks.append(Delivered(Echo(cost=Cost(Decimal("20"), "CNY")), "T1"))
    await drain()
    [attempt] = await attempts()
    assert (attempt.state, attempt.received, attempt.lot_id) == (S.LATE, 1, None)
    assert await of_units(sourcing, bought) == [E.FAILED]
    assert await wallet_of(buyer) == 10000
    booked = await books()
    assert (booked["loss", "CNY"], booked["prepaid", "CNY"]) == (-2000, 2000)
    assert ("exposure", "CNY") not in booked
    assert len(script.placed) == 1
    assert await breaches() == {}


async def test_a_replay_says_the_same_and_stops_when_that_was_forgotten(sourcing: Sourcing, shop: Shop):
    replaying = scripted("replaying", supplies=BOTH, idempotency=Idempotency.REPLAY, replay_window=timedelta(hours=1))
    with offered(replaying):
        script = Scripted.scripts["topping"]
        variant, buyer = await topped(sourcing, key="replaying"), await shop.customer(wallet="100.00")
        script.places += [Unknown("timeout"), Unknown("timeout")]
        script.looks += [Unknown("timeout")] * 2
        bought = await sourcing.buy(buyer, (variant, 1), said={"phone": PHONE})
        await drain()
        shift(timedelta(seconds=2))
        await drain()
        assert [dict(one.inputs) for one in script.placed] == [{"charge_phone": PHONE}] * 2
        assert len({one.reference for one in script.placed}) == 1
        await forget_inputs(buyer.party_id)
        shift(timedelta(seconds=5))
        await drain()
        assert len(script.placed) == 2
        assert await of_units(sourcing, bought) == [E.PENDING]


async def test_what_was_forgotten_before_it_was_ordered_is_refunded(sourcing: Sourcing, script: Script):
    bought, buyer = await sold(sourcing)
    await forget_inputs(buyer.party_id)
    await drain()
    assert await of_units(sourcing, bought) == [E.FAILED]
    assert (script.placed, await wallet_of(buyer)) == ([], 10000)


async def test_a_top_up_taken_back_waits_for_a_person(sourcing: Sourcing, script: Script):
    script.places.append(Delivered(Echo(target=PHONE), "T1"))
    bought, buyer = await sold(sourcing)
    await drain()
    [attempt] = await attempts()
    script.looks.append(Reversed("refunded", returned=Cost(Decimal("20"), "CNY")))
    await sourcing.hint(attempt.id)
    await drain()
    [attempt] = await attempts()
    assert (attempt.state, attempt.review_since is not None) == (S.REVERSED, True)
    assert await of_units(sourcing, bought) == [E.FROZEN]
    assert ("prepaid", "CNY") not in await books()
    await sourcing.refund(bought)
    assert await wallet_of(buyer) == 10000
    assert await breaches() == {}


async def test_a_done_top_up_goes_back_on_an_operators_word_alone(sourcing: Sourcing, script: Script):
    script.places.append(Delivered(Echo(target=PHONE), "T1"))
    bought, buyer = await sold(sourcing)
    await drain()
    given = {"units": [unit.id for unit in bought.units], "reason": "", "actor": "tests"}
    with pytest.raises(EntitlementAlreadySeen):
        await transact(lambda tx: refund_units(tx, bought.order.id, party=buyer.party_id, **given))
    assert await of_units(sourcing, bought) == [E.DELIVERED]
    await sourcing.refund(bought)
    assert await of_units(sourcing, bought) == [E.REVOKED]
    booked = await books()
    assert (booked["loss", "CNY"], booked["cost", "CNY"], booked["revenue", "CNY"]) == (-3000, -2000, 3000)
    assert await breaches() == {}


async def test_done_another_way_needs_no_codes(sourcing: Sourcing, script: Script):
    script.places.append(Unknown("timeout"))
    script.looks.append(Unknown("timeout"))
    bought, _ = await sold(sourcing, 2)
    await drain()
    [attempt] = await attempts()
    await sourcing.settled(attempt.id, Decision.DELIVERED, cost="39")
    assert await of_units(sourcing, bought) == [E.DELIVERED] * 2
    assert await breaches() == {}


@pytest.mark.parametrize(
    ("field", "fits"),
    [
        ({"pattern": r"1[38]\d{9}"}, True),
        ({"pattern": r"19\d{9}"}, False),
        ({"options": ["13800138000"]}, True),
        ({"options": ["other"]}, False),
        ({"country": "CN"}, True),
        ({"country": "DE"}, False),
    ],
)
async def test_what_the_supplier_would_refuse_is_refused_before_money_moves(
    sourcing: Sourcing, script: Script, field: dict[str, Any], fits: bool
):
    variant, buyer = await topped(sourcing), await sourcing.shop.customer(wallet="100.00")
    flags = dict.fromkeys(("required", "target", "national"), True)
    whole = {"key": "charge_phone", "label": "", "pattern": None, "options": [], **flags}
    await db.value("UPDATE supplier_offer SET form = $1", json.dumps([{**whole, **field}]))
    script.places.append(Rejected("failed", elsewhere=True))
    if fits:
        await sourcing.buy(buyer, (variant, 1), said={"phone": PHONE})
        return
    with pytest.raises(BuyerInputInvalid) as refused:
        await sourcing.buy(buyer, (variant, 1), said={"phone": PHONE})
    assert refused.value.path == ("lines", "0", "buyerInputs")
    assert PHONE not in str(refused.value)
    assert (await wallet_of(buyer), await db.value("SELECT count(*) FROM orders")) == (10000, 0)


@pytest.mark.parametrize(
    "inputs",
    [
        (SentInput("charge_phone", "mail"),),
        (SentInput("charge_phone", "phone"), SentInput("charge_phone", "phone")),
        (SentInput("", "phone"),),
        (SentInput("charge_phone", "word"),),
    ],
    ids=["unasked", "twice", "nameless", "optional"],
)
async def test_what_cannot_be_filled_is_not_mapped(sourcing: Sourcing, script: Script, inputs: tuple[SentInput, ...]):
    word = BuyerInput("word", BuyerInputKind.TEXT, {"en": "Word"}, {}, required=False)
    variant = await variant_of(sourcing, asked=(*ASKED, word))
    account = await sourcing.account("scripted", {"script": "topping"})
    with pytest.raises(OfferNotMappable):
        await sourcing.offer(account, variant.id, "sku", cost="20.00", supplies=Supplies.TOP_UPS, inputs=inputs)


async def test_a_code_is_no_top_up_and_a_top_up_no_code(sourcing: Sourcing, script: Script, shop: Shop):
    account = await sourcing.account("scripted", {"script": "topping"})
    with pytest.raises(OfferNotMappable):
        await sourcing.offer(account, (await variant_of(sourcing)).id, "sku", cost="20.00", inputs=SENT)
    with pytest.raises(OfferNotMappable):
        await sourcing.offer(account, (await shop.variant(codes=0)).id, "sku", cost="20.00", supplies=Supplies.TOP_UPS)


async def test_all_or_nothing_is_not_promised_for_what_cannot_be_taken_back(sourcing: Sourcing, script: Script):
    variant, buyer = await topped(sourcing), await sourcing.shop.customer(wallet="100.00")
    with pytest.raises(BasketInvalid):
        await sourcing.buy(buyer, (variant, 2), said={"phone": PHONE}, all_or_nothing=True)
    script.places.append(Accepted(Echo(), "T1"))
    await sourcing.buy(buyer, (variant, 1), said={"phone": PHONE}, all_or_nothing=True)
    assert await wallet_of(buyer) == 7000
