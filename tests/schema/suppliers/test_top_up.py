"""A top-up by mutations alone: its form is read, mapped to what buyers are asked, bought with an account, and delivered."""

from perkhub.accounts import Permission
from perkhub.catalog import BenefitKind, BuyerInput, BuyerInputKind
from perkhub.kit import db
from perkhub.kit.jobs import drain
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Shop
from tests.fulfilment.sourcing import Sourcing, attempts, breaches
from tests.plugins.suppliers.vendors import Vendor
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, refusal
from tests.schema.orders.till import PLACE, WALLET, basket, line
from tests.schema.suppliers.test_selling import MAP, SYNC, connected, told

ACCOUNT, PHONE = "qq-10086-zhang", "13800138000"
ASKED = (BuyerInput("account", BuyerInputKind.ACCOUNT, {"en": "QQ"}, {}),)
PHONED = (BuyerInput("phone", BuyerInputKind.PHONE, {"en": "Phone", "zh": "手机号"}, {}),)
OFFERS = """query ($id: ID!) { supplierOffers(accountId: $id, first: 50) { nodes {
    id sku version supplies form { key required target } inputs { field input target } } } }"""
FORM = """query ($id: ID!) { supplierOffers(accountId: $id, first: 50) { nodes {
    id sku supplies printedValue { amount } cost { amount } form { key label required pattern target } } } }"""
MINE = "{ me { entitlements { nodes { state target masked } } } }"
ORDERS = "{ supplierOrders { nodes { sku supplies receipt state } } }"


async def test_an_account_is_topped_up(api: Api, shop: Shop, sourcing: Sourcing, fulu: Vendor):
    staff, buyer = await shop.staff(Permission.MANAGE_SUPPLIERS), await shop.customer(wallet="100.00")
    account = await connected(api, staff, fulu)
    await done(api, SYNC, {"accountId": account}, staff)
    await drain()
    offers = (await told(api, OFFERS, {"id": account}, staff))["nodes"]
    [offer] = [one for one in offers if one["sku"] == "direct:10000585"]
    assert (offer["supplies"], offer["inputs"]) == ("TOP_UPS", [])
    assert offer["form"] == [{"key": "charge_account", "required": True, "target": True}]
    variant = await shop.variant(codes=0, price="30.00", kind=BenefitKind.TOP_UP, buyer_inputs=ASKED)
    given = {"offerId": offer["id"], "expectedVersion": 1, "variantId": global_id(Kind.VARIANT, variant.id)}
    refused = await refusal(api, MAP, given, staff)
    assert (refused["code"], refused["path"]) == ("OFFER_NOT_MAPPABLE", ["input", "inputs"])
    await done(api, MAP, {**given, "inputs": [{"field": "charge_account", "input": "account"}]}, staff)
    unsaid = await refusal(api, PLACE, basket(variant, pay=WALLET), buyer)
    assert unsaid["code"] == "BUYER_INPUT_INVALID"
    wanted = {**line(variant), "buyerInputs": [{"key": "account", "value": ACCOUNT}]}
    bought = await done(api, PLACE, basket(wanted, pay=WALLET, reveal=True), buyer)
    assert bought["revealed"][0]["credentials"] == []
    for _ in range(20):
        await drain()
        [unit] = (await told(api, MINE, None, buyer))["entitlements"]["nodes"]
        if unit["state"] != "PENDING":
            break
        sourcing.later(1)
    assert (unit["state"], unit["masked"]) == ("DELIVERED", None)
    assert ACCOUNT not in unit["target"]
    [order] = (await told(api, ORDERS, None, staff))["nodes"]
    assert (order["sku"], order["supplies"], order["state"]) == ("direct:10000585", "TOP_UPS", "DELIVERED")
    assert order["receipt"]
    [attempt] = await attempts()
    charged = {one["customer_order_no"]: one["charge_account"] for one in fulu.books()["orders"]}
    assert charged[attempt.reference] == ACCOUNT
    kept = await db.value("SELECT string_agg(a.input::text, '') || string_agg(j.payload::text, '') FROM activity a, outbox j")
    assert ACCOUNT not in kept
    assert await breaches() == {}


async def test_a_phone_is_topped_up_by_value(api: Api, shop: Shop, sourcing: Sourcing, fulu: Vendor):
    staff, buyer = await shop.staff(Permission.MANAGE_SUPPLIERS), await shop.customer(wallet="200.00")
    account = await connected(api, staff, fulu)
    await done(api, SYNC, {"accountId": account}, staff)
    await drain()
    [offer] = [one for one in (await told(api, FORM, {"id": account}, staff))["nodes"] if one["sku"] == "mobile:50"]
    assert (offer["supplies"], offer["printedValue"], offer["cost"]) == ("TOP_UPS", {"amount": "50.00"}, {"amount": "49.90"})
    number = {"key": "charge_phone", "label": "充值手机号", "required": True, "pattern": "1[0-9]{10}"}
    assert offer["form"] == [{**number, "target": True}]
    variant = await shop.variant(codes=0, price="50.00", kind=BenefitKind.TOP_UP, buyer_inputs=PHONED)
    given = {"offerId": offer["id"], "expectedVersion": 1, "variantId": global_id(Kind.VARIANT, variant.id)}
    await done(api, MAP, {**given, "inputs": [{"field": "charge_phone", "input": "phone"}]}, staff)
    # Without its country's code this is a number of China's as well, and somebody else's.
    abroad = {**line(variant), "buyerInputs": [{"key": "phone", "value": "+4915112345678"}]}
    refused = await refusal(api, PLACE, basket(abroad, pay=WALLET), buyer)
    assert (refused["code"], refused["path"][-1]) == ("BUYER_INPUT_INVALID", "buyerInputs")
    # Two of them are two orders: the vendor takes one value for one phone at a time.
    wanted = {**line(variant, 2), "buyerInputs": [{"key": "phone", "value": PHONE}]}
    await done(api, PLACE, basket(wanted, pay=WALLET), buyer)
    for _ in range(40):
        await drain()
        units = (await told(api, MINE, None, buyer))["entitlements"]["nodes"]
        if not any(unit["state"] == "PENDING" for unit in units):
            break
        sourcing.later(1)
    assert [unit["state"] for unit in units] == ["DELIVERED"] * 2
    assert all(PHONE not in unit["target"] for unit in units)
    orders = (await told(api, ORDERS, None, staff))["nodes"]
    assert [(one["sku"], one["supplies"], one["state"]) for one in orders] == [("mobile:50", "TOP_UPS", "DELIVERED")] * 2
    assert len({one["receipt"] for one in orders}) == 2
    made = {attempt.reference: (attempt.quantity, attempt.cost) for attempt in await attempts()}
    assert list(made.values()) == [(1, 4980)] * 2
    charged = [one["charge_account"] for one in fulu.books()["orders"] if one["customer_order_no"] in made]
    assert charged == [PHONE] * 2
    kept = await db.value("SELECT string_agg(a.input::text, '') || string_agg(j.payload::text, '') FROM activity a, outbox j")
    assert PHONE not in kept
    assert await breaches() == {}
