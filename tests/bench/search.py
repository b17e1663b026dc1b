"""search: a page of 20 products for what people type, Chinese and English, by relevance, without the response cache."""

import dataclasses
import json
from random import Random

from tests.bench.catalog import COUNTED, HAN, PAGE, WORDS, catalog_shop, phases_of, read, told
from tests.bench.catalog_list import ALONE
from tests.bench.options import Options
from tests.bench.plan import Phase
from tests.bench.reading import ReadBackDisagrees, ask
from tests.bench.result import Result

NAME = "search"
PRODUCTS = 10_000
SEARCH = """query Search($first: Int, $search: String) { products(first: $first, search: $search) {
  nodes { id slug name kind variants { id sku name price { unit { amount currency } } availability } }
  pageInfo { hasNextPage endCursor } } }"""
INDEXED = "SELECT count(*) FROM product_search s JOIN product p ON p.id = s.product_id WHERE p.archived_at IS NULL"


def run(options: Options) -> Result:
    """Words of two Han characters, English words, a word with a number, and a name to its end: each a quarter."""
    chosen = dataclasses.replace(options, products=options.products or PRODUCTS)
    with catalog_shop(chosen) as catalog:
        catalog.shop.seed(index=True)
        indexed = ask(catalog.shop.servers.database_url, INDEXED)[0][0]
        if indexed != catalog.products:
            raise ReadBackDisagrees(f"{indexed} products can be found, not {catalog.products}")
        drawn = Random(catalog.products)
        requests = [json.dumps({"first": PAGE, "search": _typed(drawn, catalog.products)}) for _ in range(2000)]
        rows = (1, PAGE)
        web = catalog.shop.perkhub.serve(**ALONE, count_statements="true")
        counted = read(web, SEARCH, requests, [Phase("warm", 60, COUNTED), Phase("counted", 60, COUNTED)], rows=rows)[0][1]
        web.child.stop()
        web = catalog.shop.perkhub.serve(**ALONE)
        (_, measured), cpu_ms = read(web, SEARCH, requests, phases_of(options), rows=rows)
        return told(NAME, catalog, measured, web=web, cpu_ms=cpu_ms, counted=counted, indexed=indexed)


def _typed(drawn: Random, products: int) -> str:
    number = drawn.randint(1, products)
    word, han = WORDS[number % 10], HAN[number % 10]
    return drawn.choice([han, word, f"{word} {number}", f"{han}会员{number}"])
