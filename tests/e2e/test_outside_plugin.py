"""A supplier and a mechanic that somebody else wrote, from an empty folder outside the repository to a code sold by both; and
after they are gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e import stranger_mechanic, stranger_supplier
from tests.e2e.answers import done
from tests.e2e.stranger_supplier import bought
from tests.plugin.outside import Workshop, workshop
from tests.processes import Installation, installation, new_folder, production, real_servers
from tests.schema.orders.till import REVEAL

STRANGERS = {"supplier acme": "perkhub-acme", "mechanic lucky_wheel": "perkhub-lucky-wheel"}
ORDERS = "{ me { orders { nodes { id state lines { entitlements { state } } } } } }"


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


def test_strangers_plugins_sell_a_code_and_leave_their_orders_explained():
    with new_folder("perkhub-outside") as folder:
        outside = workshop(folder)
        made = [f"perkhub plugin new {what}" for what in STRANGERS]
        succeed(outside, " && ".join([*made, f"pip install ./{' ./'.join(STRANGERS.values())}"]))
        plugins, schema = succeed(outside, "perkhub plugins"), succeed(outside, "perkhub schema export")
        stranger_supplier.ensure_seen(plugins, schema)
        stranger_mechanic.ensure_seen(plugins, schema)
        with a_house(outside) as perkhub:
            seeded, plain, wheel = sell_codes(perkhub)
            perkhub.close()
            succeed(outside, " && ".join(f"pip uninstall {name}" for name in STRANGERS.values()))
            ensure_all_is_explained(perkhub, seeded, plain, wheel)


def succeed(outside: Workshop, command: str) -> str:
    """What the command says."""
    ran = outside.run(command)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def sell_codes(perkhub: Installation) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """By the web server and the worker, over HTTP, as anybody would: one at the price of the list, one at that of the wheel.
    Who was there, and what was sold."""
    vendor = perkhub.sandbox("acme")
    web = perkhub.serve()
    seeded = perkhub.run_python("tests.faults.seed", {"codes": 0, "variants": 0, "customers": 1, "wallet": "100.00"})
    perkhub.worker()
    [variant], [buyer] = seeded["variants"], seeded["customers"]
    with web.graphql(seeded["staff"]) as staff, web.graphql(buyer["token"]) as customer:
        stranger_supplier.connect(staff, vendor, variant)
        campaign = stranger_mechanic.campaign_of(staff, variant)
        plain = bought(customer, {"variantId": variant})
        wheel = bought(customer, stranger_mechanic.taking_part(variant, campaign))
        assert [one["order"]["total"]["amount"] for one in (plain, wheel)] == ["1.01", "0.81"]
        stranger_mechanic.ensure_it_counts(staff, customer, variant, campaign)
        stranger_supplier.ensure_booked(vendor, plain, wheel)
        return seeded, plain, wheel


def ensure_all_is_explained(perkhub: Installation, seeded: dict[str, Any], *sold: dict[str, Any]) -> None:
    """With the plugins gone: what was sold can be read, and what it was sold by says why it sells no more."""
    web = perkhub.serve()
    [variant], [buyer] = seeded["variants"], seeded["customers"]
    with web.graphql(seeded["staff"]) as staff, web.graphql(buyer["token"]) as customer:
        stranger_supplier.ensure_explained(staff, customer, variant)
        stranger_mechanic.ensure_explained(staff, customer, sold[-1], variant)
        read = {one["id"]: one for one in customer.ask(ORDERS)["me"]["orders"]["nodes"]}
        assert read.keys() == {one["order"]["id"] for one in sold}
        for one in sold:
            order, unit = read[one["order"]["id"]], one["unit"]
            assert (order["state"], order["lines"][0]["entitlements"]) == ("PAID", [{"state": "REVEALED"}])
            again = done(customer, REVEAL, {"entitlementId": unit["entitlement"]["id"]})["revealed"]
            assert again["credentials"] == unit["credentials"]
    assert perkhub.audit()["clean"]
