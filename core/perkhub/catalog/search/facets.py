"""How many products there are of each kind: what a list could be narrowed to next, counted in one statement.

Each facet leaves its own condition out, so that a shopper who chose one brand still sees how many the others have. Only
conditions that are said outright count as a facet's own; what stands in AND, OR and NOT always holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from perkhub.catalog.search.asked import Asked, Span
from perkhub.catalog.search.matching import near_products
from perkhub.catalog.search.sizes import is_small
from perkhub.catalog.search.sources import Reading
from perkhub.catalog.search.statement import Statement, all_of
from perkhub.catalog.search.where import Having, Where
from perkhub.kit import db

MOST_BRANDS = 100
MOST_CATEGORIES = 500
MOST_VALUES = 50
# Where price ranges begin: in every currency people think in ones, twos and fives.
PRICE_STEPS = [Decimal(0), *(Decimal(step) * 10**power for power in range(7) for step in (1, 2, 5))]

# `b` are the products that fulfil all but facets' own conditions; of each, which of those it fulfils.
BRANDS = """(SELECT 'brand' AS facet, b.brand_id::text AS key, NULL AS value, count(*) AS many, NULL::numeric AS least,
                    NULL::numeric AS most
             FROM b WHERE b.brand_id IS NOT NULL AND {others} GROUP BY b.brand_id ORDER BY many DESC, key LIMIT {limit})"""
KINDS = "(SELECT 'kind', b.kind, NULL, count(*), NULL, NULL FROM b WHERE {others} GROUP BY b.kind)"
CATEGORIES = """(SELECT 'category', c.id::text, NULL, count(DISTINCT b.id) AS many, NULL, NULL
                 FROM b JOIN product_category pc ON pc.product_id = b.id JOIN category shelf ON shelf.id = pc.category_id
                      JOIN category c ON c.id = ANY(shelf.path) AND c.archived_at IS NULL
                 WHERE {others} GROUP BY c.id ORDER BY many DESC, c.id LIMIT {limit})"""
PRICES = """(SELECT 'price', width_bucket(o.price, {steps})::text, NULL, count(DISTINCT o.id), min(o.price), max(o.price)
             FROM (SELECT b.id, {price} AS price FROM b CROSS JOIN LATERAL (SELECT l.* {offers}) l WHERE {others}) o
             GROUP BY 2)"""
ATTRIBUTES = """(SELECT 'attribute', n.code, n.value, n.many, n.least, n.most FROM (
                     SELECT f.code, CASE WHEN a.type = 'number' THEN '' ELSE f.value END AS value,
                            count(DISTINCT b.id) AS many, min(f.number) AS least, max(f.number) AS most,
                            row_number() OVER (PARTITION BY f.code ORDER BY count(DISTINCT b.id) DESC, min(f.value)) AS place
                     FROM b JOIN product_fact f ON f.product_id = b.id
                          JOIN attribute a ON a.code = f.code AND a.filterable AND a.archived_at IS NULL
                     WHERE {others} GROUP BY 1, 2) n
                 WHERE n.place <= {limit})"""
TOTAL = "(SELECT 'total', NULL, NULL, count(*), NULL, NULL FROM b WHERE {all})"


@dataclass(frozen=True, slots=True)
class Counted:
    """So many products have it."""

    key: str
    many: int


@dataclass(frozen=True, slots=True)
class PriceBand:
    """So many products have a variant that costs at least `begin` and less than `end`, which is open at the top."""

    begin: Decimal
    end: Decimal | None
    many: int
    least: Decimal
    most: Decimal


@dataclass(frozen=True, slots=True)
class AttributeCounts:
    """How many have each value of an attribute; of a number how many have any, and between which."""

    code: str
    values: list[Counted] = field(default_factory=list)
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True)
class Facets:
    """What there is to choose from; most first."""

    total: int = 0
    brands: list[Counted] = field(default_factory=list)
    categories: list[Counted] = field(default_factory=list)
    kinds: list[Counted] = field(default_factory=list)
    prices: list[PriceBand] = field(default_factory=list)
    attributes: list[AttributeCounts] = field(default_factory=list)


async def count_facets(asked: Asked) -> Facets:
    """Count what the list could be narrowed to."""
    near = None
    if asked.search is not None:
        if not asked.search.keys:
            return Facets()
        near = await near_products(asked.search)
    small = not asked.market.everything and await is_small(asked.market.channel)
    always = replace(asked.where, brands=None, categories=None, kinds=None, price=None, attributes=())
    reading = Reading(replace(asked, where=always), Span(0), Statement(), near, small=small)
    sql = _statement(reading, asked.where)
    return _facets(await db.rows(sql, *reading.statement.values))


def _statement(reading: Reading, where: Where) -> str:
    statement, market, always = reading.statement, reading.asked.market, reading.asked.where
    own = {name: one.condition(statement, market) for name, one in _facets_own(where)}
    products = reading.unsorted()
    conditions = all_of(market.shown(statement), always.condition(statement, market))
    flags = "".join(f", ({condition}) IS TRUE AS {name}" for name, condition in own.items())
    base = f"SELECT p.id, p.brand_id, p.kind{flags} FROM {products} WHERE {conditions}"

    def others(facet: str) -> str:
        return all_of(*(f"b.{name}" for name in own if name != facet))

    counted = [
        BRANDS.format(others=others("brands"), limit=MOST_BRANDS),
        KINDS.format(others=others("kinds")),
        CATEGORIES.format(others=others("categories"), limit=MOST_CATEGORIES),
        ATTRIBUTES.format(others=_others_of_attributes(statement, where, own), limit=MOST_VALUES),
        TOTAL.format(all=all_of(*(f"b.{name}" for name in own))),
    ]
    if not market.everything:
        offers, price = market.offers(statement, "b.id"), market.cost(statement)
        steps = statement.put(PRICE_STEPS, "numeric[]")
        counted.append(PRICES.format(steps=steps, price=price, offers=offers, others=others("price")))
    return f"WITH b AS MATERIALIZED ({base}) {' UNION ALL '.join(counted)}"


def _facets_own(where: Where) -> Iterator[tuple[str, Where]]:
    """The conditions that are facets' own, each by itself."""
    for name in ("brands", "categories", "kinds", "price"):
        if getattr(where, name) is not None:
            yield name, Where(**{name: getattr(where, name)})
    for place, having in enumerate(where.attributes):
        yield f"attribute{place}", Where(attributes=(having,))


def _others_of_attributes(statement: Statement, where: Where, own: dict[str, str]) -> str:
    """An attribute's own conditions are those that name its code."""
    always = [f"b.{name}" for name in own if not name.startswith("attribute")]
    named = [_unless_of(statement, place, having) for place, having in enumerate(where.attributes)]
    return all_of(*always, *named)


def _unless_of(statement: Statement, place: int, having: Having) -> str:
    return f"(b.attribute{place} OR f.code = {statement.put(having.code, 'text')})"


def _facets(rows: list[db.Row]) -> Facets:
    by_facet: dict[str, list[Any]] = {name: [] for name in ("brand", "kind", "category", "price", "attribute", "total")}
    for row in rows:
        by_facet[row["facet"]].append(row)
    return Facets(
        total=by_facet["total"][0]["many"],
        brands=_counted(by_facet["brand"]),
        categories=_counted(by_facet["category"]),
        kinds=_counted(by_facet["kind"]),
        prices=sorted((_band(row) for row in by_facet["price"]), key=lambda band: band.begin),
        attributes=_attributes(by_facet["attribute"]),
    )


def _counted(rows: list[db.Row], name: str = "key") -> list[Counted]:
    return sorted((Counted(row[name], row["many"]) for row in rows), key=lambda one: (-one.many, one.key))


def _band(row: db.Row) -> PriceBand:
    at = int(row["key"])
    end = PRICE_STEPS[at] if at < len(PRICE_STEPS) else None
    return PriceBand(PRICE_STEPS[at - 1], end, row["many"], row["least"], row["most"])


def _attributes(rows: list[db.Row]) -> list[AttributeCounts]:
    by_code: dict[str, list[db.Row]] = {}
    for row in rows:
        by_code.setdefault(row["key"], []).append(row)
    return [
        AttributeCounts(code, [one for one in _counted(found, "value") if one.key], found[0]["least"], found[0]["most"])
        for code, found in sorted(by_code.items())
    ]
