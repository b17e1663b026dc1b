"""catalog-detail: one product with its texts, variants and the viewer's prices, by slug, without the response cache."""

import json
from random import Random

from tests.bench.catalog import COUNTED, catalog_shop, phases_of, read, told
from tests.bench.catalog_list import ALONE
from tests.bench.options import Options
from tests.bench.plan import Phase
from tests.bench.result import Result, in_short

NAME = "catalog-detail"
DETAIL = """query Detail($slug: String!) { product(slug: $slug) {
  id slug name description howToUse kind minimumValidityDays
  variants { id sku name faceValue { amount currency } price { unit { amount currency formatted } trace { label } }
             availability limit { perCustomer } } } }"""


def run(options: Options) -> Result:
    """Random products."""
    with catalog_shop(options) as catalog:
        drawn = Random(catalog.products)
        slugs = [f"bench-{drawn.randint(1, catalog.products)}" for _ in range(5000)]
        requests = [json.dumps({"slug": slug}) for slug in slugs]
        web = catalog.shop.perkhub.serve(**ALONE, count_statements="true")
        counted = read(web, DETAIL, requests, [Phase("warm", 60, COUNTED), Phase("counted", 60, COUNTED)], rows=(1, 1))[0][1]
        web.child.stop()
        web = catalog.shop.perkhub.serve(**ALONE)
        phases = phases_of(options)
        (_, measured), cpu_ms = read(web, DETAIL, requests, phases, rows=(1, 1))
        short = [Phase("beside", max(1.0, (options.seconds or 10) / 2), phases[1].most)]
        (signed_in,), signed_cpu = read(web, DETAIL, requests, short, rows=(1, 1), tokens=catalog.shop.tokens)
        beside = {**in_short(signed_in), "web_cpu_ms": signed_cpu}
        return told(NAME, catalog, measured, web=web, cpu_ms=cpu_ms, counted=counted, signed_in=beside)
