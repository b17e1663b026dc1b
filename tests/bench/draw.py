"""draw: boxes bought and paid at 64 connections, each drawn in the transaction that pays for it; and the draw itself, without
the purchase around it. Every draw is exported and verified offline before any figure is told."""

import json
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.plan import Outcome, Phase, Plan
from tests.bench.reading import ReadBackDisagrees, ask, confirm_audit
from tests.bench.result import Result
from tests.bench.shop import BenchShop, Sale, analyse, bench_shop
from tests.processes import ProcessFailed, Web

NAME = "draw"
CONNECTIONS = 64
WALLETS = 2000
SECONDS = 10.0
FASTEST = 1000  # a second: more than any two cores do
COLD = 200
ALONE = 5000
BOXES_EACH = 10_000

BUY = """mutation Open($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id state lines { draws { given nonce pity variant { id } } } } errors { code message path } } }"""
READ_BACK = """
    SELECT (SELECT count(*) FROM draw WHERE campaign_id = $1)::int AS draws,
           (SELECT count(*) FROM orders WHERE state = 'paid')::int AS orders,
           (SELECT count(*) FROM entitlement WHERE state = 'issued')::int AS issued,
           (SELECT coalesce(max(value), 0) FROM campaign_counter WHERE campaign_id = $1 AND name = 'sold')::int AS sold
"""


def run(options: Options) -> Result:
    """Boxes are the figure; the draw's own cost stands beside it."""
    seconds, wallets = options.seconds or SECONDS, options.wallets or WALLETS
    most = options.rows or int(seconds * FASTEST)
    alone = min(ALONE, options.rows or ALONE)
    with bench_shop(wallets=wallets) as shop:
        shop.seed(boxes=[[most + COLD, BOXES_EACH]])
        analyse(shop)
        [box] = shop.sales
        web = shop.perkhub.serve()
        spent = web.cpu_seconds
        bought = _drive(shop, web, box, [Phase("warm-up", 60, COLD), Phase("measured", seconds, most)], wallets)
        spent, peak = web.cpu_seconds - spent, web.peak_megabytes
        web.child.stop()
        checked = confirm_audit(shop.perkhub)
        opened = sum(one.count for one in bought)
        _verify(shop, box.campaign_id, opened, hidden=opened)
        draws = shop.perkhub.run_python("tests.bench.drawing", alone)
        _verify(shop, draws["campaign_id"], draws["draws"], hidden=0)
        settings = {**shop.settings(), "connections": CONNECTIONS, "wallets": wallets, "worker": "none"}
    return Result.of(
        NAME,
        bought[-1],
        statements=None,
        peak_mb=peak,
        settings=settings,
        draw_ms=draws["mean_ms"],
        draw_p50_ms=draws["p50_ms"],
        draw_p99_ms=draws["p99_ms"],
        draws_per_second=draws["per_second"],
        draws_verified=opened + draws["draws"],
        web_cpu_ms=spent * 1000 / max(1, opened),
        audited_rows=checked,
    )


def _drive(shop: BenchShop, web: Web, box: Sale, phases: list[Phase], wallets: int) -> list[Outcome]:
    """Load, then what the database says of it: a draw, a unit and a counted box for each answer."""
    drawn, run = Random(wallets), uuid4().hex[:12]
    many = sum(phase.most for phase in phases)
    requests = [(drawn.randrange(wallets), json.dumps({"input": wish(f"{run}-{one}", box)})) for one in range(many)]
    outcomes = drive(Plan(web.port, BUY, "orderPlace", CONNECTIONS, phases, shop.tokens, requests))
    found = dict(ask(shop.servers.database_url, READ_BACK, box.campaign_id)[0])
    answered = sum(one.count for one in outcomes)
    if set(found.values()) != {answered}:
        raise ReadBackDisagrees(f"{answered} boxes were opened by their answers; by the database {found}")
    return outcomes


def wish(key: str, box: Sale) -> dict[str, Any]:
    """One box, paid from the wallet, with a seed of the buyer's own."""
    part = {"blindBox": {"campaignId": box.campaign_global_id, "clientSeed": key, "ofAge": True}}
    lines = [{"variantId": box.global_id, "quantity": 1, "campaign": part}]
    return {"idempotencyKey": key, "lines": lines, "pay": {"wallet": {}}}


def _verify(shop: BenchShop, campaign_id: str, draws: int, *, hidden: int) -> None:
    """As a stranger does: export, note the digest, and verify the file with nothing else.

    Raises:
        ReadBackDisagrees.
    """
    with TemporaryDirectory(prefix="perkhub-draws-") as folder:
        log = f"{folder}/draws.jsonl"
        told = shop.perkhub.run("export-draws", campaign_id.replace("-", ""), log)
        if told.returncode != 0:
            raise ProcessFailed("perkhub export-draws", f"ended with {told.returncode}", told.stderr[-4000:])
        verdict = shop.perkhub.run("verify-draw", log, "--head", told.stdout.split()[-1])
    waiting = f", {hidden} of them by a seed that is not shown yet" if hidden else ""
    if verdict.returncode != 0 or f" {draws} draws{waiting}," not in verdict.stdout:
        raise ReadBackDisagrees(f"{draws} were drawn, {hidden} of them by a hidden seed; perkhub verify-draw: {verdict.stdout}")
