"""coupons: a batch of codes made by a worker while one watches, and exported; then a crowd that claims them by a click, enters
codes, and places orders with what it got. Read back and audited before any figure is told.

Of a code nothing is stored but a row with its fingerprint: the export computes them again. A batch counts as made once a row
is there for every code, so that each can be claimed, entered and used.
"""

import json
from dataclasses import dataclass
from random import Random
from time import monotonic, sleep
from typing import Any
from uuid import UUID, uuid4

from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.plan import Outcome, Phase, Plan
from tests.bench.reading import ReadBackDisagrees, ask, confirm_audit
from tests.bench.result import Result, Told, in_short
from tests.bench.shop import BenchShop, Sale, analyse, bench_shop
from tests.processes import GraphQL, Web

NAME = "coupons"
CODES = 1_000_000
CONNECTIONS = 64
WALLETS = 10_000
SECONDS = 10.0
COLD, COUNTED = 200, 100
FASTEST = 3000  # more than two cores do
STAFF = ("MANAGE_CAMPAIGNS", "READ_CAMPAIGNS")
# Each of the crowd has more unpaid orders than a shop would let anybody have: the cap would be measured instead.
UNCAPPED = {"unpaid_orders_per_buyer": "1000"}
POLL, PATIENCE = 0.05, 600.0

MAKE = """mutation Make($input: CouponBatchCreateInput!) { couponBatchCreate(input: $input) {
  batch { id } errors { code message path } } }"""
MADE = "query Made($id: ID!) { couponBatch(id: $id) { state made } }"
WRITE = """mutation Write($input: CouponBatchExportInput!) { couponBatchExport(input: $input) {
  couponExport { id } errors { code message path } } }"""
WRITTEN = "query Written($id: ID!) { couponExport(id: $id) { state codes path } }"
CLAIM = """mutation Claim($input: CouponClaimInput!) { couponClaim(input: $input) {
  coupon { id code standing endsAt } errors { code message path } } }"""
BIND = """mutation Bind($input: CouponBindInput!) { couponBind(input: $input) {
  coupon { id code standing endsAt } errors { code message path } } }"""
PLACE = """mutation Place($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id number state expiresAt total { amount currency } } errors { code message path } } }"""

STORED = "SELECT count(*)::int, count(DISTINCT fingerprint)::int, max(number) FROM coupon WHERE campaign_id = $1"
TOLD = """SELECT count(*) FILTER (WHERE state = 'bound')::int AS bound, count(*) FILTER (WHERE state = 'used')::int AS used
          FROM coupon WHERE campaign_id = $1"""
HELD = """SELECT number, party_id FROM coupon WHERE campaign_id = $1 AND state = 'bound' ORDER BY id"""
FREE = "SELECT number FROM coupon WHERE campaign_id = $1 AND state = 'free' ORDER BY id LIMIT $2"
TAKEN_OFF = """SELECT count(*)::int FROM campaign_part p JOIN orders o ON o.id = p.order_id
               WHERE p.campaign_id = $1 AND p.coupon_id IS NOT NULL AND p.discount > 0 AND o.state IN ('placed', 'paid')"""

Request = tuple[int, str]


@dataclass(frozen=True)
class Batch:
    """A batch from its request on: seconds until all was made, seconds until the file was fetched, and its lines."""

    made_in: float
    exported_in: float
    codes: list[str]


def run(options: Options) -> Result:
    """The figure is orders with a coupon; claims stand beside it, and both in turn as `claimed_and_redeemed_per_second`."""
    codes, seconds, wallets = options.rows or CODES, options.seconds or SECONDS, options.wallets or WALLETS
    most = min(int(seconds * FASTEST), codes // 4)
    with bench_shop(wallets=wallets, staff=STAFF) as shop:
        shop.seed(coupons=[most + 2 * COUNTED + COLD])
        [sale] = shop.sales
        web = shop.perkhub.serve(**UNCAPPED)
        batch = make_and_export(shop, web, sale, codes)
        analyse(shop)
        spent = [web.cpu_seconds]
        claimed = _drive(shop, web, sale, CLAIM, claims(sale, most + COLD, wallets), seconds)
        spent.append(web.cpu_seconds)
        free = [row[0] for row in ask(shop.servers.database_url, FREE, sale.campaign_id, most + COLD)]
        entered = _drive(shop, web, sale, BIND, entries(batch, free, wallets), seconds)
        analyse(shop)
        spent.append(web.cpu_seconds)
        redeemed = _drive(shop, web, sale, PLACE, orders(shop, batch, sale, most + COLD), seconds)
        spent.append(web.cpu_seconds)
        peak = web.peak_megabytes
        web.child.stop()
        statements = count_statements(shop, sale, batch, wallets)
        checked = confirm_audit(shop.perkhub)
        settings = {**shop.settings(), "connections": CONNECTIONS, "wallets": wallets, "worker": "while the batch is made"}
    main, claim = redeemed[-1], claimed[-1]
    return Result.of(
        NAME,
        main,
        statements=statements["redeem"],
        peak_mb=peak,
        settings=settings,
        codes=codes,
        made_in_s=batch.made_in,
        exported_in_s=batch.exported_in,
        claims_per_second=claim.per_second,
        claims=in_short(claim),
        entered=in_short(entered[-1]),
        claimed_and_redeemed_per_second=1 / (1 / claim.per_second + 1 / main.per_second),
        statements_of=statements,
        web_cpu_ms=cpu(spent, claimed, entered, redeemed),
        audited_rows=checked,
    )


def cpu(spent: list[float], *phases: list[Outcome]) -> Told:
    """What one request of each kind cost the web process."""
    each = zip(("claim", "enter", "redeem"), spent, spent[1:], phases, strict=False)
    return {name: (after - before) * 1000 / max(1, sum(one.count for one in done)) for name, before, after, done in each}


def make_and_export(shop: BenchShop, web: Web, sale: Sale, codes: int) -> Batch:
    """By mutations, with a worker that is there already; every line of the file is looked at."""
    api, worker = web.graphql(shop.staff), shop.perkhub.worker()
    begun = monotonic()
    wanted = {"idempotencyKey": uuid4().hex, "campaignId": sale.campaign_global_id, "quantity": codes}
    batch = api.ask(MAKE, {"input": wanted})["couponBatchCreate"]["batch"]["id"]
    _await(api, MADE, batch, "couponBatch", "READY")
    made_in = monotonic() - begun
    stored, different, last = ask(shop.servers.database_url, STORED, sale.campaign_id)[0]
    if (stored, different, last) != (codes, codes, codes):
        raise ReadBackDisagrees(f"of {codes} codes {stored} are stored, {different} different ones, the last is number {last}")
    begun = monotonic()
    asked = api.ask(WRITE, {"input": {"idempotencyKey": uuid4().hex, "batchId": batch}})["couponBatchExport"]
    path = _await(api, WRITTEN, asked["couponExport"]["id"], "couponExport", "DONE")["path"]
    lines = api.http.get(path).raise_for_status().text.split()[1:]
    exported_in = monotonic() - begun
    worker.stop()
    api.close()
    if (len(lines), len(set(lines))) != (codes, codes):
        raise ReadBackDisagrees(f"of {codes} codes {len(lines)} were exported, {len(set(lines))} different ones")
    return Batch(made_in, exported_in, lines)


def _await(api: GraphQL, query: str, id: str, field: str, state: str) -> Told:
    ends = monotonic() + PATIENCE
    while (found := api.ask(query, {"id": id})[field])["state"] != state:
        if monotonic() > ends:
            raise ReadBackDisagrees(f"{field} is {found['state']} after {PATIENCE} s")
        sleep(POLL)
    told: Told = found
    return told


def claims(sale: Sale, many: int, wallets: int) -> list[Request]:
    """One customer after another, in no order."""
    drawn, run = Random(wallets), uuid4().hex[:12]
    return [(drawn.randrange(wallets), json.dumps({"input": claim(sale, f"{run}-{number}")})) for number in range(many)]


def claim(sale: Sale, key: str) -> dict[str, Any]:
    """One by a click."""
    return {"idempotencyKey": key, "campaignId": sale.campaign_global_id}


def entries(batch: Batch, numbers: list[int], wallets: int) -> list[Request]:
    """Codes as they stand in the file, each by another customer: nobody may try many."""
    return [(place % wallets, json.dumps({"input": {"code": batch.codes[one - 1]}})) for place, one in enumerate(numbers)]


def orders(shop: BenchShop, batch: Batch, sale: Sale, many: int) -> list[Request]:
    """One unit with a coupon, by whoever has it: the line of the file is its number."""
    run, held = uuid4().hex[:12], ask(shop.servers.database_url, HELD, sale.campaign_id)
    Random(many).shuffle(held)
    return [
        (
            number_of(row["party_id"]),
            json.dumps({"input": wish(f"{run}-{row['number']}", sale, batch.codes[row["number"] - 1])}),
        )
        for row in held[:many]
    ]


def number_of(party: UUID) -> int:
    """The place of its token: parties of a benchmark have the ids that their numbers make."""
    return int(party.hex[20:], 16)


def wish(key: str, sale: Sale, code: str) -> dict[str, Any]:
    """An order that is held, with a coupon."""
    return {"idempotencyKey": key, "lines": [{"variantId": sale.global_id, "quantity": 1}], "couponCodes": [code]}


def _drive(
    shop: BenchShop, web: Web, sale: Sale, query: str, requests: list[Request], seconds: float, *, counted: bool = False
) -> list[Outcome]:
    """Load, then what the database says of it."""
    field = {CLAIM: "couponClaim", BIND: "couponBind", PLACE: "orderPlace"}[query]
    phases = [Phase("warm-up", 60, COLD), Phase("measured", seconds, len(requests))]
    wanted = [Phase("counted", 60, COUNTED)] if counted else phases
    before = ask(shop.servers.database_url, TOLD, sale.campaign_id)[0]
    outcomes = drive(Plan(web.port, query, field, 1 if counted else CONNECTIONS, wanted, shop.tokens, requests))
    after = ask(shop.servers.database_url, TOLD, sale.campaign_id)[0]
    answered = sum(one.count - one.errors for one in outcomes)
    grown = {name: after[name] - before[name] for name in ("bound", "used")}
    expected = {"bound": -answered, "used": answered} if query is PLACE else {"bound": answered, "used": 0}
    taken_off = ask(shop.servers.database_url, TAKEN_OFF, sale.campaign_id)[0][0]
    if grown != expected or taken_off != after["used"]:
        raise ReadBackDisagrees(f"{answered} were answered, {grown} by the database, {taken_off} orders with something off")
    return outcomes


def count_statements(shop: BenchShop, sale: Sale, batch: Batch, wallets: int) -> Told:
    """Statements of one of each, from short runs of their own: counting costs."""
    web = shop.perkhub.serve(count_statements="true", **UNCAPPED)
    runs = {"claim": (CLAIM, claims(sale, COUNTED, wallets))}
    told = {}
    for name, (query, requests) in runs.items():
        told[name] = _drive(shop, web, sale, query, requests, 60, counted=True)[0].statements
    free = [row[0] for row in ask(shop.servers.database_url, FREE, sale.campaign_id, COUNTED)]
    told["enter"] = _drive(shop, web, sale, BIND, entries(batch, free, wallets), 60, counted=True)[0].statements
    held = orders(shop, batch, sale, COUNTED)
    told["redeem"] = _drive(shop, web, sale, PLACE, held, 60, counted=True)[0].statements
    web.child.stop()
    return told
