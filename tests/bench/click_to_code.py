"""click-to-code: orderPlace with wallet payment, a code from the pool, and its reveal, in one mutation."""

import json
import math
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import uuid4

from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.pgbench import Bare, bare_orders
from tests.bench.plan import Outcome, Phase, Plan
from tests.bench.reading import Counted, confirm_audit, confirm_bought, confirm_shown
from tests.bench.result import Result, Told, in_short
from tests.bench.seed import PARTY, party_id
from tests.bench.shop import BenchShop, Variant, analyse, bench_shop
from tests.processes import Web
from tests.processes.memory import resident_megabytes

NAME = "click-to-code"
BUYERS = 16
WALLETS = 10_000
VARIANTS = 50
SECONDS = 20.0
WARM_SECONDS = 5.0
# The variants of the bench and pgbench run shorter than the figure itself.
SHORT = 0.25
COLD = 100
COUNTED = 50
# More than any two cores do; a phase ends early where it is not.
FASTEST = 2500
LEAST_STOCKED = 1500
MARKS = (10_000, 50_000, 100_000)

BUY = """mutation Buy($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id number state total { amount currency } }
  revealed { entitlement { id masked } credentials { kind value } }
  errors { code message path } } }"""


def run(options: Options) -> Result:
    """The figure, its variants, its ratio to pgbench; everything read back before any of it is told."""
    wallets, variants = options.wallets or WALLETS, options.variants or VARIANTS
    phases = phases_of(options)
    wanted = sum(phase.most for phase in phases)
    with bench_shop(codes=[math.ceil(wanted / variants) + 1] * variants, wallets=wallets) as shop:
        web = shop.perkhub.serve()
        resident: dict[str, float] = {"at start": resident_megabytes(web.serving_pid)}
        spent = web.cpu_seconds
        cold, warm, measured = _drive(shop, web, phases, resident, wallets=wallets)
        spent, peak = web.cpu_seconds - spent, web.peak_megabytes
        beside: Told = {}
        if wallets > 1 and variants > 1:
            beside = beside_it(shop, web, measured, options, wallets=wallets)
        web.child.stop()
        statements = count_statements(shop, wallets=wallets)
        checked = confirm_audit(shop.perkhub)
        bare = against_pgbench(shop, measured, options, wallets=wallets)
        settings = {**shop.settings(), "buyers": BUYERS, "wallets": wallets, "variants": variants, "worker": "none"}
    return Result.of(
        NAME,
        measured,
        statements=statements.statements,
        peak_mb=peak,
        settings=settings,
        most_statements=statements.most_statements,
        cold={"first_ms": cold.first_ms, "per_second": cold.per_second, "count": cold.count},
        warm_up={"per_second": warm.per_second, "count": warm.count},
        slowest_ms=measured.most_ms,
        resident_mb=resident,
        **beside,
        pgbench={"per_second": bare.per_second, "mean_ms": bare.mean_ms, "statements": bare.statements},
        ratio_to_pgbench=measured.per_second / bare.per_second,
        web_cpu_ms=spent * 1000 / max(1, cold.count + warm.count + measured.count),
        generator_cpu=measured.generator_cpu,
        audited_rows=checked,
    )


def phases_of(options: Options) -> list[Phase]:
    """Cold, warm-up, measured. Rows make the measured part so many orders, however long it takes."""
    seconds = options.seconds or SECONDS
    if options.rows:
        few = min(COLD, options.rows)
        return [
            Phase("cold", 60, few),
            Phase("warm-up", WARM_SECONDS, min(20 * few, options.rows)),
            Phase("measured", 3600, options.rows),
        ]
    warm = min(WARM_SECONDS, seconds)
    return [
        Phase("cold", 60, COLD),
        Phase("warm-up", warm, int(warm * FASTEST)),
        Phase("measured", seconds, int(seconds * FASTEST)),
    ]


def plan_of(shop: BenchShop, port: int, phases: Sequence[Phase], *, wallets: int, variants: Sequence[Variant]) -> Plan:
    """All variants are bought equally often, so that the stock is known to suffice; the buyer of each is drawn by lot."""
    drawn, run = Random(len(shop.tokens)), uuid4().hex[:12]
    requests = []
    for number in range(sum(phase.most for phase in phases)):
        variant = variants[number % len(variants)]
        requests.append((drawn.randrange(wallets), json.dumps({"input": purchase(f"{run}-{number}", variant)})))
    return Plan(port, BUY, "orderPlace", BUYERS, list(phases), shop.tokens, requests, list(MARKS))


def purchase(key: str, variant: Variant) -> dict[str, Any]:
    """One unit, paid from the wallet, shown at once."""
    lines = [{"variantId": variant.global_id, "quantity": 1}]
    return {"idempotencyKey": key, "lines": lines, "pay": {"wallet": {}}, "reveal": True}


def _drive(
    shop: BenchShop,
    web: Web,
    phases: Sequence[Phase],
    resident: dict[str, float],
    *,
    wallets: int,
    variants: Sequence[Variant] | None = None,
) -> list[Outcome]:
    """Load, then what the database says of it."""

    def look(mark: int) -> None:
        resident[f"after {mark}"] = resident_megabytes(web.serving_pid)

    before = Counted.of(shop.servers.database_url)
    plan = plan_of(shop, web.port, phases, wallets=wallets, variants=variants or shop.variants)
    outcomes = drive(plan, at_mark=look)
    bought = sum(outcome.count for outcome in outcomes)
    confirm_bought(shop.servers.database_url, before, orders=bought, units=bought, seen=bought)
    confirm_shown(shop.servers.database_url, outcomes)
    resident["at end"] = resident_megabytes(web.serving_pid)
    return outcomes


def beside_it(shop: BenchShop, web: Web, measured: Outcome, options: Options, *, wallets: int) -> Told:
    """All buyers on one wallet, and all on one variant: each waits for one row."""
    seconds, most = shorter(measured, options)
    hot = shop.variants[0]
    shop.restock({variant: math.ceil(most / len(shop.variants)) + (most if variant is hot else 1) for variant in shop.variants})
    analyse(shop)
    phase = [Phase("beside", seconds, most)]
    one_wallet = _drive(shop, web, phase, {}, wallets=1)[0]
    one_variant = _drive(shop, web, phase, {}, wallets=wallets, variants=[hot])[0]
    return {"one_wallet": in_short(one_wallet), "one_variant": in_short(one_variant)}


def shorter(measured: Outcome, options: Options) -> tuple[float, int]:
    """Seconds and orders of a shorter run beside the measured one."""
    seconds = max(1.0, (options.seconds or SECONDS) * SHORT)
    most = math.ceil(measured.per_second * 1.5 * seconds) + COLD
    return seconds, min(most, options.rows) if options.rows else most


def count_statements(shop: BenchShop, *, wallets: int) -> Outcome:
    """Statements of one request, from a short run of their own: counting costs."""
    shop.restock({shop.variants[0]: COLD + COUNTED})
    web = shop.perkhub.serve(count_statements="true")
    phases = [Phase("warm-up", 60, COLD), Phase("counted", 60, COUNTED)]
    counted = _drive(shop, web, phases, {}, wallets=wallets, variants=shop.variants[:1])[1]
    web.child.stop()
    return counted


def against_pgbench(shop: BenchShop, measured: Outcome, options: Options, *, wallets: int) -> Bare:
    """After all else is read back: what pgbench writes is no order that anybody placed."""
    seconds, _ = shorter(measured, options)
    # Four times our own rate, and a third more of each variant, for pgbench draws them by lot.
    wanted = max(measured.per_second * 4, LEAST_STOCKED) * (seconds + 1)
    codes = math.ceil(wanted / len(shop.variants) * 1.3)
    shop.restock(dict.fromkeys(shop.variants, codes))
    analyse(shop)
    orders = []
    for number in range(13):
        wallet, variant = number % wallets, shop.variants[0]
        order = {
            "token": shop.tokens[wallet],
            "party": str(party_id(wallet)),
            "variant": variant.id,
            "listing": variant.listing_id,
        }
        orders.append({**order, "variables": {"input": purchase(f"recorded-{number}", variant)}})
    choice = {
        "wallets": wallets,
        "party": PARTY,
        "variants": [variant.id for variant in shop.variants],
        "listings": [variant.listing_id for variant in shop.variants],
    }
    made = shop.perkhub.run_python("tests.bench.recording", {"query": BUY, "orders": orders, "shop": choice})
    return bare_orders(shop.servers, made["script"], clients=BUYERS, seconds=math.ceil(seconds))
