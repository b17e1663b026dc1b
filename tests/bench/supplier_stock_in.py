"""supplier-stock-in: a purchase of 10,000 codes from a supplier 50 ms away, until every one is sealed and in stock."""

from time import monotonic, sleep
from typing import Any

from tests.bench.market import WORKER
from tests.bench.options import Options
from tests.bench.reading import ReadBackDisagrees, ask, confirm_audit, statements_of
from tests.bench.result import Result
from tests.bench.shop import BenchShop, Variant, bench_shop
from tests.bench.upstream import Spent, confirm_books, upstream
from tests.processes import GraphQL

NAME = "supplier-stock-in"
ROWS = 10_000
COUNTED = 1_000
POLL = 0.05
PATIENCE = 600.0
STAFF = ("MANAGE_SUPPLIERS",)
UNIT_COST_MINOR = 1980

PURCHASE = """mutation Purchase($input: StockPurchaseInput!) { stockPurchase(input: $input) {
  purchase { id } errors { code message path } } }"""
PROGRESS = "query Progress($id: ID!) { stockPurchase(id: $id) { obtained openParts failedParts } }"
READ_BACK = """
    SELECT (SELECT count(*) FROM code WHERE state = 'available') AS codes,
           (SELECT count(*) FROM fingerprint) AS fingerprints,
           (SELECT count(*) FROM custody WHERE action = 'in') AS in_custody,
           (SELECT coalesce(sum(available), 0) FROM stock) AS stock,
           (SELECT coalesce(sum(quantity), 0) FROM lot) AS in_lots,
           (SELECT coalesce(sum(obtained), 0) FROM need WHERE state = 'done') AS obtained,
           (SELECT coalesce(-sum(amount), 0) FROM ledger_entry WHERE book = 'inventory') AS inventory,
           (SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE book = 'prepaid') AS prepaid
"""


def run(options: Options) -> Result:
    """One purchase is one sample: its percentiles are its own time."""
    rows = options.rows or ROWS
    with bench_shop(staff=STAFF, private_hosts="127.0.0.1") as shop, upstream(shop, "fulu", variants=1) as fulu:
        web, worker = shop.perkhub.serve(), shop.perkhub.worker(**WORKER)
        processes = {"web": web.child, "worker": worker}
        before = Spent.of(shop, processes)
        with web.graphql(shop.staff) as client:
            seconds = purchase(client, fulu.variants[0], rows)
            confirm_stocked(shop, rows)
            spent = Spent.of(shop, processes).each(before, rows)
            more = min(COUNTED, rows)
            with statements_of(shop.servers) as counted:
                purchase(client, fulu.variants[0], more)
        confirm_stocked(shop, rows + more)
        books = confirm_books(shop, [fulu])
        checked, peak = confirm_audit(shop.perkhub), web.peak_megabytes
        settings = {**shop.settings(), "codes_of_an_order": 100, "workers": 1, **WORKER}
    return Result(
        NAME,
        count=rows,
        errors=0,
        seconds=seconds,
        p50_ms=seconds * 1000,
        p95_ms=seconds * 1000,
        p99_ms=seconds * 1000,
        statements=counted.get("worker", 0) / more,
        peak_mb=peak,
        settings=settings,
        details={"cpu_ms": spent, "sold": books, "audited_rows": checked},
    )


def purchase(client: GraphQL, variant: Variant, quantity: int) -> float:
    """Buy so many, and wait until they are there; seconds from the request on."""
    begun = monotonic()
    given = {"idempotencyKey": f"purchase-{begun}", "variantId": variant.global_id, "quantity": quantity}
    payload = client.ask(PURCHASE, {"input": given})["stockPurchase"]
    if payload["errors"]:
        raise ReadBackDisagrees(f"the purchase was refused: {payload['errors']}")
    state: dict[str, Any] = {"openParts": 1}
    while state["openParts"]:
        if monotonic() - begun > PATIENCE:
            raise TimeoutError(f"the purchase did not end: {state}")
        sleep(POLL)
        state = client.ask(PROGRESS, {"id": payload["purchase"]["id"]})["stockPurchase"]
    seconds = monotonic() - begun
    if state["obtained"] != quantity or state["failedParts"]:
        raise ReadBackDisagrees(f"the purchase ended as {state}")
    return seconds


def confirm_stocked(shop: BenchShop, rows: int) -> None:
    """That every code is sealed, with its fingerprint, its entry in custody and its cost, and can be sold.

    Raises:
        ReadBackDisagrees.
    """
    found = dict(ask(shop.servers.database_url, READ_BACK)[0])
    expected = dict.fromkeys(("codes", "fingerprints", "in_custody", "stock", "in_lots", "obtained"), rows)
    expected |= dict.fromkeys(("inventory", "prepaid"), rows * UNIT_COST_MINOR)
    different = {name: f"{found[name]}, not {many}" for name, many in expected.items() if found[name] != many}
    if different:
        raise ReadBackDisagrees(str(different))
