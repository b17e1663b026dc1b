"""Which products there are to look at, by the index behind each condition: all that fulfil it, or some more, and each once.

Kinds, brands, categories and tags stand as marks beside the words of a search, so that one look finds those that have them
all. What other indexes bring is cut with that.
"""

from collections.abc import Iterator, Sequence

from perkhub.catalog.search.market import Market
from perkhub.catalog.search.marks import BRAND, CATEGORY, KIND, TAG
from perkhub.catalog.search.matching import Search
from perkhub.catalog.search.statement import Statement, all_of
from perkhub.catalog.search.where import Range, Where, among, between


def lookup(where: Where, statement: Statement, market: Market, *, search: Search | None = None) -> str | None:
    """As SQL, a table of `product_id`; of those that a search means, where there is one. None: it would be every product."""
    found = [*_marked(where, statement, search), *_found(where, statement, market)]
    if not found and search is not None:
        found = [f"SELECT s.product_id FROM product_search s WHERE {_words(search, statement)}"]
    return " INTERSECT ".join(f"({one})" for one in found) if found else None


def marked(where: Where, statement: Statement) -> str:
    """What must hold of marks, as SQL about a row `s` of `product_search`; nothing where nothing must."""
    said = [
        _one_of(KIND, where.kinds, statement),
        _one_of(BRAND, where.brands, statement),
        _one_of(TAG, where.tags, statement),
    ]
    if where.categories is not None:
        below = f"SELECT '{CATEGORY}' || c.id FROM category c WHERE c.path && {statement.put(list(where.categories), 'uuid[]')}"
        said.append(f"s.keys && ARRAY({below})")
    return " AND ".join(filter(None, [*said, *(marked(one, statement) for one in where.every)]))


def _one_of(mark: str, values: Sequence[object] | None, statement: Statement) -> str:
    return "" if values is None else f"s.keys && {statement.put([f'{mark}{value}' for value in values], 'text[]')}"


def _words(search: Search, statement: Statement) -> str:
    return f"s.keys @> {statement.put(search.sought, 'text[]')}"


def _marked(where: Where, statement: Statement, search: Search | None) -> Iterator[str]:
    """One look for marks and words together. Words that are common, without marks, are left out: they would bring half the
    house, of which all else leaves little."""
    said = marked(where, statement)
    if search is not None and (said or not search.share):
        said = " AND ".join(filter(None, (_words(search, statement), said)))
    if said:
        yield f"SELECT s.product_id FROM product_search s WHERE {said}"


def _found(where: Where, statement: Statement, market: Market) -> Iterator[str]:
    for column, values, kind in (
        ("n.id", where.ids, "uuid"),
        ("n.slug", where.slugs, "text"),
        ("n.external_reference", where.references, "text"),
    ):
        if values is not None:
            yield f"SELECT n.id AS product_id FROM product n WHERE {among(column, values, kind, statement)}"
    for column, moments in (("n.created_at", where.created), ("n.updated_at", where.updated)):
        if moments not in (None, Range()):
            # Of a range with two ends PostgreSQL believes that it leaves little, and goes by the index.
            ends = all_of(between(column, moments, "timestamptz", statement), f"{column} BETWEEN '-infinity' AND 'infinity'")
            yield f"SELECT n.id AS product_id FROM product n WHERE {ends}"
    for having in where.attributes:
        yield f"SELECT DISTINCT f.product_id FROM product_fact f WHERE {having.facts(statement)}"
    if where.picked is not None:
        collections = among("cp.collection_id", where.picked, "uuid", statement)
        yield f"SELECT DISTINCT cp.product_id FROM collection_product cp WHERE {collections}"
    if where.price not in (None, Range()) and not market.listed:
        costs = between("l.unit_price", where.price, "numeric", statement)
        channel = f"l.channel_id = {market.parameter(statement)}"
        yield f"SELECT DISTINCT l.product_id FROM listing l WHERE {all_of(channel, costs)}"
    for one in where.every:
        yield from _found(one, statement, market)
    if where.some is not None:
        yield from _of_either(where.some, statement, market)


def _of_either(some: Sequence[Where], statement: Statement, market: Market) -> Iterator[str]:
    if not all(_narrows(one, market) for one in some):
        return
    either = [lookup(one, statement, market) for one in some]
    yield " UNION ".join(f"SELECT product_id FROM ({one}) i" for one in either) or "SELECT NULL::uuid AS product_id WHERE false"


def _narrows(where: Where, market: Market) -> bool:
    """Asked first: a value that was put into the statement must be used in it."""
    return lookup(where, Statement(), market) is not None
