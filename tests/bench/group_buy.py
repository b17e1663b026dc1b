"""group-buy: paid joins at 64 connections over 1,000 groups of three, all open at once; then what a worker makes of the full
ones. Every group has exactly its three, by the database, before any figure is told."""

import json
from random import Random
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.plan import Outcome, Phase, Plan
from tests.bench.reading import ReadBackDisagrees, ask, confirm_audit
from tests.bench.result import Result, in_short
from tests.bench.shop import BenchShop, Sale, analyse, bench_shop
from tests.processes import Web

NAME = "group-buy"
CONNECTIONS = 64
GROUPS = 1000
SEATS = 3
WARM_GROUPS = 50
SECONDS = 60.0
SETTLE_WITHIN = 120.0

BUY = """mutation Join($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id state lines { circle { id state joined placesLeft } } } errors { code message path } } }"""
OPENED = "SELECT id::text FROM circle WHERE campaign_id = $1 ORDER BY id"
PLACES = """SELECT count(*)::int, coalesce(sum(paid), 0)::int, coalesce(max(paid), 0)::int,
            count(*) FILTER (WHERE state IN ('full', 'settled'))::int FROM circle WHERE campaign_id = $1"""
UNSETTLED = "SELECT count(*)::int FROM circle WHERE state = 'full'"
ISSUED = "SELECT count(*)::int FROM entitlement WHERE state = 'issued'"


def run(options: Options) -> Result:
    """Joins are the figure; opening and delivering stand beside it."""
    groups, seconds = options.rows or GROUPS, options.seconds or SECONDS
    warm = min(WARM_GROUPS, groups)
    many = groups + warm
    with bench_shop(wallets=many * SEATS) as shop:
        shop.seed(groups=[[many * SEATS, SEATS]])
        analyse(shop)
        [sold] = shop.sales
        web = shop.perkhub.serve()
        opened = _drive(shop, web, sold, list(range(many)), [None] * many, [Phase("open", seconds, many)])[0]
        circles = [row[0] for row in ask(shop.servers.database_url, OPENED, sold.campaign_id)]
        analyse(shop)
        joiners = list(range(many, many + len(circles) * (SEATS - 1)))
        wanted = _mixed(circles[:warm]) + _mixed(circles[warm:])
        phases = [Phase("warm-up", 60, warm * (SEATS - 1)), Phase("measured", seconds, len(wanted))]
        spent = web.cpu_seconds
        joined = _drive(shop, web, sold, joiners, wanted, phases)[-1]
        spent, peak = web.cpu_seconds - spent, web.peak_megabytes
        web.child.stop()
        full, settled_in = _settle(shop, sold)
        checked = confirm_audit(shop.perkhub)
        settings = {**shop.settings(), "connections": CONNECTIONS, "groups": groups, "seats": SEATS, "worker": "none"}
    return Result.of(
        NAME,
        joined,
        statements=None,
        peak_mb=peak,
        settings=settings,
        opened=in_short(opened),
        full=full,
        delivered_per_second=full * SEATS / settled_in if settled_in else 0.0,
        web_cpu_ms=spent * 1000 / max(1, len(wanted)),
        audited_rows=checked,
    )


def _mixed(circles: list[str]) -> list[str | None]:
    """Each group as often as it has places to be joined, in no order."""
    wanted: list[str | None] = [circle for circle in circles for _ in range(SEATS - 1)]
    Random(len(circles)).shuffle(wanted)
    return wanted


def _drive(
    shop: BenchShop, web: Web, sold: Sale, buyers: list[int], circles: list[str | None], phases: list[Phase]
) -> list[Outcome]:
    """Load, then what the database says of it."""
    run = uuid4().hex[:12]
    requests = [
        (buyer, json.dumps({"input": wish(f"{run}-{buyer}", sold, circle)}))
        for buyer, circle in zip(buyers, circles, strict=True)
    ]
    before = ask(shop.servers.database_url, PLACES, sold.campaign_id)[0][1]
    outcomes = drive(Plan(web.port, BUY, "orderPlace", CONNECTIONS, phases, shop.tokens, requests))
    _, paid, most, _ = ask(shop.servers.database_url, PLACES, sold.campaign_id)[0]
    answered = sum(one.count for one in outcomes)
    if paid - before != answered or most > SEATS:
        raise ReadBackDisagrees(f"{answered} joined by their answers, {paid - before} by the database; {most} in one group")
    return outcomes


def wish(key: str, sold: Sale, circle: str | None) -> dict[str, Any]:
    """One unit in a group, paid from the wallet."""
    group = {} if circle is None else {"group": f"cir_{circle.replace('-', '')}"}
    part = {"groupBuy": {"campaignId": sold.campaign_global_id, **group}}
    return {
        "idempotencyKey": key,
        "lines": [{"variantId": sold.global_id, "quantity": 1, "campaign": part}],
        "pay": {"wallet": {}},
    }


def _settle(shop: BenchShop, sold: Sale) -> tuple[int, float]:
    """How many groups were full, and how long a worker took to deliver them, its start included."""
    full = int(ask(shop.servers.database_url, PLACES, sold.campaign_id)[0][3])
    begun = monotonic()
    worker = shop.perkhub.worker(ready=False)
    while ask(shop.servers.database_url, UNSETTLED)[0][0]:
        if monotonic() - begun > SETTLE_WITHIN:
            raise ReadBackDisagrees("a worker does not deliver all full groups")
        sleep(0.05)
    seconds = monotonic() - begun
    worker.stop()
    issued = ask(shop.servers.database_url, ISSUED)[0][0]
    if issued != full * SEATS:
        raise ReadBackDisagrees(f"{full} groups were full, and {issued} units delivered")
    return full, seconds
