"""Each condition and each order is behind an index: what PostgreSQL does over ten thousand products, by the plan that it made
once for a statement, whatever its values are: that is how servers run it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from perkhub.catalog import Asked, Having, Market, Range, Sort, Span, Where, find_products, read_search
from perkhub.catalog.search import find
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.ids import new_id
from tests.catalog.search.seeding import Seeded, explain, plans, seed_products
from tests.catalog.search.shelf import Shelf
from tests.factories import Shop

MANY = 10_000
COPIED = """
    INSERT INTO listing (id, channel_id, variant_id, product_id, unit_price, published_from, taken, version, created_at)
    SELECT ($3::uuid[])[row_number() OVER ()], $2, l.variant_id, l.product_id, l.unit_price, l.published_from, 0, 1,
           l.created_at
    FROM listing l WHERE l.product_id = $1
"""
# What a page may look at in all; a list that is not behind an index looks at everything.
MOST_ROWS = 3_000


class Explained:
    """Reads as `db` does, and keeps the plan of each statement with what it came to."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []

    async def rows(self, sql: str, *values: Any) -> list[db.Row]:
        self.nodes += plans(await explain(sql, *values))
        return await db.rows(sql, *values)

    def indexes(self) -> set[str]:
        return {node["Index Name"] for node in self.nodes if "Index Name" in node}

    def looked_at(self) -> int:
        return int(
            max(node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0) for node in self.nodes)
        )

    def read_whole(self) -> set[str]:
        large = {"product", "product_search", "listing", "variant", "product_category", "product_fact"}
        return {node["Relation Name"] for node in self.nodes if node["Node Type"] == "Seq Scan"} & large


def conditions(seeded: Seeded) -> dict[str, Where]:
    day = timedelta(days=1)
    return {
        "id": Where(ids=tuple(seeded.products[:3])),
        "slug": Where(slugs=("product-17", "product-18")),
        "externalReference": Where(references=("EXT-000017",)),
        "kind": Where(kinds=("voucher",)),
        "brand": Where(brands=(seeded.brands[3],)),
        "tag": Where(tags=("tag-3",)),
        "attribute": Where(attributes=(Having(code="tier", values=("option-3",)),)),
        "attribute's range": Where(attributes=(Having(code="months", number=Range(Decimal(500), Decimal(510))),)),
        "attribute's day": Where(attributes=(Having(code="day", day=Range("2027-01-05", "2027-01-05")),)),
        "category": Where(categories=(seeded.categories[1],)),
        "price": Where(price=Range(Decimal(499), Decimal("499.50"))),
        "createdAt": Where(created=Range(lte=now() - 2 * day)),
        "updatedAt": Where(updated=Range(gte=now() + day)),
        "collection": Where(picked=(seeded.collection,)),
        "AND": Where(every=(Where(brands=(seeded.brands[3],)),)),
        "brand and category": Where(brands=(seeded.brands[3],), categories=(seeded.categories[1],)),
        "OR": Where(brands=tuple(seeded.brands[:5]), some=(Where(kinds=("link",)), Where(slugs=("product-17",)))),
    }


async def explained(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> Explained:
    found = Explained()
    with monkeypatch.context() as patch:
        patch.setattr(find, "db", found)
        await find_products(asked, Span(20))
    return found


async def test_every_condition_and_order_is_behind_an_index(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    seeded = await seed_products(shelf.channel, MANY)
    for everything in (False, True):
        market = shelf.market(everything=everything)
        for name, where in conditions(seeded).items():
            found = await explained(monkeypatch, Asked(market, where))
            assert found.indexes(), name
            assert found.looked_at() <= MOST_ROWS, (name, everything, found.looked_at())
            assert not found.read_whole(), (name, everything)
    for sort in set(Sort) - {Sort.RELEVANCE}:
        found = await explained(monkeypatch, Asked(shelf.market(), sort=sort, language="zh"))
        assert found.looked_at() <= 500, (sort, found.looked_at())
        for name, where in conditions(seeded).items() if sort in (Sort.NAME_ASC, Sort.PRICE_ASC) else ():
            found = await explained(monkeypatch, Asked(shelf.market(), where, sort=sort, language="zh"))
            assert found.looked_at() <= 2 * MOST_ROWS, (sort, name, found.looked_at())
            assert not found.read_whole(), (sort, name)
    rare = dict.fromkeys(("爱奇艺", "爱奇艺 月卡", "SKU-77", "netflix"), 500)
    for typed, most in {**rare, "会员": 2000, "huiyuan": 2000}.items():
        search = await read_search(typed)
        found = await explained(monkeypatch, Asked(shelf.market(), search=search, sort=Sort.RELEVANCE))
        assert found.looked_at() <= most, (typed, found.looked_at())
        assert {"product_search_keys"} <= found.indexes(), typed


async def test_a_search_within_is_as_quick_as_without(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    """What half of the house has, in a fifth of it, and in less."""
    seeded = await seed_products(shelf.channel, MANY)
    for typed in ("会员", "爱奇艺"):
        search = await read_search(typed)
        for name, where in conditions(seeded).items():
            found = await explained(monkeypatch, Asked(shelf.market(), where, search, Sort.RELEVANCE))
            assert found.looked_at() <= 2 * MOST_ROWS, (typed, name, found.looked_at())
            assert not found.read_whole(), (typed, name)


async def test_a_small_channel_is_not_slower_for_a_large_house(shelf: Shelf, shop: Shop, monkeypatch: pytest.MonkeyPatch):
    seeded = await seed_products(shelf.channel, MANY)
    channel = await shop.channel("small")
    for product in seeded.products[:50]:
        await db.value(COPIED, product, channel.id, [new_id() for _ in range(3)])
    market = Market(channel.id, now())
    for search in (None, await read_search("会员"), await read_search("netflix")):
        for sort in Sort:
            for where in (Where(), Where(kinds=("voucher",)), Where(categories=(seeded.categories[1],))):
                found = await explained(monkeypatch, Asked(market, where, search, sort, "zh"))
                assert found.looked_at() <= 500, (search and search.line, sort, where, found.looked_at())


async def test_a_list_without_an_index_would_be_seen(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    """The test above can fail: as much is looked at where the index is gone."""
    await seed_products(shelf.channel, 4 * MOST_ROWS // 3)
    search = await read_search("爱奇艺")
    await db.value("DROP INDEX product_search_keys")
    found = await explained(monkeypatch, Asked(shelf.market(), search=search, sort=Sort.RELEVANCE))
    assert found.looked_at() > MOST_ROWS
    assert found.read_whole()
