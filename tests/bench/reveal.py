"""reveal: entitlementReveal of codes that were bought without being shown."""

import json
import math
from collections.abc import Sequence
from uuid import UUID

from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.plan import Outcome, Phase, Plan
from tests.bench.reading import Counted, ReadBackDisagrees, ask, confirm_audit, confirm_bought, confirm_shown
from tests.bench.result import Result, in_short
from tests.bench.seed import PARTY
from tests.bench.shop import BenchShop, bench_shop
from tests.processes import Web

NAME = "reveal"
READERS = 16
ROWS = 10_000
SECONDS = 20.0
VARIANTS = 10
UNITS_PER_ORDER = 10
WARM = 200
COUNTED = 50
FASTEST = 4000

BUY = """mutation Buy($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } errors { code message path } } }"""
REVEAL = """mutation Reveal($input: EntitlementRevealInput!) { entitlementReveal(input: $input) {
  revealed { entitlement { id masked } credentials { kind value } }
  errors { code message path } } }"""
BOUGHT = "SELECT id, party_id FROM entitlement WHERE state = 'issued' ORDER BY id"


def run(options: Options) -> Result:
    """First looks are the figure: a state moves, and a row of custody is written. Later looks stand beside it."""
    rows = options.rows or ROWS
    wanted = rows + WARM + COUNTED
    orders = math.ceil(wanted / UNITS_PER_ORDER)
    with bench_shop(codes=[math.ceil(orders / VARIANTS) * UNITS_PER_ORDER] * VARIANTS, wallets=orders) as shop:
        web = shop.perkhub.serve(count_statements="true")
        _buy(shop, web, orders)
        bought = _bought(shop)
        counted = _look(shop, web, bought[:COUNTED], [Phase("counted", 60, COUNTED)], first=True)[0]
        web.child.stop()
        web = shop.perkhub.serve()
        seconds = options.seconds or SECONDS
        first = [Phase("warm-up", 60, WARM), Phase("first", 3600, rows)]
        warm, measured = _look(shop, web, bought[COUNTED:wanted], first, first=True)
        again = Phase("again", seconds / 4, math.ceil(FASTEST * seconds / 4) if options.rows is None else rows)
        later = _look(shop, web, bought[COUNTED:wanted], [again], first=False)[0]
        peak, checked = web.peak_megabytes, confirm_audit(shop.perkhub)
        settings = {**shop.settings(), "readers": READERS, "wallets": orders, "worker": "none"}
    return Result.of(
        NAME,
        measured,
        statements=counted.statements,
        peak_mb=peak,
        settings=settings,
        most_statements=counted.most_statements,
        cold={"first_ms": warm.first_ms, "per_second": warm.per_second, "count": warm.count},
        looks_again=in_short(later),
        generator_cpu=measured.generator_cpu,
        audited_rows=checked,
    )


def _buy(shop: BenchShop, web: Web, orders: int) -> None:
    """Each wallet one order, not shown."""
    requests = []
    for number in range(orders):
        variant = shop.variants[number % len(shop.variants)]
        lines = [{"variantId": variant.global_id, "quantity": UNITS_PER_ORDER}]
        given = {"idempotencyKey": f"bought-{number}", "lines": lines, "pay": {"wallet": {}}}
        requests.append((number, json.dumps({"input": given})))
    before = Counted.of(shop.servers.database_url)
    phases = [Phase("buying", 600, orders)]
    drive(Plan(web.port, BUY, "orderPlace", READERS, phases, shop.tokens, requests))
    units = orders * UNITS_PER_ORDER
    confirm_bought(shop.servers.database_url, before, orders=orders, units=units, seen=0)


def _bought(shop: BenchShop) -> list[tuple[int, UUID]]:
    """What can be looked at, with its holder's number."""
    found = ask(shop.servers.database_url, BOUGHT)
    return [(int(str(row["party_id"]).removeprefix(PARTY), 16), row["id"]) for row in found]


def _look(shop: BenchShop, web: Web, bought: Sequence[tuple[int, UUID]], phases: list[Phase], *, first: bool) -> list[Outcome]:
    """Reveal in turn, beginning anew where there are more looks than benefits; then read the log of looks."""
    most = sum(phase.most for phase in phases)
    requests = []
    for number in range(most):
        holder, entitlement = bought[number % len(bought)]
        requests.append((holder, json.dumps({"input": {"entitlementId": f"ent_{entitlement.hex}"}})))
    before = Counted.of(shop.servers.database_url)
    outcomes = drive(Plan(web.port, REVEAL, "entitlementReveal", READERS, phases, shop.tokens, requests))
    grown = Counted.of(shop.servers.database_url).grown(before)
    looks = sum(outcome.count for outcome in outcomes)
    expected = {"seen_in_custody": looks, "seen": looks if first else 0, "orders": 0, "codes_sold": 0, "stock": 0}
    found = {name: grown[name] for name in expected}
    if found != expected:
        raise ReadBackDisagrees(f"{found}, not {expected}")
    confirm_shown(shop.servers.database_url, outcomes)
    return outcomes
