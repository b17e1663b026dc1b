"""Fulu's plugin against Fulu's sandbox, over HTTP: what each answer, and each lack of one, becomes."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from perkhub.kit.clock import now
from perkhub.plugin.configure import configure_supplier
from perkhub.plugin.supplier import (
    Accepted,
    CallbackForged,
    Cost,
    CredentialKind,
    Delivered,
    NotFound,
    NotSent,
    Partial,
    PlaceRequest,
    QuoteRequest,
    Rejected,
    Unknown,
)
from perkhub_plugins.suppliers.fulu.client import Fulu
from tests.plugins.suppliers.merchant import CARD, TOP_UP, fulu, order, process, query, settled, vendor
from tests.plugins.suppliers.vendors import Vendor, callback_address

__all__ = ["fulu", "process", "vendor"]


async def test_cards_come_by_looking_up(fulu: Fulu, vendor: Vendor):
    request = order(quantity=3)
    placed = await fulu.place(request)
    assert isinstance(placed, Accepted)
    assert placed.echo.reference == request.reference
    done = await settled(fulu, request)
    assert isinstance(done, Delivered)
    assert (done.echo.sku, done.echo.quantity, done.echo.cost) == (CARD, 3, Cost(Decimal("59.4"), "CNY"))
    [booked] = [one for one in vendor.books()["orders"] if one["customer_order_no"] == request.reference]
    told = [tuple(value for _, value in code.credentials) for code in done.codes]
    assert told == [tuple(card) for card in booked["cards"]]
    assert {kind for code in done.codes for kind, _ in code.credentials} == {CredentialKind.NUMBER, CredentialKind.PIN}
    assert all(code.expires_at is not None and code.expires_at > now() + timedelta(days=300) for code in done.codes)
    assert booked["cards"][0][0] not in repr(done)


async def test_what_is_taken_back_of_a_part_is_what_the_part_cost(fulu: Fulu, vendor: Vendor):
    request, before = order(quantity=3), Decimal(vendor.books()["balance"])
    vendor.fault(partial=1)
    await fulu.place(request)
    part = await settled(fulu, request)
    assert isinstance(part, Partial)
    assert part.echo.cost == Cost(Decimal("39.6"), "CNY")
    assert Decimal(vendor.books()["balance"]) == before - Decimal("39.60")
    vendor.act(reverse=request.reference)
    assert isinstance(await settled(fulu, request), Rejected)
    assert Decimal(vendor.books()["balance"]) == before


async def test_the_books_tell_of_one_order_and_which_faults_struck(fulu: Fulu, vendor: Vendor):
    one, other = order(), order(quantity=2)
    vendor.fault(fail_order=1)
    for request in (one, other):
        await fulu.place(request)
        await settled(fulu, request)
    told = vendor.http.get(vendor.line["books_url"], params={"reference": one.reference}).json()
    assert [(sold["reference"], sold["state"], sold["charged"]) for sold in told["sold"]] == [(one.reference, "failed", "0")]
    assert told["struck"]["fail_order"] >= 1
    assert [sold["charged"] for sold in vendor.books()["sold"] if sold["reference"] == other.reference] == ["39.60"]


async def test_a_new_price_is_of_the_next_order(fulu: Fulu, vendor: Vendor):
    vendor.act(reprice="10000587", price="20.80")
    try:
        dearer = order()
        await fulu.place(dearer)
        done = await settled(fulu, dearer)
        assert isinstance(done, Delivered)
        assert done.echo.cost == Cost(Decimal("20.8"), "CNY")
    finally:
        vendor.act(reprice="10000587", price="19.80")


async def test_a_top_up_tells_its_target_and_its_receipt(fulu: Fulu):
    request = order(TOP_UP, charge_account="13800000001")
    assert isinstance(await fulu.place(request), Accepted)
    done = await settled(fulu, request)
    assert isinstance(done, Delivered)
    assert (done.codes, done.echo.target) == ((), "13800000001")
    assert done.receipt
    assert "13800000001" not in repr(done) + repr(request)


@pytest.mark.parametrize(
    ("sku", "said"),
    [
        (TOP_UP, {}),
        (TOP_UP, {"charge_account": "1", "favourite_colour": "red"}),
        (CARD, {"charge_account": "1"}),
        ("mobile:50", {}),
    ],
    ids=["unfilled", "unknown_field", "card", "mobile"],
)
async def test_a_form_that_is_not_the_vendors_is_not_sent(fulu: Fulu, sku: str, said: dict[str, str]):
    assert await fulu.place(order(sku, **said)) == NotSent("inputs")


async def test_what_the_contract_calls_final_is_rejected(fulu: Fulu):
    for request in (order("card:1"), order("card:10000603"), order("card:10000585"), order(TOP_UP, charge_account=" ")):
        placed = await fulu.place(request)
        assert isinstance(placed, Rejected)
        assert placed.elsewhere
        assert isinstance(await fulu.lookup(query(request)), NotFound)


async def test_without_a_contract_no_code_is_final(vendor: Vendor):
    careful = configure_supplier(Fulu, {**vendor.settings, "final_codes": "", "not_found_codes": ""})
    request = order("card:1")
    assert await careful.place(request) == Unknown("code_3001")
    assert await careful.lookup(query(request)) == Unknown("code_4004")
    await careful.client.aclose()


async def test_a_repeated_number_settles_nothing(fulu: Fulu, vendor: Vendor):
    request = order()
    await fulu.place(request)
    assert isinstance(await fulu.place(request), Unknown)
    assert isinstance(await settled(fulu, request), Delivered)
    assert len([one for one in vendor.books()["orders"] if one["customer_order_no"] == request.reference]) == 1


@pytest.mark.parametrize("request_", [order("gift:1"), order("card:x"), order(TOP_UP, charge_account="😀")])
async def test_what_cannot_be_said_is_not_sent(fulu: Fulu, request_: PlaceRequest):
    assert isinstance(await fulu.place(request_), NotSent)


async def test_the_catalog_tells_costs_and_forms(fulu: Fulu):
    items = {item.sku: item async for item in fulu.catalog()}
    assert items[CARD].cost == Cost(Decimal("19.8"), "CNY")
    assert not items["card:10000603"].available
    assert [field.key for field in items[TOP_UP].inputs] == ["charge_account"]
    assert (await fulu.stock(QuoteRequest(CARD, 1))).available
    assert (await fulu.balance()).currency == "CNY"


async def test_a_callback_is_a_hint_however_it_is_signed(fulu: Fulu, vendor: Vendor):
    with callback_address(lambda _: b"success") as (address, came):
        vendor.act(notify_url=address)
        vendor.fault(duplicate_callbacks=2, forged_callback=1, permuted_callback=1)
        request = order()
        await fulu.place(request)
        received = [await asyncio.to_thread(came.get, timeout=20) for _ in range(5)]
    hints, forged = [], 0
    for callback in received:
        try:
            hints.append(fulu.verify_callback(callback.headers, {}, callback.body))
        except CallbackForged:
            forged += 1
    assert forged == 1
    assert {hint.reference for hint in hints} == {request.reference}
    # Copies are the same message; a permuted one is another, and no more than a hint either.
    assert len({hint.nonce for hint in hints}) == 2


@pytest.mark.parametrize(
    "body", [b"", b"sign=", b"\xff\xfe", b"a=1&a=2&sign=x", b"customer_order_no=1", b"{" * 10000, b'{"sign": {}}', b"sign=%F0"]
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
def test_no_malformed_callback_is_believed(vendor: Vendor, body: bytes, kind: str):
    supplier = configure_supplier(Fulu, vendor.settings)
    with pytest.raises(CallbackForged):
        supplier.verify_callback({"content-type": kind}, {}, body)
