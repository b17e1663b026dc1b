"""catalog-list: pages of 20 products with variants and the viewer's prices, read anew, and through the response cache while
listing prices are changed."""

import json
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from threading import Event, Thread
from time import sleep

from tests.bench.catalog import (
    COUNTED,
    LIST,
    PAGE,
    PRICE,
    Catalog,
    catalog_shop,
    phases_of,
    read,
    told,
)
from tests.bench.options import Options
from tests.bench.plan import Phase
from tests.bench.reading import ReadBackDisagrees, ask
from tests.bench.result import Result, in_short
from tests.processes import GraphQL, Web

NAME = "catalog-list"
MOST_PAGES = 400
ALONE = {"response_cache_megabytes": "0"}
CHANGES_A_SECOND = 5.0
REPRICE = """mutation Reprice($input: ListingUpsertInput!) { listingUpsert(input: $input) {
  listing { id } errors { code message } } }"""


def run(options: Options) -> Result:
    """The figure is without the response cache; beside it signed-in readers, and anonymous ones through the cache."""
    with catalog_shop(options, staff=("MANAGE_PRICES",)) as catalog:
        web = catalog.shop.perkhub.serve(**ALONE, count_statements="true")
        pages = pages_of(web, catalog)
        requests = _drawn(pages)
        counted = read(web, LIST, requests, [Phase("warm", 60, COUNTED), Phase("counted", 60, COUNTED)], rows=_rows(catalog))[
            0
        ][1]
        web.child.stop()
        web = catalog.shop.perkhub.serve(**ALONE)
        phases = phases_of(options)
        (_, measured), cpu_ms = read(web, LIST, requests, phases, rows=_rows(catalog))
        short = [Phase("beside", max(1.0, (options.seconds or 10) / 2), phases[1].most)]
        (signed_in,), signed_cpu = read(web, LIST, requests, short, rows=_rows(catalog), tokens=catalog.shop.tokens)
        web.child.stop()
        cached_web = catalog.shop.perkhub.serve()
        cached, cached_cpu, changes = through_the_cache(cached_web, catalog, requests, phases, pages)
        result = told(
            NAME,
            catalog,
            measured,
            web=cached_web,
            cpu_ms=cpu_ms,
            counted=counted,
            signed_in={**in_short(signed_in), "web_cpu_ms": signed_cpu},
            anonymous_cached={**in_short(cached), "web_cpu_ms": cached_cpu, "generator_cpu": cached.generator_cpu},
            price_changes=changes,
            pages=len(pages),
        )
        cached_web.child.stop()
        return result


def pages_of(web: Web, catalog: Catalog) -> list[str | None]:
    """The cursors of the pages, walked as a client walks them."""
    cursors: list[str | None] = [None]
    with web.graphql() as client:
        while len(cursors) < min(MOST_PAGES, catalog.products // PAGE):
            page = client.ask(LIST, {"first": PAGE, "after": cursors[-1]})["products"]["pageInfo"]
            if not page["hasNextPage"]:
                break
            cursors.append(page["endCursor"])
    return cursors


def _drawn(pages: list[str | None]) -> list[str]:
    drawn = Random(len(pages))
    return [json.dumps({"first": PAGE, "after": drawn.choice(pages)}) for _ in range(5000)]


def _rows(catalog: Catalog) -> tuple[int, int]:
    return min(PAGE, catalog.products), PAGE


@dataclass
class _Changes:
    """Prices changed while others read, each looked for in the next answer."""

    web: Web
    catalog: Catalog
    pages: list[str | None]
    over: Event
    made: int = 0
    missed: int = 0
    failed: str | None = None

    def run(self) -> None:
        try:
            with self.web.graphql(self.catalog.shop.staff) as operator, self.web.graphql() as reader:
                while not self.over.is_set():
                    self.change(operator, reader)
                    sleep(1 / CHANGES_A_SECOND)
        except Exception as broken:
            self.failed = repr(broken)

    def change(self, operator: GraphQL, reader: GraphQL) -> None:
        """Change a price, and read the page it stands on as soon as the mutation has answered."""
        page = {"first": PAGE, "after": self.pages[self.made % len(self.pages)]}
        nodes = reader.ask(LIST, page)["products"]["nodes"]
        place = self.made % len(nodes)
        variant = nodes[place]["variants"][0]["id"]
        price = Decimal(self.made % 900 + 100) / 10
        given = {"channel": "retail", "variantId": variant, "unitPrice": str(price)}
        payload = operator.ask(REPRICE, {"input": given})["listingUpsert"]
        if payload["errors"]:
            raise ReadBackDisagrees(str(payload["errors"]))
        shown = reader.ask(LIST, page)["products"]["nodes"][place]["variants"][0]["price"]["unit"]["amount"]
        self.made += 1
        self.missed += Decimal(shown) != price
        stored = ask(self.catalog.shop.servers.database_url, PRICE, _uuid(variant))[0][0]
        if stored != price:
            raise ReadBackDisagrees(f"the price is {stored}, not {price}")


def _uuid(global_id: str) -> str:
    return global_id.partition("_")[2]


def through_the_cache(web, catalog, requests, phases, pages):  # type: ignore[no-untyped-def]
    """Anonymous readers, while an operator changes prices."""
    changes = _Changes(web, catalog, pages, Event())
    operator = Thread(target=changes.run)
    operator.start()
    try:
        (_, measured), cpu_ms = read(web, LIST, requests, phases, rows=_rows(catalog))
    finally:
        changes.over.set()
        operator.join()
    if changes.failed or changes.missed or not changes.made:
        raise ReadBackDisagrees(
            f"{changes.made} prices changed, {changes.missed} not seen in the next answer; {changes.failed}"
        )
    return measured, cpu_ms, {"made": changes.made, "seen_in_the_next_answer": changes.made - changes.missed}
