"""From nothing to a sold code by mutations alone: connect, test, read the catalog, map, buy just in time, settle by two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub.kit import db
from perkhub.kit.jobs import drain
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.factories import Person, Shop
from tests.fulfilment.sourcing import Sourcing, attempts, breaches
from tests.orders import desk
from tests.plugins.suppliers.vendors import Vendor
from tests.schema.conftest import Api
from tests.schema.ops.asking import done, refusal
from tests.schema.orders.till import PLACE, WALLET, basket, line

CONNECT = """mutation ($input: SupplierConnectInput!) { supplierConnect(input: $input) {
    account { id name plugin state callbackUrl version } errors { code message path } } }"""
TEST = """mutation ($input: SupplierAccountInput!) { supplierTest(input: $input) {
    account { answeredAt balance { currency } } errors { code message path } } }"""
SYNC = """mutation ($input: SupplierAccountInput!) { supplierCatalogSync(input: $input) {
    sync { id state } errors { code message path } } }"""
SYNCS = """query ($id: ID!) { supplierAccount(id: $id) { syncedAt catalogSyncs {
    state items added changed gone failure differences { sku what before after } } } }"""
OFFERS = """query ($id: ID!) { supplierOffers(accountId: $id, mapped: false, first: 50) { nodes {
    id sku version available cost { amount currency } } } }"""
MAP = """mutation ($input: OfferMapInput!) { offerMap(input: $input) {
    offer { id active variant { id } maximumCost { amount } version } errors { code message path } } }"""
PURCHASE = """mutation ($input: StockPurchaseInput!) { stockPurchase(input: $input) {
    purchase { id quantity obtained openParts failedParts } errors { code message path } } }"""
PURCHASED = "query ($id: ID!) { stockPurchase(id: $id) { obtained openParts failedParts } }"
TO_REVIEW = """{ supplierOrders(toReview: true) { nodes { id state cause settlements { id decision state } } } }"""
SETTLE = """mutation ($input: SupplierOrderSettleInput!) { supplierOrderSettle(input: $input) {
    supplierOrder { settlements { id state codes } } errors { code message path } } }"""
APPROVE = """mutation ($input: SettlementApproveInput!) { supplierSettlementApprove(input: $input) {
    supplierOrder { state settlements { state } } errors { code message path } } }"""
AVAILABLE = "query ($slug: String!) { product(slug: $slug) { variants { availability } } }"


UNFIT: list[tuple[dict[str, Any], list[str], str]] = [
    ({"appKey": ""}, ["appKey"], "1 or more characters."),
    ({"appKey": "k" * 101}, ["appKey"], "No more characters than 100."),
    ({"appKey": "k" * 8001}, ["appKey"], "At most 8000 characters."),
    ({"baseUrl": "openapi.fulu.com"}, ["baseUrl"], "An address, such as https://example.com."),
    ({"finalCodes": [3001, -1]}, ["finalCodes", "1"], "At least 0."),
]


async def told(api: Api, query: str, variables: dict[str, Any] | None, by: Person) -> dict[str, Any]:
    answer = await api(query, variables, by.token)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = next(iter(answer["data"].values()))
    return found


def settings_of(vendor: Vendor, **more: Any) -> dict[str, Any]:
    given = vendor.settings
    own = {"baseUrl": given["base_url"], "appKey": given["app_key"], "appSecret": given["app_secret"]}
    final = [int(code) for code in given["final_codes"].split(",")]
    return {"fulu": {**own, "finalCodes": final, "notFoundCodes": [int(given["not_found_codes"])], **more}}


async def connected(api: Api, staff: Person, vendor: Vendor) -> str:
    given = {"name": "Fulu", "provenance": "AUTHORIZED", "settings": settings_of(vendor)}
    made: str = (await done(api, CONNECT, given, staff))["account"]["id"]
    return made


async def mapped(api: Api, staff: Person, account: str, variant: str, sku: str = "card:10000587") -> None:
    await done(api, SYNC, {"accountId": account}, staff)
    await drain()
    offers = (await told(api, OFFERS, {"id": account}, staff))["nodes"]
    [offer] = [one for one in offers if one["sku"] == sku]
    made = await done(api, MAP, {"offerId": offer["id"], "expectedVersion": offer["version"], "variantId": variant}, staff)
    assert (made["offer"]["active"], made["offer"]["variant"]["id"]) == (True, variant)


@asynccontextmanager
async def a_worker() -> AsyncIterator[None]:
    """Whatever is to be done is done meanwhile, as by a worker beside the web process."""

    async def work() -> None:
        while True:
            await drain()
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()


async def test_from_a_contract_to_a_sold_code(api: Api, shop: Shop, fulu: Vendor):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    account = await connected(api, staff, fulu)
    assert (await done(api, TEST, {"accountId": account}, staff))["account"]["balance"] == {"currency": "CNY"}
    variant, buyer = await shop.variant(codes=0, price="30.00"), await shop.customer(wallet="100.00")
    slug = {"slug": (await db.value("SELECT slug FROM product WHERE id = $1", variant.product_id))}
    assert (await told(api, AVAILABLE, slug, buyer))["variants"] == [{"availability": "SOLD_OUT"}]
    await mapped(api, staff, account, global_id(Kind.VARIANT, variant.id))
    assert (await told(api, AVAILABLE, slug, buyer))["variants"] == [{"availability": "ON_REQUEST"}]
    [sync] = (await told(api, SYNCS, {"id": account}, staff))["catalogSyncs"]
    assert (sync["state"], sync["items"], sync["added"], sync["failure"]) == ("DONE", 7, 7, None)

    async with a_worker():
        bought = await done(api, PLACE, basket(line(variant, 1), pay=WALLET, reveal=True, waitSeconds=5), buyer)
    assert [unit["state"] for unit in bought["order"]["lines"][0]["entitlements"]] == ["REVEALED"]
    [attempt] = await attempts()
    [booked] = [one for one in fulu.books()["orders"] if one["customer_order_no"] == attempt.reference]
    assert [[one["value"] for one in shown["credentials"]] for shown in bought["revealed"]] == booked["cards"]
    assert await breaches() == {}


async def test_what_the_pool_gives_and_what_comes_are_shown_once_each(api: Api, shop: Shop, fulu: Vendor, sourcing: Sourcing):
    """One line, two origins: the pool's code is shown by the order itself, the other one when it has come."""
    variant, buyer = await sourcing.fulu_variant(fulu), await shop.customer(wallet="100.00")
    await shop.lot(variant.id, codes=1)

    async with a_worker():
        bought = await done(api, PLACE, basket(line(variant, 2), pay=WALLET, reveal=True, waitSeconds=5), buyer)
    assert [unit["state"] for unit in bought["order"]["lines"][0]["entitlements"]] == ["REVEALED"] * 2
    assert [len(shown["credentials"]) for shown in bought["revealed"]] == [2, 2]
    looks = await db.rows("SELECT count(*) AS looks FROM custody WHERE action = 'revealed' GROUP BY code_id")
    assert [row["looks"] for row in looks] == [1, 1]
    assert [attempt.quantity for attempt in await attempts()] == [1]
    assert await breaches() == {}


async def test_without_waiting_it_is_pending_and_comes_later(api: Api, shop: Shop, fulu: Vendor, sourcing: Sourcing):
    variant, buyer = await sourcing.fulu_variant(fulu), await shop.customer(wallet="100.00")
    bought = await done(api, PLACE, basket(variant, pay=WALLET, reveal=True), buyer)
    assert [unit["state"] for unit in bought["order"]["lines"][0]["entitlements"]] == ["PENDING"]
    assert bought["revealed"][0]["credentials"] == []
    assert await desk.wallet_of(buyer) == 7000


async def test_nobody_waits_for_longer_than_five_seconds(api: Api, shop: Shop, fulu: Vendor, sourcing: Sourcing):
    variant, buyer = await sourcing.fulu_variant(fulu), await shop.customer(wallet="100.00")
    for seconds in (-1, 6):
        refused = await refusal(api, PLACE, basket(variant, pay=WALLET, waitSeconds=seconds), buyer)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", "waitSeconds"])
    bought = await done(api, PLACE, basket(variant, pay=WALLET, waitSeconds=1), buyer)
    assert [unit["state"] for unit in bought["order"]["lines"][0]["entitlements"]] == ["PENDING"]


async def test_settings_are_the_plugins_own_and_told_to_nobody(api: Api, shop: Shop, fulu: Vendor):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    secret = "z" * 33
    given = {"name": "Fulu", "provenance": "RESELLER", "settings": settings_of(fulu, appSecret=secret)}
    answer = await api.send(CONNECT, {"input": given}, staff.token)
    [refused] = answer.json()["data"]["supplierConnect"]["errors"]
    assert refused["path"] == ["input", "settings", "fulu", "appSecret"]
    assert refused["message"] == "No more characters than 32."
    assert secret not in answer.text
    for more, path, way_out in UNFIT:
        answer = await api.send(CONNECT, {"input": {**given, "settings": settings_of(fulu, **more)}}, staff.token)
        [refused] = answer.json()["data"]["supplierConnect"]["errors"]
        assert (refused["path"], refused["message"]) == (["input", "settings", "fulu", *path], way_out)
    assert await db.value("SELECT count(*) FROM supplier_account") == 0
    await connected(api, staff, fulu)
    sealed: bytes = await db.value("SELECT sealed FROM supplier_account")
    assert fulu.settings["app_secret"].encode() not in sealed
    kept = await db.value("SELECT string_agg(a.input::text || c.after::text, '') FROM activity a, activity_change c")
    assert fulu.settings["app_secret"] not in kept


async def test_wrong_credentials_are_told_by_the_test(api: Api, shop: Shop, fulu: Vendor):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    given = {"name": "Fulu", "provenance": "RESELLER", "settings": settings_of(fulu, appSecret="y" * 32)}
    account = (await done(api, CONNECT, given, staff))["account"]["id"]
    refused = await refusal(api, TEST, {"accountId": account}, staff)
    assert (refused["code"], refused["path"]) == ("SUPPLIER_NOT_ANSWERING", ["input", "accountId"])


async def test_what_differs_in_the_catalog_is_told(api: Api, shop: Shop, fulu: Vendor):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    account = await connected(api, staff, fulu)
    variant = await shop.variant(codes=0)
    await mapped(api, staff, account, global_id(Kind.VARIANT, variant.id), sku="card:10000601")
    before = "UPDATE supplier_offer SET cost = 90, maximum_cost = 90 WHERE sku = 'card:10000601'"
    await db.value(before)
    await db.value("UPDATE supplier_offer SET sku = 'card:1' WHERE sku = 'card:10000602'")
    await done(api, SYNC, {"accountId": account}, staff)
    await drain()
    sync = (await told(api, SYNCS, {"id": account}, staff))["catalogSyncs"][0]
    assert (sync["added"], sync["changed"], sync["gone"]) == (1, 1, 1)
    found = {one["what"]: (one["sku"], one["before"], one["after"]) for one in sync["differences"]}
    assert found["cost"] == ("card:10000601", "90", "98.5")
    assert found["gone"][0] == "card:1"
    # Dearer than may be paid, it is not bought by any more.
    buyer = await shop.customer(wallet="100.00")
    assert (await refusal(api, PLACE, basket(variant, pay=WALLET), buyer))["code"] == "OUT_OF_STOCK"


async def test_codes_are_bought_ahead_by_parts(api: Api, shop: Shop, fulu: Vendor, sourcing: Sourcing):
    staff = await shop.staff(Permission.MANAGE_SUPPLIERS)
    variant = await sourcing.fulu_variant(fulu)
    given = {"idempotencyKey": "k1", "variantId": global_id(Kind.VARIANT, variant.id), "quantity": 250}
    made = (await done(api, PURCHASE, given, staff))["purchase"]
    assert (made["quantity"], made["openParts"]) == (250, 3)
    assert (await done(api, PURCHASE, given, staff))["purchase"]["id"] == made["id"]
    for _ in range(30):
        await drain()
        now = await told(api, PURCHASED, {"id": made["id"]}, staff)
        if not now["openParts"]:
            break
        await asyncio.sleep(0.1)
        sourcing.later(1)
    assert now == {"obtained": 250, "openParts": 0, "failedParts": 0}
    assert await sourcing.free(variant.id) == 250
    assert await breaches() == {}
    refused = await refusal(api, PURCHASE, {**given, "idempotencyKey": "k2", "quantity": 0}, staff)
    assert refused["path"] == ["input", "quantity"]


async def test_two_people_settle_what_no_supplier_settles(api: Api, shop: Shop, fulu: Vendor, sourcing: Sourcing):
    one, two = [await shop.staff(Permission.MANAGE_SUPPLIERS) for _ in range(2)]
    variant, buyer = await sourcing.fulu_variant(fulu, sku="card:10000601", cost="90.00"), await shop.customer(wallet="100.00")
    bought = await sourcing.buy(buyer, (variant, 1))
    await sourcing.settle(bought, seconds=3)
    [order] = (await told(api, TO_REVIEW, None, one))["nodes"]
    assert (order["state"], order["cause"]) == ("UNKNOWN", "mismatch_cost")
    plain = "SETTLED-BY-HAND-77"
    codes = [{"credentials": [{"kind": "CLAIM_CODE", "value": plain}]}]
    given = {"supplierOrderId": order["id"], "decision": "DELIVERED", "reason": "They sent it by mail.", "codes": codes}
    [proposed] = (await done(api, SETTLE, given, one))["supplierOrder"]["settlements"]
    assert (proposed["state"], proposed["codes"]) == ("PROPOSED", 1)
    approve = {"idempotencyKey": "a1", "settlementId": proposed["id"]}
    refused = await refusal(api, APPROVE, approve, one)
    assert (refused["code"], [unit.state for unit in await sourcing.now_of(bought)]) == ("SECOND_PERSON_NEEDED", ["pending"])
    carried = (await done(api, APPROVE, {**approve, "idempotencyKey": "a2"}, two))["supplierOrder"]
    assert (carried["state"], carried["settlements"]) == ("DELIVERED", [{"state": "CARRIED_OUT"}])
    assert [unit.state for unit in await sourcing.now_of(bought)] == ["issued"]
    dumped = await db.value("SELECT string_agg(input::text, '') FROM activity")
    assert plain not in dumped
    assert await db.value("SELECT count(*) FROM supplier_settlement WHERE sealed IS NOT NULL") == 0
    assert await breaches() == {}


@pytest.mark.parametrize("way", ["form", "query"])
async def test_a_callback_is_looked_into_and_nothing_more(api: Api, shop: Shop, fulu: Vendor, sourcing: Sourcing, way: str):
    from_vendor = await sourcing.callbacks_of(fulu, shop)
    genuine, *others = from_vendor.received
    url = f"/callbacks/sup_{from_vendor.account.hex}"

    async def call(body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        if way == "query":
            answer = await api.http.get(f"{url}?{body.decode()}")
        else:
            answer = await api.http.post(url, content=body, headers={"content-type": headers["content-type"]})
        return answer.status_code, answer.text

    # Forged, and permuted: the one is refused, the other no more than a hint.
    answers = [await call(one.body, one.headers) for one in [genuine, *others, genuine]]
    assert sorted(answers) == [(200, "success")] * (len(answers) - 1) + [(400, "forged")]
    # Nobody was believed: the order is as it was, and one look waits for all of them, besides the one by turn.
    assert [one.state for one in await attempts()] == ["accepted"]
    looks = await db.rows("SELECT unique_key FROM outbox WHERE name = 'fulfilment.look' AND state = 'ready'")
    assert sorted(row["unique_key"].split(":")[0] for row in looks) == ["look", "turn"]
    assert await db.value("SELECT count(*) FROM supplier_callback") == len({one.body for one in from_vendor.genuine})
    await drain()
    assert [one.state for one in await attempts()] == ["delivered"]
    assert await db.value("SELECT count(*) FROM supplier_callback WHERE sealed IS NOT NULL") == 0
    # Replayed when all is over, it changes nothing.
    before = await db.value("SELECT count(*) FROM outbox")
    assert await call(genuine.body, genuine.headers) == (200, "success")
    assert await db.value("SELECT count(*) FROM outbox") == before
    assert await breaches() == {}


async def test_a_callback_for_nobody_is_not_taken(api: Api, shop: Shop):
    missing = await api.http.post(f"/callbacks/sup_{'0' * 32}", content=b"sign=x")
    assert missing.status_code == 404
    assert (await api.http.get("/callbacks/sandbox_gateway")).status_code == 405
    assert local_id(Kind.SUPPLIER_ACCOUNT, f"sup_{'0' * 32}").int == 0
