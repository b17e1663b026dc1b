"""code-import: a workbook of card secrets by upload, until every code is sealed, fingerprinted and in stock."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import xlsxwriter

from tests.bench.options import Options
from tests.bench.reading import ReadBackDisagrees, ask, confirm_audit
from tests.bench.result import Result
from tests.bench.shop import BenchShop, Variant, bench_shop
from tests.processes import Child, GraphQL, MemoryWatch, Web

NAME = "code-import"
ROWS = 100_000
POLL = 0.05
PATIENCE = 3600.0
STAFF = ("IMPORT_CODES", "READ_CODES", "READ_ORDERS")

IMPORT = """mutation Import($input: CodesImportInput!) { codesImport(input: $input) {
  codeImport { id state } errors { code message path } } }"""
PROGRESS = """query Progress($id: ID!) { codeImport(id: $id) { state rowsRead rowsStocked rowsRefused failure { code } } }"""
ENDED = ("DONE", "FAILED")

READ_BACK = """
    SELECT (SELECT count(*) FROM code WHERE state = 'available') AS codes,
           (SELECT count(*) FROM fingerprint) AS fingerprints,
           (SELECT count(*) FROM custody WHERE action = 'in') AS in_custody,
           (SELECT coalesce(sum(available), 0) FROM stock) AS stock,
           (SELECT coalesce(sum(quantity), 0) FROM lot) AS in_lots,
           (SELECT count(*) FROM code WHERE expires_at > now() + interval '10 years') AS without_expiry,
           (SELECT count(*) FROM upload) AS uploads_left,
           (SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE book = 'payable') AS owed
"""
UNIT_COST_MINOR = 1500
SCATTER = 6_364_136_223_846_793  # shares no divisor with a power of ten: numbers repeat only after 10^16 rows


@dataclass(frozen=True)
class Imported:
    """How long it took from the upload's first byte until the import was done, and how it went there."""

    upload_seconds: float
    seconds: float
    statements: int
    state: str
    stocked: int


def run(options: Options) -> Result:
    """One import is one sample: its percentiles are its own time."""
    rows = options.rows or ROWS
    with bench_shop(codes=[0], staff=STAFF) as shop:
        file = workbook(shop.perkhub.folder / "delivery.xlsx", rows)
        megabytes = file.stat().st_size / 2**20
        web = shop.perkhub.serve(count_statements="true", upload_megabytes=str(int(megabytes) + 64))
        worker = shop.perkhub.worker(upload_megabytes=str(int(megabytes) + 64))
        done, watch = _import(shop, web, worker, file)
        confirm_stocked(shop, rows)
        web_peak, checked = web.peak_megabytes, confirm_audit(shop.perkhub)
        settings = {**shop.settings(), "file_mb": round(megabytes, 1), "columns": "number, pin, expiry", "workers": 1}
    return Result(
        NAME,
        count=done.stocked,
        errors=rows - done.stocked,
        seconds=done.seconds,
        p50_ms=done.seconds * 1000,
        p95_ms=done.seconds * 1000,
        p99_ms=done.seconds * 1000,
        statements=done.statements,
        peak_mb=watch.together,
        settings=settings,
        details={
            "upload_seconds": done.upload_seconds,
            "worker_mb": watch.own_peak,
            "reading_child_mb": watch.largest_child,
            "web_mb": web_peak,
            "audited_rows": checked,
        },
    )


def workbook(file: Path, rows: int) -> Path:
    """What an issuer sends: numbers and PINs as text, expiries as days."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ("卡号", "密码", "有效期"))
    expires = date.today() + timedelta(days=400)
    for row in range(rows):
        # All different, and without the order that would make the file, and the index, smaller than a real one.
        sheet.write_string(row + 1, 0, f"{row * SCATTER % 10**16:016}")
        sheet.write_string(row + 1, 1, f"{row * SCATTER // 10**9 % 10**6:06}")
        sheet.write_datetime(row + 1, 2, expires + timedelta(days=row % 30), day)
    book.close()
    return file


def _import(shop: BenchShop, web: Web, worker: Child, file: Path) -> tuple[Imported, MemoryWatch]:
    with web.graphql(shop.staff) as client, MemoryWatch(worker) as watch:
        client.ask("{ __typename }")
        begun = monotonic()
        upload, _ = client.upload(file)
        uploaded = monotonic()
        import_id, statements = _ask_for_import(client, upload, shop.variants[0])
        state: dict[str, Any] = {}
        while state.get("state") not in ENDED:
            if monotonic() - begun > PATIENCE:
                raise TimeoutError("the import did not end")
            sleep(POLL)
            state = client.ask(PROGRESS, {"id": import_id})["codeImport"]
        seconds = monotonic() - begun
    if state["state"] != "DONE":
        raise ReadBackDisagrees(f"the import ended as {state['state']}: {state['failure']}")
    return Imported(uploaded - begun, seconds, statements, state["state"], state["rowsStocked"]), watch


def _ask_for_import(client: GraphQL, upload: str, variant: Variant) -> tuple[str, int]:
    asked = {
        "idempotencyKey": "import",
        "uploadId": upload,
        "variantId": variant.global_id,
        "issuer": "acme",
        "unitCost": {"amount": "15.00", "currency": "CNY"},
    }
    response = client.send(IMPORT, {"input": asked})
    payload = response.json()["data"]["codesImport"]
    if payload["errors"]:
        raise ReadBackDisagrees(f"the import was refused: {payload['errors']}")
    return str(payload["codeImport"]["id"]), int(response.headers["perkhub-statements"])


def confirm_stocked(shop: BenchShop, rows: int) -> None:
    """That every row is a code with its fingerprint, its entry in custody and its cost, and that the file is gone.

    Raises:
        ReadBackDisagrees.
    """
    found = dict(ask(shop.servers.database_url, READ_BACK)[0])
    counted = dict.fromkeys(("codes", "fingerprints", "in_custody", "stock", "in_lots"), rows)
    expected = {**counted, "without_expiry": 0, "uploads_left": 0, "owed": rows * UNIT_COST_MINOR}
    different = {name: f"{found[name]}, not {many}" for name, many in expected.items() if found[name] != many}
    if different:
        raise ReadBackDisagrees(str(different))
