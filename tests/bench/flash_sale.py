"""flash-sale: a crowd at 128 connections on one campaign. Held, to be paid later; placed, paid and shown in one go; turned
away once nothing is left; and 1,000 attempts at 64 connections on 200 units, of which exactly 200 may succeed."""

import json
import math
from random import Random
from typing import Any
from uuid import uuid4

from tests.bench.click_to_code import BUY, COLD, COUNTED
from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.pgbench import bare_hot_row
from tests.bench.plan import Outcome, Phase, Plan
from tests.bench.reading import ReadBackDisagrees, ask, confirm_audit
from tests.bench.result import Result, Told, in_short
from tests.bench.shop import BenchShop, Sale, analyse, bench_shop
from tests.processes import Web

NAME = "flash-sale"
CONNECTIONS = 128
WALLETS = 100_000
UNITS = 20_000
SECONDS = 10.0
# More than any two cores do.
FASTEST_REFUSALS = 12_000
FEW_UNITS, FEW_ATTEMPTS, FEW_CONNECTIONS = 200, 1000, 64
UNITS_EACH = 1000

HOLD = """mutation Hold($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id number state expiresAt total { amount currency } } errors { code message path } } }"""
SOLD_OUT = "CAMPAIGN_SOLD_OUT"
SOLD = """SELECT coalesce(sum(ol.quantity), 0)::int FROM order_line ol JOIN orders o ON o.id = ol.order_id
          WHERE ol.variant_id = $1 AND o.in_campaigns AND o.state IN ('placed', 'paid')"""
COUNTED_IN_SALE = "SELECT coalesce(max(value), 0)::int FROM campaign_counter WHERE campaign_id = $1 AND name = 'sold'"


def run(options: Options) -> Result:
    """Holds are the figure; all else stands beside it. Everything is read back before any of it is told."""
    seconds = options.seconds or SECONDS
    wallets = options.wallets or WALLETS
    units = options.rows or UNITS
    with bench_shop(wallets=wallets) as shop:
        enough = units + COLD + COUNTED
        shop.seed(sales=[[enough, enough, UNITS_EACH]] * 2 + [[FEW_UNITS + 50, FEW_UNITS, 1]])
        analyse(shop)
        held, bought, few = shop.sales
        web = shop.perkhub.serve(**UNCAPPED)
        spent = [web.cpu_seconds]
        hold = _drive(shop, web, held, HOLD, phases(seconds, units), wallets=wallets)
        spent.append(web.cpu_seconds)
        buy = _drive(shop, web, bought, BUY, phases(seconds, units), wallets=wallets)
        spent.append(web.cpu_seconds)
        crowd = _drive(shop, web, few, HOLD, [Phase("crowd", 60, FEW_ATTEMPTS)], wallets=wallets, at=FEW_CONNECTIONS)
        spent.append(web.cpu_seconds)
        late = [Phase("late", seconds, options.rows or int(seconds * FASTEST_REFUSALS))]
        refused = _drive(shop, web, few, HOLD, late, wallets=wallets)
        spent.append(web.cpu_seconds)
        peak = web.peak_megabytes
        web.child.stop()
        counted = count_statements(shop, held, wallets=wallets)
        oversold = {one.campaign_id: sold_too_many(shop, one) for one in shop.sales}
        checked = confirm_audit(shop.perkhub)
        bare = bare_hot_row(shop.servers, clients=16, seconds=max(1, math.ceil(seconds / 4)))
        settings = {**shop.settings(), "connections": CONNECTIONS, "units": units, "wallets": wallets, "worker": "none"}
    return Result.of(
        NAME,
        hold[-1],
        statements=counted.statements,
        peak_mb=peak,
        settings=settings,
        **beside(buy[-1], crowd[0], refused[-1]),
        oversold=sum(oversold.values()),
        hot_row_per_second=bare,
        ratio_to_hot_row=hold[-1].per_second / bare,
        web_cpu_ms=(spent[1] - spent[0]) * 1000 / max(1, sum(one.count for one in hold)),
        purchase_cpu_ms=(spent[2] - spent[1]) * 1000 / max(1, sum(one.count for one in buy)),
        refusal_cpu_ms=(spent[4] - spent[3]) * 1000 / max(1, refused[-1].count),
        audited_rows=checked,
    )


# Each of the crowd has more unpaid orders than a shop would let anybody have: the cap would be measured instead.
UNCAPPED = {"unpaid_orders_per_buyer": "1000"}


def beside(buy: Outcome, crowd: Outcome, refused: Outcome) -> Told:
    """What is not the figure itself."""
    return {
        "purchases_per_second": buy.per_second,
        "purchases": in_short(buy),
        "refusals_per_second": refused.refused / refused.seconds if refused.seconds else 0.0,
        "refusals": {**in_short(refused), "refused": refused.refused},
        "crowd": {**in_short(crowd), "refused": crowd.refused, "sold": crowd.count - crowd.refused},
    }


def phases(seconds: float, many: int) -> list[Phase]:
    """The first of a process are not measured; all is over once everything is sold."""
    return [Phase("warm-up", 60, COLD), Phase("measured", seconds, many)]


def _drive(
    shop: BenchShop, web: Web, sale: Sale, query: str, wanted: list[Phase], *, wallets: int, at: int = CONNECTIONS
) -> list[Outcome]:
    """Load, then what the database says of it."""
    drawn, run = Random(wallets), uuid4().hex[:12]
    shown = query is BUY
    requests = [
        (drawn.randrange(wallets), json.dumps({"input": wish(f"{run}-{number}", sale, shown=shown)}))
        for number in range(sum(phase.most for phase in wanted))
    ]
    before = ask(shop.servers.database_url, SOLD, sale.id)[0][0]
    plan = Plan(web.port, query, "orderPlace", at, wanted, shop.tokens, requests, refusals=[SOLD_OUT, "CAMPAIGN_LIMIT_REACHED"])
    outcomes = drive(plan)
    answered = sum(one.count - one.refused for one in outcomes)
    grown = ask(shop.servers.database_url, SOLD, sale.id)[0][0] - before
    if grown != answered:
        raise ReadBackDisagrees(f"{answered} were sold by their answers, {grown} by the database")
    return outcomes


def wish(key: str, sale: Sale, *, shown: bool) -> dict[str, Any]:
    """One unit in the campaign; paid and shown at once, or held."""
    part = {"flashSale": {"campaignId": sale.campaign_global_id}}
    lines = [{"variantId": sale.global_id, "quantity": 1, "campaign": part}]
    paid = {"pay": {"wallet": {}}, "reveal": True} if shown else {}
    return {"idempotencyKey": key, "lines": lines, **paid}


def sold_too_many(shop: BenchShop, sale: Sale) -> int:
    """Units beyond the quantity, by the orders and by the counter: the larger of the two."""
    sold = ask(shop.servers.database_url, SOLD, sale.id)[0][0]
    counted = ask(shop.servers.database_url, COUNTED_IN_SALE, sale.campaign_id)[0][0]
    if sold != counted:
        raise ReadBackDisagrees(f"{sold} were ordered, {counted} counted")
    quantity = ask(shop.servers.database_url, "SELECT (config->>'quantity')::int FROM campaign WHERE id = $1", sale.campaign_id)
    return max(0, int(sold) - int(quantity[0][0]))


def count_statements(shop: BenchShop, sale: Sale, *, wallets: int) -> Outcome:
    """Statements of one hold, from a short run of their own: counting costs."""
    web = shop.perkhub.serve(count_statements="true", **UNCAPPED)
    wanted = [Phase("counted", 60, COUNTED)]
    counted = _drive(shop, web, sale, HOLD, wanted, wallets=wallets, at=1)[0]
    web.child.stop()
    return counted
