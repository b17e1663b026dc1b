"""`python -m tests.bench NAME [--rows N] [--seconds N] [--json]`; `all` runs every one in turn."""

import argparse
import sys
from collections.abc import Callable

from tests.bench import (
    catalog_detail,
    catalog_import,
    catalog_list,
    click_to_code,
    code_import,
    coupons,
    draw,
    flash_sale,
    group_buy,
    just_in_time,
    quote,
    reveal,
    search,
    slow_supplier,
    start,
    supplier_stock_in,
    unknown_orders,
)
from tests.bench.options import Options
from tests.bench.result import Result

BENCHES: dict[str, Callable[[Options], Result]] = {
    catalog_detail.NAME: catalog_detail.run,
    catalog_import.NAME: catalog_import.run,
    catalog_list.NAME: catalog_list.run,
    click_to_code.NAME: click_to_code.run,
    code_import.NAME: code_import.run,
    coupons.NAME: coupons.run,
    draw.NAME: draw.run,
    flash_sale.NAME: flash_sale.run,
    group_buy.NAME: group_buy.run,
    just_in_time.NAME: just_in_time.run,
    quote.NAME: quote.run,
    reveal.NAME: reveal.run,
    search.NAME: search.run,
    slow_supplier.NAME: slow_supplier.run,
    start.NAME: start.run,
    supplier_stock_in.NAME: supplier_stock_in.run,
    unknown_orders.NAME: unknown_orders.run,
}


def main() -> int:
    """1 where a bench had errors; one whose read-back disagrees ends with the reason and tells no figure."""
    asked = _parser().parse_args()
    options = Options(
        rows=asked.rows,
        seconds=asked.seconds,
        wallets=asked.wallets,
        variants=asked.variants,
        products=asked.products,
        channels=asked.channels,
        buyers=asked.buyers,
    )
    failed = False
    for name in BENCHES if asked.name == "all" else [asked.name]:
        sys.stderr.write(f"{name} ...\n")
        result = BENCHES[name](options)
        failed = failed or result.errors > 0
        sys.stdout.write(f"{result.as_json() if asked.json else result.as_text()}\n")
        sys.stdout.flush()
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Benchmarks against real processes.")
    parser.add_argument("name", choices=["all", *BENCHES])
    parser.add_argument("--rows", type=_positive, help="how many: orders, codes, reveals, starts, imported products")
    parser.add_argument("--seconds", type=float, help="how long the measured part is")
    parser.add_argument("--wallets", type=_positive, help="click-to-code: wallets to buy from (10,000); flash-sale (100,000)")
    parser.add_argument("--variants", type=_positive, help="click-to-code: variants to buy (50)")
    parser.add_argument("--products", type=_positive, help="of the catalog that is read (1,000; search: 10,000)")
    parser.add_argument("--channels", type=_positive, help="of the catalog that is read (1)")
    parser.add_argument("--buyers", type=_positive, help="just-in-time: buyers at once (64)")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    raise SystemExit(main())
