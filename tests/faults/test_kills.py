"""A shop under load whose processes are killed at random moments: nobody loses a cent or a code, and nobody is lied to.

`PERKHUB_SOAK_KILLS` says how many kills, `PERKHUB_SOAK_SEED` which; the seed is printed.
"""

import os
import secrets
import time
from collections import Counter
from random import Random

import pytest

from tests.faults import compare
from tests.faults.crowd import Crowd
from tests.faults.house import House, running_house, seeded
from tests.faults.kills import Killer
from tests.faults.settle import ask, settle
from tests.faults.summary import say, summary

KILLS = int(os.environ.get("PERKHUB_SOAK_KILLS", "100"))
BUYERS = 12
SETTINGS = {
    "unpaid_order_minutes": "1",
    "unpaid_orders_per_buyer": "20",
    "unpaid_orders_per_device": "40",
    "access_token_seconds": "3600",
    # A dozen buyers behind one address are one client; what keeps one client from flooding a shop is tested elsewhere.
    "requests_per_minute": "10000000",
    "reveals_per_minute": "100000",
}


@pytest.mark.soak
def test_nobody_loses_a_cent_or_a_code() -> None:
    seed = int(os.environ.get("PERKHUB_SOAK_SEED") or secrets.randbelow(10**6))
    say(f"\nseed {seed}, {KILLS} kills")
    with running_house(SETTINGS) as house:
        made = seeded(house, variants=5, codes=2500, customers=BUYERS, wallet="20000.00")
        house.keep_alive()
        house.await_ready()
        with Crowd(house.url, made, house.gateway.line["faults_url"], seed) as crowd:
            begun = time.monotonic()
            killed = kill_all(house, crowd, seed)
            took = time.monotonic() - begun
            settled = let_settle(house, crowd)
            times = {"kills_took_s": round(took), "per_kill_s": round(took / KILLS, 2), "settled_after_s": round(settled)}
            say(summary(crowd, house.servers.database_url, killed, **times))
            disagreements = compared(house, crowd)
        assert disagreements == []
        assert sum(killed.values()) >= KILLS
        # A run in which hardly anybody bought anything proves nothing.
        assert sum(len(buyer.told.orders) for buyer in crowd.buyers) > KILLS


def kill_all(house: House, crowd: Crowd, seed: int) -> Counter[str]:
    """Kill as often as was asked for, under load."""
    killer, done = Killer(house, Random(f"{seed} killer")), 0
    while done < KILLS:
        before = done // 50
        done += killer.kill_once()
        crowd.ensure_content()
        if done // 50 > before:
            say(f"  {done} kills, {crowd.troubles.answers} answers, {crowd.troubles.retries} retries")
    return killer.killed


def let_settle(house: House, crowd: Crowd) -> float:
    """No more kills and no more faults: everything that was begun ends. How long that took."""
    begun = time.monotonic()
    house.await_ready()
    crowd.leave()
    house.gateway.no_faults()
    settle(house.servers.database_url)
    crowd.settle_reviews()
    settle(house.servers.database_url)
    crowd.look_at_imports()
    crowd.read_everything()
    return time.monotonic() - begun


def compared(house: House, crowd: Crowd) -> list[str]:
    """Everything that disagrees with anything."""
    url, told = house.servers.database_url, [buyer.told for buyer in crowd.buyers]
    imports = crowd.importer.imports.values()
    asked = {
        "units": [str(compare.local(unit)) for client in told for unit in client.shown],
        "lots": [str(compare.local(one.lot)) for one in imports if one.lot],
    }
    vault = house.perkhub.run_python("tests.faults.vault_truth", asked)
    audit = house.perkhub.audit()
    return [
        *compare.read_back(told, crowd.orders_read),
        *compare.orders(url, told),
        *compare.keys(url, told),
        *compare.codes(url, told, vault["units"]),
        *compare.wallets(url, told, crowd.wallets_read, crowd.importer.into_wallet),
        *compare.gateway(url, told, house.gateway.callbacks_are_done()),
        *compare.imports(url, imports, vault["lots"]),
        *(f"audit: {one}" for one in audit["checks"] if one["broken"]),
        *(f"dead job: {dict(row)}" for row in ask(url, "SELECT name, attempts, last_error FROM outbox WHERE state = 'dead'")),
        *custody(house),
    ]


def custody(house: House) -> list[str]:
    """The custody log's export holds, checked offline."""
    export = house.folder / "custody.jsonl"
    exported = house.perkhub.run("vault", "export-custody", str(export))
    verified = house.perkhub.run("verify-custody", str(export))
    if exported.returncode or verified.returncode or not export.stat().st_size:
        return [f"custody: {exported.stderr[-500:]} {verified.stdout[-500:]} {verified.stderr[-500:]}"]
    return []
