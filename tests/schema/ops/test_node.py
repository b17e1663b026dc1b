"""`node` answers with what its viewer may see, and says of everything else alike that it is not there."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from perkhub.accounts import Permission
from perkhub.kit.acting import Acting, act
from perkhub.kit.clock import travel
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.outbox import enqueue
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.node import GUARDED, SHARED
from tests.factories import Person, Shop, StockedVariant
from tests.plugins.gateway import RunningGateway
from tests.plugins.suppliers.vendors import running_vendor
from tests.pricing.making import a_list
from tests.schema.bulk.inputs import BULK
from tests.schema.campaigns.coupon_inputs import batch_id, export_id
from tests.schema.conftest import Api
from tests.schema.machines.inputs import issuer_id, machine_id, provider_id
from tests.schema.ops.asking import done, read
from tests.schema.people_inputs import customer_group
from tests.schema.suppliers.inputs import FULU, account_id, offer_id, stock_purchase_id, supplier_order_id
from tests.vault.desk import ask, csv, numbered, upload

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
BUY = """mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {
    order { id lines { id entitlements { id } } payments { id } } errors { code } } }"""


async def seen(api: Api, id: str, who: Person | None = None, *, channel: str = "retail") -> str | None:
    """The type of what is shown there."""
    node = await read(api, NODE, {"id": id}, who, channel=channel)
    assert node is None or node["id"] == id
    return None if node is None else node["__typename"]


async def bought(api: Api, buyer: Person, sold: StockedVariant) -> dict[Kind, str]:
    """An order and what hangs on it."""
    line = {"variantId": global_id(Kind.VARIANT, sold.id)}
    given = {"idempotencyKey": uuid4().hex, "lines": [line], "pay": {"wallet": {}}}
    order = (await done(api, BUY, given, buyer))["order"]
    unit, payment = order["lines"][0]["entitlements"][0]["id"], order["payments"][0]["id"]
    return {Kind.ORDER: order["id"], Kind.ENTITLEMENT: unit, Kind.PAYMENT: payment}


@pytest.fixture
async def sold(shop: Shop) -> StockedVariant:
    """Something to buy."""
    return await shop.variant(price="1.00")


async def test_what_is_on_sale_here_now_is_seen_by_anyone(api: Api, shop: Shop, sold: StockedVariant):
    product, variant = global_id(Kind.PRODUCT, sold.product_id), global_id(Kind.VARIANT, sold.id)
    await shop.channel("elsewhere")
    for who in (None, await shop.customer(), await shop.staff()):
        assert [await seen(api, product, who), await seen(api, variant, who)] == ["Product", "Variant"]
        assert await seen(api, product, who, channel="elsewhere") is None
        assert await seen(api, variant, who, channel="elsewhere") is None
        assert await seen(api, product, who, channel="nowhere") is None
    with travel(-timedelta(days=30)):
        assert [await seen(api, product), await seen(api, variant)] == [None, None]
    keeper = await shop.staff(Permission.MANAGE_CATALOG)
    assert await seen(api, variant, keeper, channel="elsewhere") == "Variant"


async def test_an_order_is_seen_by_its_owner_and_by_staff_who_may(api: Api, shop: Shop, sold: StockedVariant):
    buyer, other = await shop.customer(wallet="10.00"), await shop.customer(wallet="10.00")
    mine = await bought(api, buyer, sold)
    kinds = {Kind.ORDER: "Order", Kind.ENTITLEMENT: "Entitlement", Kind.PAYMENT: "Payment"}
    reader, reviewer = await shop.staff(Permission.READ_ORDERS), await shop.staff(Permission.REVIEW_PAYMENTS)
    neither = await shop.staff(*(set(Permission) - {Permission.READ_ORDERS, Permission.REVIEW_PAYMENTS}))
    for kind, name in kinds.items():
        assert await seen(api, mine[kind], buyer) == name
        assert await seen(api, mine[kind], reader) == name
        assert await seen(api, mine[kind], other) is None
        assert await seen(api, mine[kind], neither) is None
        assert await seen(api, mine[kind]) is None
        assert await seen(api, mine[kind], reviewer) == (name if kind is Kind.PAYMENT else None)


async def test_a_top_up_is_seen_by_its_owner_alone(gateway: RunningGateway, api: Api, shop: Shop):
    buyer, other = await shop.customer(), await shop.customer()
    begin = """mutation ($input: WalletTopUpInput!) { walletTopUp(input: $input) { topUp { id } errors { code } } }"""
    pay = {"name": "sandbox_gateway", "returnUrl": "https://shop.example.com"}
    given = {"idempotencyKey": "1", "amount": {"amount": "5", "currency": "CNY"}, "gateway": pay}
    top_up = (await done(api, begin, given, buyer))["topUp"]["id"]
    assert await seen(api, top_up, buyer) == "TopUp"
    for who in (None, other, await shop.staff(*Permission)):
        assert await seen(api, top_up, who) is None


@pytest.fixture
def vendor() -> Iterator[None]:
    """A supplier to have things of."""
    with running_vendor("fulu") as running:
        FULU.update(running.settings)
        yield


@pytest.mark.usefixtures("vendor")
async def test_what_staff_work_with_is_seen_with_its_permission_alone(api: Api, shop: Shop, sold: StockedVariant):
    assert sold.lot is not None
    job = await transact(_a_job)
    there = {
        Kind.ACTIVITY: (await _a_deed(), "Activity"),
        Kind.CHANNEL: (sold.channel.id, "Channel"),
        Kind.LOT: (sold.lot.id, "Lot"),
        Kind.PRICE_LIST: (await a_list(sold.channel), "PriceList"),
        Kind.JOB: (job, "Job"),
        Kind.CODE_IMPORT: (await ask(await upload(csv(numbered(1, 1)), name="codes.csv"), sold.id), "CodeImport"),
        **await _made_for_operators(await shop.staff(*Permission)),
    }
    # An export is its requester's alone.
    assert {*there, Kind.PRODUCT_EXPORT, Kind.COUPON_EXPORT} == set(GUARDED)
    buyer = await shop.customer()
    for kind, (key, name) in there.items():
        permission = GUARDED[kind][0]
        may, may_not = await shop.staff(permission), await shop.staff(*(set(Permission) - {permission}))
        shown = [await seen(api, global_id(kind, key), who) for who in (may, may_not, buyer, None)]
        assert shown == [name, None, None, None]


async def _made_for_operators(by: Person) -> dict[Kind, tuple[UUID, str]]:
    makers = {
        Kind.CUSTOMER_GROUP: (customer_group, "CustomerGroup"),
        Kind.MACHINE_CLIENT: (machine_id, "MachineClient"),
        Kind.TRUSTED_ISSUER: (issuer_id, "TrustedIssuer"),
        Kind.IDENTITY_PROVIDER: (provider_id, "IdentityProvider"),
        Kind.PRODUCT_IMPORT: (BULK["Query.productImport"], "ProductImport"),
        Kind.SUPPLIER_ACCOUNT: (account_id, "SupplierAccount"),
        Kind.SUPPLIER_OFFER: (offer_id, "SupplierOffer"),
        Kind.SUPPLIER_ORDER: (supplier_order_id, "SupplierOrder"),
        Kind.STOCK_PURCHASE: (stock_purchase_id, "StockPurchase"),
        Kind.COUPON_BATCH: (batch_id, "CouponBatch"),
    }
    made = {kind: (next(iter((await make(by)).values())), name) for kind, (make, name) in makers.items()}
    return {kind: (local_id(kind, given), name) for kind, (given, name) in made.items()}


async def _a_deed() -> UUID:
    acting = Acting("staff:nobody", "tests")
    with act(acting):
        await transact(_a_job)
    return acting.id


async def _a_job(tx: Transaction) -> UUID:
    return enqueue(tx, "payments.settle", payment_id=new_id())


async def test_an_export_is_seen_by_its_requester_alone(api: Api, shop: Shop):
    mine, colleague = await shop.staff(Permission.MANAGE_CATALOG), await shop.staff(*Permission)
    export = (await BULK["Query.productExport"](mine))["id"]
    assert [await seen(api, export, who) for who in (mine, colleague, None)] == ["ProductExport", None, None]
    mine = await shop.staff(Permission.MANAGE_CAMPAIGNS)
    codes = (await export_id(mine))["id"]
    assert [await seen(api, codes, who) for who in (mine, colleague, None)] == ["CouponExport", None, None]


async def test_what_is_not_there_and_what_is_no_id_are_told_alike(api: Api, shop: Shop, sold: StockedVariant):
    everybody = (None, await shop.customer(), await shop.staff(*Permission))
    kinds = [*SHARED, *GUARDED]
    wrong = ["", "_", "ord", "ord_", "ord_zz", "ORD_" + "0" * 32, "nope_" + "0" * 32, "x" * 100_000, "订单_1"]
    for who in everybody:
        for kind in kinds:
            assert await seen(api, global_id(kind, UUID(int=1)), who) is None
            # Another type's prefix before an id that exists finds nothing either.
            if kind is not Kind.VARIANT:
                assert await seen(api, global_id(kind, sold.id), who) is None
        for id in wrong:
            assert await seen(api, id, who) is None


async def test_a_bad_token_sees_nothing_at_all(api: Api, shop: Shop, sold: StockedVariant):
    answer = await api(NODE, {"id": global_id(Kind.VARIANT, sold.id)}, "not a token")
    assert answer["data"] == {"node": None}
    assert answer["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
