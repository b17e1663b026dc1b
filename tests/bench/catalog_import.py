"""catalog-import: a workbook of products with variants and listings by upload, until all of them are on sale and are found."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time, sleep
from typing import Any

import psutil
import xlsxwriter

from tests.bench.options import Options
from tests.bench.reading import ReadBackDisagrees, ask, confirm_audit
from tests.bench.result import Result
from tests.bench.shop import BenchShop, bench_shop
from tests.processes import Child, GraphQL, MemoryWatch, Web

NAME = "catalog-import"
ROWS = 10_000
POLL = 0.05
PATIENCE = 3600.0
STAFF = ("MANAGE_CATALOG", "MANAGE_PRICES")
FORMS = ("月卡", "季卡", "年卡")
PRICED = 1990

HEADER = (
    "external_reference", "slug", "name_zh", "name_en", "description_zh", "how_to_use_zh", "tags", "sku", "variant_name_zh",
    "variant_name_en", "face_value", "face_currency", "channel", "price", "quota",
)  # fmt: skip
IMPORT = """mutation Import($input: ProductsImportInput!) { productsImport(input: $input) {
  productImport { id state } errors { code message path } } }"""
PROGRESS = """query Progress($id: ID!) { productImport(id: $id) {
  state rowsRead created leftOut refused failure { code } } }"""
ENDED = ("DONE", "FAILED")

READ_BACK = """
    SELECT (SELECT count(*) FROM product WHERE slug LIKE 'imported-%') AS products,
           (SELECT count(*) FROM product_search s JOIN product p ON p.id = s.product_id
            WHERE p.slug LIKE 'imported-%') AS found,
           (SELECT count(*) FROM variant WHERE sku LIKE 'IMP-%') AS variants,
           (SELECT count(*) FROM listing l JOIN variant v ON v.id = l.variant_id WHERE v.sku LIKE 'IMP-%') AS listings,
           (SELECT count(DISTINCT h.listing_id) FROM public_price h JOIN listing l ON l.id = h.listing_id
                   JOIN variant v ON v.id = l.variant_id WHERE v.sku LIKE 'IMP-%') AS in_history,
           (SELECT coalesce(sum(l.unit_price), 0)::bigint FROM listing l JOIN variant v ON v.id = l.variant_id
            WHERE v.sku LIKE 'IMP-%') AS prices,
           (SELECT count(*) FROM activity_change WHERE subject IN ('product', 'variant', 'listing')) AS in_log,
           (SELECT count(*) FROM upload) AS uploads_left
"""


@dataclass(frozen=True)
class Imported:
    """How long it took from the upload's first byte until the import was done, and how it went there."""

    upload_seconds: float
    seconds: float
    statements: int
    created: int
    worker_cpu: float


def run(options: Options) -> Result:
    """One import is one sample: its percentiles are its own time."""
    products = options.rows or ROWS
    with bench_shop(codes=[0], staff=STAFF) as shop:
        file = workbook(shop.perkhub.folder / "products.xlsx", products)
        megabytes = file.stat().st_size / 2**20
        web, worker = shop.perkhub.serve(count_statements="true"), shop.perkhub.worker()
        speed = machine_seconds()
        done, watch = _import(shop, web, worker, file)
        confirm_on_sale(shop, products)
        web_peak, checked = web.peak_megabytes, confirm_audit(shop.perkhub)
        settings = {**shop.settings(), "file_mb": round(megabytes, 1), "variants": forms_of(products), "workers": 1}
    return Result(
        NAME,
        count=done.created,
        errors=products - done.created,
        seconds=done.seconds,
        p50_ms=done.seconds * 1000,
        p95_ms=done.seconds * 1000,
        p99_ms=done.seconds * 1000,
        statements=done.statements,
        peak_mb=watch.together,
        settings=settings,
        details={
            "upload_seconds": done.upload_seconds,
            "worker_cpu_seconds": done.worker_cpu,
            "machine_seconds": speed,
            "worker_mb": watch.own_peak,
            "reading_child_mb": watch.largest_child,
            "web_mb": web_peak,
            "audited_rows": checked,
        },
    )


def machine_seconds() -> float:
    """What a bare loop takes here: 0.063 s of computing where the bars were set."""
    begun, total = process_time(), 0
    for number in range(2_000_000):
        total += number * number
    return process_time() - begun


def forms_of(products: int) -> int:
    """How many variants so many products have: one to three each."""
    return sum(number % len(FORMS) + 1 for number in range(products))


def workbook(file: Path, products: int) -> Path:
    """What an operator sends: a row for each variant, the product's own cells in its first one."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    row = 0
    for number in range(products):
        for form in range(number % len(FORMS) + 1):
            row += 1
            sheet.write_row(row, 0, (f"erp-{number}", f"imported-{number}", *(_own(number) if form == 0 else [""] * 5)))
            sheet.write_row(row, 7, (f"IMP-{number}-{form}", FORMS[form], f"{form + 1} months", 30 * (form + 1), "CNY"))
            sheet.write_row(row, 12, ("retail", PRICED / 100, 1_000_000))
    book.close()
    return file


def _own(number: int) -> list[str]:
    kinds = ("视频会员", "音乐会员", "外卖红包", "咖啡券", "话费充值", "电影票", "打车券")
    kind = kinds[number % len(kinds)]
    about = f"第{number}号{kind},官方直充,全国通用,自购买之日起生效。"
    return [
        f"{kind}{number}号",
        f"Benefit {number}",
        about * 2,
        "打开应用,进入“我的”,输入兑换码。",
        f"{kind}; 批次{number % 50}",
    ]


def _import(shop: BenchShop, web: Web, worker: Child, file: Path) -> tuple[Imported, MemoryWatch]:
    process = psutil.Process(worker.pid)
    with web.graphql(shop.staff) as client, MemoryWatch(worker) as watch:
        client.ask("{ __typename }")
        begun, computed = monotonic(), _cpu(process)
        upload, _ = client.upload(file)
        uploaded = monotonic()
        import_id, statements = _ask_for_import(client, upload)
        state: dict[str, Any] = {}
        while state.get("state") not in ENDED:
            if monotonic() - begun > PATIENCE:
                raise TimeoutError("the import did not end")
            sleep(POLL)
            state = client.ask(PROGRESS, {"id": import_id})["productImport"]
        seconds, computed = monotonic() - begun, _cpu(process) - computed
    if state["state"] != "DONE" or state["leftOut"] or state["refused"]:
        raise ReadBackDisagrees(f"the import ended as {state}")
    return Imported(uploaded - begun, seconds, statements, state["created"], computed), watch


def _cpu(process: psutil.Process) -> float:
    """With what its ended children took."""
    return sum(process.cpu_times()[:4])


def _ask_for_import(client: GraphQL, upload: str) -> tuple[str, int]:
    response = client.send(IMPORT, {"input": {"idempotencyKey": "import", "uploadId": upload}})
    payload = response.json()["data"]["productsImport"]
    if payload["errors"]:
        raise ReadBackDisagrees(f"the import was refused: {payload['errors']}")
    return str(payload["productImport"]["id"]), int(response.headers["perkhub-statements"])


def confirm_on_sale(shop: BenchShop, products: int) -> None:
    """That everything is there, found, priced, in the history and in the log, and that the file is gone.

    Raises:
        ReadBackDisagrees.
    """
    found, forms = dict(ask(shop.servers.database_url, READ_BACK)[0]), forms_of(products)
    below = dict.fromkeys(("variants", "listings", "in_history"), forms)
    expected = {"products": products, "found": products, **below, "prices": round(forms * PRICED / 100)}
    expected |= {"in_log": products + 2 * forms, "uploads_left": 0}
    different = {name: f"{found[name]}, not {many}" for name, many in expected.items() if found[name] != many}
    if different:
        raise ReadBackDisagrees(str(different))
