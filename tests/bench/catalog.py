"""A shop with a catalog to read: so many products of one to three variants, in so many channels, cloned from one that the
verbs made, so that whatever columns a product has, all have them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from tests.bench.drive import drive
from tests.bench.options import Options
from tests.bench.plan import Outcome, Phase
from tests.bench.read_plan import ReadPlan
from tests.bench.reading import ReadBackDisagrees, ask
from tests.bench.result import Result, Told
from tests.bench.shop import BenchShop, analyse, bench_shop
from tests.processes import Web

PRODUCTS = 1000
CHANNELS = 1
SECONDS = 10.0
CONNECTIONS = 32
PAGE = 20
WARM = 600
COUNTED = 100
FASTEST = 12_000
STOCK = 1000
# A product, its variants and its listings are named by their numbers.
ID = "('00000000-0000-7%s-8000-'||lpad(to_hex(%s),12,'0'))::uuid"
WORDS = ("video", "music", "meal", "coffee", "travel", "game", "cloud", "reading", "cinema", "fitness")
HAN = ("视频", "音乐", "餐饮", "咖啡", "出行", "游戏", "云盘", "阅读", "电影", "健身")

CHANNELS_IN = """
    INSERT INTO channel SELECT (jsonb_populate_record(c, jsonb_build_object('id', {id}, 'key', 'channel-' || n))).*
    FROM channel c, generate_series(1, $1::int) n WHERE c.key = 'retail'
""".format(id=ID % ("003", "n"))
PRODUCTS_IN = """
    INSERT INTO product SELECT (jsonb_populate_record(p, jsonb_build_object(
        'id', {id}, 'slug', 'bench-' || n,
        'name', jsonb_build_object('en', initcap(($2::text[])[n % 10 + 1]) || ' pass ' || n,
                                   'zh', ($3::text[])[n % 10 + 1] || '会员' || n)))).*
    FROM product p, generate_series(1, $1::int) n WHERE p.slug NOT LIKE 'bench-%'
""".format(id=ID % ("000", "n"))
VARIANTS_IN = """
    INSERT INTO variant SELECT (jsonb_populate_record(v, jsonb_build_object(
        'id', {id}, 'product_id', {product}, 'sku', 'BENCH-' || n || '-' || m, 'position', m))).*
    FROM variant v, generate_series(1, $1::int) n, generate_series(0, n % 3) m WHERE v.sku NOT LIKE 'BENCH-%'
""".format(id=ID % ("001", "n * 4 + m"), product=ID % ("000", "n"))
LISTINGS_IN = """
    INSERT INTO listing SELECT (jsonb_populate_record(l, jsonb_build_object(
        'id', gen_random_uuid(), 'channel_id', c.id, 'variant_id', v.id, 'product_id', v.product_id,
        'unit_price', 10 + v.position * 5 + (('x' || right(v.product_id::text, 6))::bit(24)::int % 90)))).*
    FROM listing l, variant v, channel c
    WHERE v.sku LIKE 'BENCH-%'
      AND (c.key = 'retail' OR (c.key LIKE 'channel-%'
           AND ('x' || right(v.product_id::text, 6))::bit(24)::int % $1::int + 1 = substr(c.key, 9)::int))
"""
STOCK_IN = "INSERT INTO stock SELECT v.id, $1::int, 0 FROM variant v WHERE v.sku LIKE 'BENCH-%'"
FIRST_OUT = "UPDATE product SET archived_at = created_at WHERE slug NOT LIKE 'bench-%'"
COUNTS = """SELECT (SELECT count(*) FROM product WHERE archived_at IS NULL) AS products,
                   (SELECT count(*) FROM listing l JOIN channel c ON c.id = l.channel_id WHERE c.key = 'retail') AS listings,
                   (SELECT count(*) FROM channel) AS channels"""
PRICE = """SELECT l.unit_price FROM listing l JOIN channel c ON c.id = l.channel_id
           WHERE c.key = 'retail' AND l.variant_id = $1"""

LIST = """query List($first: Int, $after: String) { products(first: $first, after: $after) {
  nodes { id slug name kind variants { id sku name price { unit { amount currency } } availability } }
  pageInfo { hasNextPage endCursor } } }"""


@dataclass(frozen=True)
class Catalog:
    """The shop, and how large it is."""

    shop: BenchShop
    products: int
    channels: int


@contextmanager
def catalog_shop(options: Options, *, wallets: int = 1, staff: tuple[str, ...] = ()) -> Iterator[Catalog]:
    """A filled shop; what was put in is counted."""
    products, channels = options.products or PRODUCTS, options.channels or CHANNELS
    with bench_shop(codes=[1], wallets=wallets, staff=staff) as shop:
        url = shop.servers.database_url
        ask(url, CHANNELS_IN, channels - 1)
        ask(url, PRODUCTS_IN, products, list(WORDS), list(HAN))
        ask(url, VARIANTS_IN, products)
        ask(url, LISTINGS_IN, max(1, channels - 1))
        ask(url, STOCK_IN, STOCK)
        ask(url, FIRST_OUT)
        analyse(shop)
        counted = ask(url, COUNTS)[0]
        variants = sum(1 + number % 3 for number in range(1, products + 1))
        found = (counted["products"], counted["listings"] - 1, counted["channels"])
        if found != (products, variants, channels):
            raise ReadBackDisagrees(f"{found}, not {(products, variants, channels)}")
        yield Catalog(shop, products, channels)


def phases_of(options: Options, *, fastest: int = FASTEST) -> list[Phase]:
    """Warm-up until memory holds what it holds, then the measured part."""
    seconds = options.seconds or SECONDS
    most = options.rows or int(seconds * fastest)
    warm = min(WARM, most) if options.rows else WARM
    return [Phase("warm-up", max(2.0, seconds), warm), Phase("measured", 3600 if options.rows else seconds, most)]


def read(
    web: Web, query: str, requests: list[str], phases: list[Phase], *, rows: tuple[int, int], tokens: list[str] | None = None,
    row: str = '"slug":',
) -> tuple[list[Outcome], float]:  # fmt: skip
    """Drive readers; also the web process's milliseconds for each answer of the last phase, of all its phases."""
    wanted = sum(phase.most for phase in phases)
    asked = [(number % max(1, len(tokens or [])), requests[number % len(requests)]) for number in range(wanted)]
    plan = ReadPlan(web.port, query, "", CONNECTIONS, phases, tokens or [], asked, row=row, rows=rows)
    spent = web.cpu_seconds
    outcomes = drive(plan, module="tests.bench.read_load")
    spent = web.cpu_seconds - spent
    for outcome in outcomes:
        if outcome.errors:
            raise ReadBackDisagrees(f"{outcome.errors} wrong answers, the first: {outcome.first_error}")
    return outcomes, spent * 1000 / max(1, sum(outcome.count for outcome in outcomes))


def machine() -> Told:
    """How fast this machine is just now: two million rounds of a plain loop, in seconds of computing and by the clock. Where
    the bars were set both were 0.063; a process's milliseconds for each answer are compared by the first."""
    begun, spent = perf_counter(), process_time()
    total = 0
    for number in range(2_000_000):
        total += number * number
    return {"loop_cpu_s": round(process_time() - spent, 3), "loop_s": round(perf_counter() - begun, 3)}


def told(name: str, catalog: Catalog, outcome: Outcome, *, web: Web, cpu_ms: float, counted: Outcome, **details: Any) -> Result:
    """The figure with what it depends on."""
    settings = {
        **catalog.shop.settings(),
        "connections": CONNECTIONS,
        "products": catalog.products,
        "channels": catalog.channels,
    }
    return Result.of(
        name,
        outcome,
        statements=counted.statements,
        peak_mb=web.peak_megabytes,
        settings=settings,
        most_statements=counted.most_statements,
        web_cpu_ms=cpu_ms,
        bytes_each=outcome.shown / max(1, outcome.count),
        generator_cpu=outcome.generator_cpu,
        machine=machine(),
        **details,
    )
