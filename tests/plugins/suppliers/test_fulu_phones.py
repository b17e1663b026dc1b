"""Fulu's credit and traffic for phones: by number and value, each once, and never told to be another's."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from perkhub.plugin.supplier import (
    Accepted,
    Cost,
    Delivered,
    FaceValue,
    NotFound,
    NotSent,
    QuoteRequest,
    Rejected,
    SupplierRefused,
    Supplies,
    Unknown,
)
from perkhub_plugins.suppliers.fulu.client import Fulu
from tests.plugins.suppliers.merchant import CARD, TOP_UP, fulu, order, process, query, settled, vendor
from tests.plugins.suppliers.vendors import Vendor

__all__ = ["fulu", "process", "vendor"]

CREDIT, TRAFFIC = "mobile:50", "data:500:4"
MOBILE, TELECOM, UNICOM = "13800138000", "18900138000", "13000138000"
LOST = ["accept_then_drop", "error_500_then_accepted", "html_error_page", "malformed_json", "empty_body", "unknown_code"]


@pytest.mark.parametrize(
    ("sku", "phone", "cost", "product"),
    [
        (CREDIT, MOBILE, "49.8", "10000611"),
        (CREDIT, TELECOM, "49.9", "10000612"),
        (CREDIT, UNICOM, "49.7", "10000613"),
        (TRAFFIC, MOBILE, "18", "10000621"),
        ("data:500", MOBILE, "18", "10000621"),
    ],
)
async def test_a_phone_is_topped_up_by_its_number(fulu: Fulu, vendor: Vendor, sku: str, phone: str, cost: str, product: str):
    request = order(sku, charge_phone=phone)
    placed = await fulu.place(request)
    assert isinstance(placed, Accepted)
    assert placed.echo.reference == request.reference
    done = await settled(fulu, request)
    assert isinstance(done, Delivered)
    assert (done.codes, done.echo.target, done.echo.sku, done.echo.quantity) == ((), phone, sku, 1)
    assert done.echo.cost == Cost(Decimal(cost), "CNY")
    assert done.receipt
    [booked] = [one for one in vendor.books()["orders"] if one["customer_order_no"] == request.reference]
    assert (booked["product_id"], booked["charge_account"], booked["buy_num"]) == (product, phone, 1)
    assert phone not in repr(done) + repr(request)


@pytest.mark.parametrize(
    ("sku", "quantity", "said", "why"),
    [
        (CREDIT, 2, {"charge_phone": MOBILE}, "quantity"),
        (CREDIT, 1, {}, "inputs"),
        (CREDIT, 1, {"charge_account": MOBILE}, "inputs"),
        (TRAFFIC, 1, {"charge_phone": MOBILE, "charge_ip": "1"}, "inputs"),
        ("mobile:0", 1, {"charge_phone": MOBILE}, "sku"),
        ("mobile:49.9", 1, {"charge_phone": MOBILE}, "sku"),
        ("mobile:50:4", 1, {"charge_phone": MOBILE}, "sku"),
        ("mobile:", 1, {"charge_phone": MOBILE}, "sku"),
        ("data:500:4:1", 1, {"charge_phone": MOBILE}, "sku"),
        ("data", 1, {"charge_phone": MOBILE}, "sku"),
    ],
)
async def test_what_cannot_be_said_of_a_phone_is_not_sent(
    fulu: Fulu, sku: str, quantity: int, said: Mapping[str, str], why: str
):
    assert await fulu.place(order(sku, quantity, **said)) == NotSent(why)


@pytest.mark.parametrize(
    ("sku", "phone"),
    [(CREDIT, "1380013800"), (CREDIT, "10000138000"), ("mobile:51", MOBILE), ("mobile:100", UNICOM), ("data:500:7", MOBILE)],
    ids=["short", "nobodys", "no_such_value", "not_of_this_carrier", "other_packet"],
)
async def test_what_the_vendor_does_not_sell_to_a_phone_is_refused(fulu: Fulu, sku: str, phone: str):
    request = order(sku, charge_phone=phone)
    refused = await fulu.place(request)
    assert isinstance(refused, Rejected)
    assert (refused.elsewhere, refused.halt) == (True, False)
    assert isinstance(await fulu.lookup(query(request)), NotFound)


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_is_unknown_and_the_look_up_tells(fulu: Fulu, vendor: Vendor, fault: str):
    vendor.fault(**{fault: 1})
    request = order(CREDIT, charge_phone=MOBILE)
    assert isinstance(await fulu.place(request), Unknown)
    vendor.fault()
    done = await settled(fulu, request)
    assert isinstance(done, Delivered)
    assert len([one for one in vendor.books()["orders"] if one["customer_order_no"] == request.reference]) == 1


async def test_without_money_the_account_halts(fulu: Fulu, vendor: Vendor):
    vendor.fault(no_money=1)
    request = order(CREDIT, charge_phone=MOBILE)
    refused = await fulu.place(request)
    assert isinstance(refused, Rejected)
    assert refused.halt
    assert isinstance(await fulu.lookup(query(request)), NotFound)


async def test_what_fails_there_has_failed_and_is_not_paid_for(fulu: Fulu, vendor: Vendor):
    vendor.fault(fail_order=1)
    before = Decimal(vendor.books()["balance"])
    request = order(CREDIT, charge_phone=MOBILE)
    await fulu.place(request)
    assert await settled(fulu, request) == Rejected("failed", elsewhere=True)
    assert Decimal(vendor.books()["balance"]) == before


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("wrong_target", {"target": "13800000099"}),
        ("wrong_product", {"sku": "direct:10000999"}),
        ("wrong_quantity", {"quantity": 2}),
        ("wrong_amount", {"cost": Cost(Decimal("54.8"), "CNY")}),
        ("wrong_reference", {"reference": "0" * 24}),
    ],
)
async def test_an_answer_about_something_else_shows(fulu: Fulu, vendor: Vendor, fault: str, told: dict[str, object]):
    request = order(CREDIT, charge_phone=MOBILE)
    await fulu.place(request)
    await settled(fulu, request)
    vendor.fault(**{fault: 20})
    looked = await fulu.lookup(query(request))
    assert isinstance(looked, Delivered)
    assert {name: getattr(looked.echo, name) for name in told} == told


async def test_an_answer_about_a_phone_is_none_about_an_account(fulu: Fulu):
    request = order(CREDIT, charge_phone=MOBILE)
    await fulu.place(request)
    await settled(fulu, request)
    for sku in (TOP_UP, CARD, "data:50"):
        looked = await fulu.lookup(replace(query(request), sku=sku))
        assert isinstance(looked, Delivered)
        assert looked.echo.sku not in (None, sku)


async def test_the_catalog_tells_a_value_once_at_what_the_dearest_phone_costs(fulu: Fulu):
    items = {item.sku: item async for item in fulu.catalog()}
    assert [sku for sku in items if not sku.startswith(("card:", "direct:"))] == [CREDIT, "mobile:100"]
    credit = items[CREDIT]
    assert (credit.name, credit.cost, credit.supplies) == ("手机话费 50元", Cost(Decimal("49.9"), "CNY"), Supplies.TOP_UPS)
    assert credit.face_least == credit.face_greatest == FaceValue(Decimal(50), "CNY")
    assert credit.available
    [field] = credit.inputs
    assert (field.key, field.required, field.target, field.national) == ("charge_phone", True, True, True)
    assert field.country == "CN"
    assert items["mobile:100"].name == "中国移动话费100元"
    with pytest.raises(SupplierRefused):
        await fulu.stock(QuoteRequest(CREDIT, 1))


@pytest.mark.parametrize(("sku", "most"), [(CREDIT, 1), (TRAFFIC, 1), (CARD, 100), (TOP_UP, 100)])
def test_one_value_goes_to_one_phone(sku: str, most: int):
    supplier = object.__new__(Fulu)
    assert supplier.most_at_once(sku) == most
