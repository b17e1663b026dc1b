"""Reloadly's plugin against Reloadly's sandbox, over HTTP: what each answer, and each lack of one, becomes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import cast

import pytest

from perkhub.kit.clock import now
from perkhub.kit.ids import outbound_reference
from perkhub.plugin.configure import configure_supplier
from perkhub.plugin.supplier import (
    Accepted,
    CallbackForged,
    Cost,
    CredentialKind,
    Delivered,
    FaceValue,
    NotFound,
    NotSent,
    OrderQuery,
    PlaceRequest,
    Rejected,
    Reversed,
    SupplierRefused,
    SupplierUnanswered,
    Unknown,
)
from perkhub_plugins.suppliers.reloadly.client import Reloadly
from tests.plugins.suppliers.vendors import Vendor, callback_address, running_vendor

CARD, RANGE = "120:25", "122"


@pytest.fixture(scope="module")
def process() -> Iterator[Vendor]:
    with running_vendor("reloadly") as vendor:
        yield vendor


@pytest.fixture
def vendor(process: Vendor) -> Vendor:
    process.fault()
    process.act(notify_url="")
    return process


@pytest.fixture
async def reloadly(vendor: Vendor) -> AsyncIterator[Reloadly]:
    supplier = cast("Reloadly", configure_supplier(Reloadly, vendor.settings))
    yield supplier
    await supplier.client.aclose()


def order(sku: str = CARD, quantity: int = 1, face: FaceValue | None = None) -> PlaceRequest:
    return PlaceRequest(
        reference=outbound_reference(),
        attempt=1,
        sku=sku,
        quantity=quantity,
        maximum_cost=Cost(Decimal(1000), "USD"),
        face_value=face,
        notify_url="",
    )


def query(request: PlaceRequest, supplier_reference: str | None = None) -> OrderQuery:
    return OrderQuery(request.reference, supplier_reference, now(), request.sku, request.quantity)


async def test_cards_are_fetched_after_the_order(reloadly: Reloadly, vendor: Vendor):
    request = order(quantity=2)
    done = await reloadly.place(request)
    assert isinstance(done, Delivered)
    assert done.fetch
    assert (done.echo.reference, done.echo.sku, done.echo.quantity) == (request.reference, CARD, 2)
    assert done.echo.cost == Cost(Decimal("48.75"), "USD")
    codes = await reloadly.fetch_codes(query(request, done.supplier_reference))
    [made] = [one for one in vendor.books()["transactions"] if one["customIdentifier"] == request.reference]
    assert [dict(code.credentials) for code in codes] == [
        {CredentialKind.NUMBER: str(card["cardNumber"]), CredentialKind.PIN: card["pinCode"]} for card in made["cards"]
    ]
    assert str(made["cards"][0]["cardNumber"]) not in repr(codes)


async def test_a_range_is_bought_by_amount(reloadly: Reloadly):
    done = await reloadly.place(order(RANGE, face=FaceValue(Decimal("66.60"), "CNY")))
    assert isinstance(done, Delivered)
    assert (done.echo.sku, done.echo.face_value) == ("122", FaceValue(Decimal("66.6"), "CNY"))
    assert isinstance(await reloadly.place(order(RANGE)), NotSent)
    assert isinstance(await reloadly.place(order(RANGE, face=FaceValue(Decimal(1), "CNY"))), Rejected)


async def test_a_failure_is_under_way_until_its_money_is_back(reloadly: Reloadly, vendor: Vendor):
    vendor.fault(fail_order=1, delay_seconds=0.3)
    request = order()
    # Bought elsewhere at this moment, it could be paid twice.
    assert isinstance(await reloadly.place(request), Accepted)
    ours = {one["customIdentifier"]: one["status"] for one in vendor.books()["transactions"]}
    assert ours[request.reference] == "FAILED"
    for _ in range(500):
        looked = await reloadly.lookup(query(request))
        if not isinstance(looked, Accepted):
            break
        await asyncio.sleep(0.02)
    assert isinstance(looked, Reversed)
    assert looked.returned is not None
    done = order()
    assert isinstance(await reloadly.place(done), Delivered)
    vendor.act(reverse=done.reference)
    assert isinstance(await reloadly.lookup(query(done)), Reversed)


@pytest.mark.parametrize("sku", ["123:10", "120:26", "999:5"])
async def test_a_documented_no_is_final(reloadly: Reloadly, sku: str):
    request = order(sku)
    refused = await reloadly.place(request)
    assert isinstance(refused, Rejected)
    assert refused.elsewhere
    assert not refused.halt
    assert isinstance(await reloadly.lookup(query(request)), NotFound)


def made_of(vendor: Vendor, request: PlaceRequest) -> int:
    return sum(one["customIdentifier"] == request.reference for one in vendor.books()["transactions"])


async def test_an_old_token_is_renewed_once_and_the_order_made_once(reloadly: Reloadly, vendor: Vendor):
    await reloadly.test_connection()
    vendor.fault(revoke_tokens=1)
    request = order()
    assert isinstance(await reloadly.place(request), Delivered)
    assert made_of(vendor, request) == 1
    vendor.act(rotate_secret="f" * 40)
    try:
        refused = await reloadly.place(order())
        with pytest.raises(SupplierRefused):
            await reloadly.test_connection()
    finally:
        vendor.act(rotate_secret=vendor.settings["client_secret"])
    assert isinstance(refused, Rejected)
    assert refused.halt


async def test_no_connection_is_not_sent(vendor: Vendor):
    nowhere = "http://127.0.0.1:9"
    for settings in ({"base_url": nowhere}, {"auth_url": f"{nowhere}/oauth/token"}):
        reloadly = configure_supplier(Reloadly, {**vendor.settings, **settings})
        # An audience of elsewhere is refused before anything is ordered.
        assert isinstance(await reloadly.place(order()), NotSent | Rejected)
        assert isinstance(await reloadly.lookup(query(order())), Unknown)
        with pytest.raises((SupplierUnanswered, SupplierRefused)):
            await reloadly.balance()
        await reloadly.client.aclose()


async def test_fewer_cards_and_another_product_are_told_for_the_host_to_compare(reloadly: Reloadly, vendor: Vendor):
    vendor.fault(wrong_product=1, fewer_cards=1)
    request = order(quantity=3)
    done = await reloadly.place(request)
    assert isinstance(done, Delivered)
    assert done.echo.sku == "999:25"
    assert len(await reloadly.fetch_codes(query(request, done.supplier_reference))) == 2
    assert len(await reloadly.fetch_codes(query(request, done.supplier_reference))) == 3


async def test_the_catalog_tells_costs(reloadly: Reloadly):
    items = {item.sku: item async for item in reloadly.catalog()}
    assert items[CARD].cost.amount == Decimal("24.375")
    assert items[RANGE].face_greatest == FaceValue(Decimal(1000), "CNY")
    assert not items["123:10"].available


async def test_only_the_true_signature_over_body_and_time_is_a_hint(reloadly: Reloadly, vendor: Vendor):
    with callback_address(lambda _: b"ok") as (address, came):
        vendor.act(notify_url=address)
        vendor.fault(duplicate_callbacks=1, forged_callback=1, body_only_callback=1, old_callback=1)
        request = order()
        await reloadly.place(request)
        received = [await asyncio.to_thread(came.get, timeout=20) for _ in range(5)]
    hints, reasons = [], []
    for callback in received:
        try:
            hints.append(reloadly.verify_callback(callback.headers, {}, callback.body))
        except CallbackForged as forged:
            reasons.append(forged.reason)
    assert sorted(reasons) == ["signature", "signature", "window"]
    assert {hint.reference for hint in hints} == {request.reference}
    assert len(hints) == 2


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b"[" * 10000, b'{"data": []}', b'{"data": {"customIdentifier": 1}}'])
def test_no_malformed_callback_is_believed(vendor: Vendor, body: bytes):
    supplier = configure_supplier(Reloadly, vendor.settings)
    with pytest.raises(CallbackForged):
        supplier.verify_callback({"x-reloadly-signature": "é", "x-reloadly-request-timestamp": "²"}, {}, body)
