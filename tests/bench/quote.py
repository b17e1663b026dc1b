"""quote: a basket of three lines priced as the viewer would pay it, without the response cache; a quote is never kept."""

import json
from random import Random

from tests.bench.catalog import COUNTED, catalog_shop, phases_of, read, told
from tests.bench.catalog_list import ALONE
from tests.bench.options import Options
from tests.bench.plan import Phase
from tests.bench.reading import ask
from tests.bench.result import Result

NAME = "quote"
LINES = 3
QUOTE = """query Quote($input: QuoteInput!) { quote(input: $input) {
  quote { lines { quantity unit { amount currency } total { amount currency } } total { amount currency } }
  errors { code message path } } }"""
VARIANTS = "SELECT id FROM variant WHERE sku LIKE 'BENCH-%' ORDER BY id LIMIT 20000"
ROW = '"quantity":'


def run(options: Options) -> Result:
    """Random variants, one to three of each."""
    with catalog_shop(options) as catalog:
        variants = [row["id"].hex for row in ask(catalog.shop.servers.database_url, VARIANTS)]
        drawn = Random(len(variants))
        requests = [json.dumps({"input": {"lines": _basket(drawn, variants)}}) for _ in range(5000)]
        rows = (min(LINES, len(variants)),) * 2
        web = catalog.shop.perkhub.serve(**ALONE, count_statements="true")
        short = [Phase("warm", 60, COUNTED), Phase("counted", 60, COUNTED)]
        counted = read(web, QUOTE, requests, short, rows=rows, row=ROW, tokens=catalog.shop.tokens)[0][1]
        web.child.stop()
        web = catalog.shop.perkhub.serve(**ALONE)
        phases = phases_of(options)
        (_, measured), cpu_ms = read(web, QUOTE, requests, phases, rows=rows, row=ROW, tokens=catalog.shop.tokens)
        return told(NAME, catalog, measured, web=web, cpu_ms=cpu_ms, counted=counted, lines=LINES)


def _basket(drawn: Random, variants: list[str]) -> list[dict[str, object]]:
    chosen = drawn.sample(variants, min(LINES, len(variants)))
    return [{"variantId": f"var_{variant}", "quantity": drawn.randint(1, 3)} for variant in chosen]
