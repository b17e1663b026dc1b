"""A supplier that somebody else wrote, from an empty folder outside the repository to a sold code; and after it is gone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx2

from tests.plugin.outside import Workshop, workshop
from tests.processes import GraphQL, Installation, installation, new_folder, production, real_servers
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
ORDERS = "{ me { orders { nodes { id state lines { entitlements { state } } } } } }"


def done(client: GraphQL, query: str, given: dict[str, Any]) -> dict[str, Any]:
    """A mutation's payload, which refuses nothing."""
    payload: dict[str, Any] = next(iter(client.ask(query, {"input": given}).values()))
    assert payload["errors"] == []
    return payload


def refusal(client: GraphQL, query: str, given: dict[str, Any]) -> str:
    """The code of the one error."""
    [error] = next(iter(client.ask(query, {"input": given}).values()))["errors"]
    return str(error["code"])


@contextmanager
def a_house(outside: Workshop) -> Iterator[Installation]:
    """Perkhub as it is installed outside, on servers of its own."""
    # This machine may be called in development alone, and the sandbox stands here.
    chosen = production(environment="development")
    command = outside.bin / "perkhub"
    with (
        real_servers(outside.folder, durable=False) as servers,
        installation(outside.folder, servers, chosen, command=command) as perkhub,
    ):
        yield perkhub


def test_a_strangers_plugin_sells_a_code_and_leaves_its_orders_explained():
    with new_folder("perkhub-outside") as folder:
        outside = workshop(folder)
        for command in ("perkhub plugin new supplier acme", "cd perkhub-acme && pip install ."):
            ran = outside.run(command)
            assert ran.returncode == 0, ran.stderr
        ensure_it_is_seen(outside)
        with a_house(outside) as perkhub:
            seeded, sold = sell_a_code(perkhub)
            perkhub.close()
            removed = outside.run("pip uninstall perkhub-acme")
            assert removed.returncode == 0, removed.stderr
            assert "acme" not in outside.run("perkhub plugins").stdout
            ensure_all_is_explained(perkhub, seeded, sold)


def ensure_it_is_seen(outside: Workshop) -> None:
    [row] = [line for line in outside.run("perkhub plugins").stdout.splitlines() if "acme" in line]
    assert "perkhub-acme: perkhub_acme" in row
    printed = outside.run("perkhub schema export").stdout
    members = printed.split("input SupplierSettingsInput @oneOf {")[1].split("\n}")[0]
    assert "acme: AcmeSettingsInput" in members
    own = printed.split("input AcmeSettingsInput {")[1].split("\n}")[0]
    assert ("apiKey: String!" in own, "baseUrl: String" in own) == (True, True)


def sell_a_code(perkhub: Installation) -> tuple[dict[str, Any], dict[str, Any]]:
    """Connected, tested, mapped, bought: by the web server and the worker, over HTTP, as anybody would. Who was there, and
    what was sold."""
    vendor = perkhub.sandbox("acme")
    web = perkhub.serve()
    seeded = perkhub.run_python("tests.faults.seed", {"codes": 0, "variants": 0, "customers": 1, "wallet": "100.00"})
    perkhub.worker()
    [variant], [buyer] = seeded["variants"], seeded["customers"]
    with web.graphql(seeded["staff"]) as staff, web.graphql(buyer["token"]) as customer:
        settings = {"acme": {"baseUrl": vendor["settings"]["base_url"], "apiKey": vendor["settings"]["api_key"]}}
        given = {"name": "Acme", "provenance": "RESELLER", "settings": settings}
        account = done(staff, CONNECT, given)["account"]
        assert (account["plugin"], account["retired"]) == ("acme", False)
        assert done(staff, TEST, {"accountId": account["id"]})["account"]["balance"]["currency"] == "CNY"
        goods = {"sku": "GIFT-10", "name": "Gift", "issuer": "Acme", "cost": "9.50", "currency": "CNY"}
        offer = done(staff, ADD, {"accountId": account["id"], **goods})["offer"]
        mapped = {"offerId": offer["id"], "expectedVersion": offer["version"], "variantId": variant}
        assert done(staff, MAP, mapped)["offer"]["active"]
        sold = bought(customer, variant)
        unit = sold["unit"]
        [booked] = httpx2.get(vendor["books_url"], trust_env=False).json()["sold"]
        assert [one["value"] for one in unit["credentials"]] == booked["secrets"][0]
        return seeded, sold


def bought(customer: GraphQL, variant: str) -> dict[str, Any]:
    """One, paid from the wallet, and shown as soon as it is there: the `order`, and the `unit`."""
    given = {"lines": [{"variantId": variant, "quantity": 1}], "pay": {"wallet": {}}, "waitSeconds": 5}
    order = done(customer, PLACE, {"idempotencyKey": uuid4().hex, **given})["order"]
    asked = {"entitlementId": order["lines"][0]["entitlements"][0]["id"]}
    for _ in range(PATIENCE):
        payload = next(iter(customer.ask(REVEAL, {"input": asked}).values()))
        if payload["revealed"] is not None:
            return {"order": order, "unit": payload["revealed"]}
        time.sleep(1)
    raise AssertionError(f"still not delivered: {payload['errors']}")


def ensure_all_is_explained(perkhub: Installation, seeded: dict[str, Any], sold: dict[str, Any]) -> None:
    """With the plugin gone: what was sold can be read, its account says why it buys nothing, and nobody buys by it."""
    web = perkhub.serve()
    [variant], [buyer] = seeded["variants"], seeded["customers"]
    with web.graphql(seeded["staff"]) as staff, web.graphql(buyer["token"]) as customer:
        told = staff.ask(ACCOUNTS)
        [account] = told["supplierAccounts"]["nodes"]
        assert (account["name"], account["plugin"], account["state"], account["retired"]) == ("Acme", "acme", "ACTIVE", True)
        assert "acme" not in {one["key"] for one in told["supplierPlugins"]}
        assert refusal(staff, TEST, {"accountId": account["id"]}) == "SUPPLIER_UNKNOWN"
        attempts = staff.ask(ATTEMPTS)["supplierOrders"]["nodes"]
        assert attempts == [{"state": "DELIVERED", "sku": "GIFT-10", "account": {"name": "Acme", "retired": True}}]
        [read] = customer.ask(ORDERS)["me"]["orders"]["nodes"]
        assert (read["id"], read["state"]) == (sold["order"]["id"], "PAID")
        assert [unit["state"] for unit in read["lines"][0]["entitlements"]] == ["REVEALED"]
        unit = sold["unit"]
        again = done(customer, REVEAL, {"entitlementId": unit["entitlement"]["id"]})["revealed"]
        assert again["credentials"] == unit["credentials"]
        wanted = {"lines": [{"variantId": variant, "quantity": 1}], "pay": {"wallet": {}}, "idempotencyKey": uuid4().hex}
        assert refusal(customer, PLACE, wanted) == "OUT_OF_STOCK"
    assert perkhub.audit()["clean"]
