"""Acme, a supplier that somebody else wrote: connected, mapped, sold by; and what is left to read when it is gone."""

import time
from typing import Any
from uuid import uuid4

import httpx2

from tests.e2e.answers import done, members_of, refusal
from tests.processes import GraphQL
from tests.schema.orders.till import PLACE, REVEAL

CONNECT = """mutation ($input: SupplierConnectInput!) { supplierConnect(input: $input) {
    account { id plugin retired } errors { code message path } } }"""
TEST = """mutation ($input: SupplierAccountInput!) { supplierTest(input: $input) {
    account { balance { amount currency } } errors { code message path } } }"""
ADD = """mutation ($input: OfferCreateInput!) { offerCreate(input: $input) {
    offer { id version } errors { code message path } } }"""
MAP = """mutation ($input: OfferMapInput!) { offerMap(input: $input) {
    offer { active } errors { code message path } } }"""
PATIENCE = 120  # looks, a second apart
ACCOUNTS = "{ supplierAccounts { nodes { id name plugin state retired } } supplierPlugins { key } }"
ATTEMPTS = "{ supplierOrders { nodes { state sku account { name retired } } } }"


def ensure_seen(plugins: str, schema: str) -> None:
    """In `perkhub plugins`, and in the schema with its own settings."""
    [row] = [line for line in plugins.splitlines() if "acme" in line]
    assert "perkhub-acme: perkhub_acme" in row
    assert "acme: AcmeSettingsInput" in members_of(schema, "SupplierSettingsInput")
    own = members_of(schema, "AcmeSettingsInput")
    assert "apiKey: String!" in own
    assert any(line.startswith("baseUrl: String") for line in own)


def connect(staff: GraphQL, vendor: dict[str, Any], variant: str) -> None:
    """Connected, tested, and mapped to the variant."""
    settings = {"acme": {"baseUrl": vendor["settings"]["base_url"], "apiKey": vendor["settings"]["api_key"]}}
    given = {"name": "Acme", "provenance": "RESELLER", "settings": settings}
    account = done(staff, CONNECT, given)["account"]
    assert (account["plugin"], account["retired"]) == ("acme", False)
    assert done(staff, TEST, {"accountId": account["id"]})["account"]["balance"]["currency"] == "CNY"
    goods = {"sku": "GIFT-10", "name": "Gift", "issuer": "Acme", "cost": "9.50", "currency": "CNY"}
    offer = done(staff, ADD, {"accountId": account["id"], **goods})["offer"]
    mapped = {"offerId": offer["id"], "expectedVersion": offer["version"], "variantId": variant}
    assert done(staff, MAP, mapped)["offer"]["active"]


def bought(customer: GraphQL, line: dict[str, Any]) -> dict[str, Any]:
    """One, paid from the wallet, and shown as soon as it is there: the `order`, and the `unit`."""
    given = {"lines": [{**line, "quantity": 1}], "pay": {"wallet": {}}, "waitSeconds": 5}
    order = done(customer, PLACE, {"idempotencyKey": uuid4().hex, **given})["order"]
    asked = {"entitlementId": order["lines"][0]["entitlements"][0]["id"]}
    for _ in range(PATIENCE):
        payload = next(iter(customer.ask(REVEAL, {"input": asked}).values()))
        if payload["revealed"] is not None:
            return {"order": order, "unit": payload["revealed"]}
        time.sleep(1)
    raise AssertionError(f"still not delivered: {payload['errors']}")


def ensure_booked(vendor: dict[str, Any], *sold: dict[str, Any]) -> None:
    """The vendor sold these codes, and no others."""
    booked = httpx2.get(vendor["books_url"], trust_env=False).json()["sold"]
    assert [one["secrets"][0] for one in booked] == [[two["value"] for two in one["unit"]["credentials"]] for one in sold]


def ensure_explained(staff: GraphQL, customer: GraphQL, variant: str) -> None:
    """Its account says why it buys nothing, and nobody buys by it."""
    told = staff.ask(ACCOUNTS)
    [account] = told["supplierAccounts"]["nodes"]
    assert (account["name"], account["plugin"], account["state"], account["retired"]) == ("Acme", "acme", "ACTIVE", True)
    assert "acme" not in {one["key"] for one in told["supplierPlugins"]}
    assert refusal(staff, TEST, {"accountId": account["id"]}) == "SUPPLIER_UNKNOWN"
    attempts = staff.ask(ATTEMPTS)["supplierOrders"]["nodes"]
    assert attempts == [{"state": "DELIVERED", "sku": "GIFT-10", "account": {"name": "Acme", "retired": True}}] * 2
    wanted = {"lines": [{"variantId": variant, "quantity": 1}], "pay": {"wallet": {}}, "idempotencyKey": uuid4().hex}
    assert refusal(customer, PLACE, wanted) == "OUT_OF_STOCK"
