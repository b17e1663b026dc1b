"""What a list is narrowed to: conditions that a caller states, told as SQL that is asked of each product by itself.

So a list may be walked in its order until a page is full, however many products a condition leaves; which these are, by the
indexes, is looked up by `lookup`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar
from uuid import UUID

from perkhub.catalog.search.market import Market
from perkhub.catalog.search.statement import Statement, all_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Range(Generic[T]):
    """From and to, both included, or less than `lt`; either end may be open."""

    gte: T | None = None
    lte: T | None = None
    lt: T | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """An attribute that a product, or a form of it, has: with one of these values, or within a range. Nothing said: at all."""

    code: str
    values: tuple[str, ...] | None = None
    number: Range[Decimal] | None = None
    day: Range[str] | None = None  # by ISO 8601

    def facts(self, statement: Statement) -> str:
        """As SQL about a row `f` of `product_fact`."""
        return all_of(
            f"f.code = {statement.put(self.code, 'text')}",
            "" if self.values is None else among("f.value", self.values, "text", statement),
            between("f.number", self.number, "numeric", statement),
            between("f.value", self.day, "text", statement),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """All that is said must hold. A tuple means one of its values; an empty one is met by nothing.

    What is said by name is no condition yet, but a `SaidWhere`. `picked` are collections, as far as they were picked by hand.
    """

    ids: tuple[UUID, ...] | None = None
    slugs: tuple[str, ...] | None = None
    references: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    brands: tuple[UUID, ...] | None = None
    categories: tuple[UUID, ...] | None = None
    tags: tuple[str, ...] | None = None
    picked: tuple[UUID, ...] | None = None
    attributes: tuple[Having, ...] = ()
    price: Range[Decimal] | None = None
    in_stock: bool | None = None
    created: Range[datetime] | None = None
    updated: Range[datetime] | None = None
    every: tuple["Where", ...] = ()
    some: tuple["Where", ...] | None = None
    none: "Where | None" = None

    def condition(self, statement: Statement, market: Market) -> str:
        """As SQL about a row `p` of `product`."""
        some = None if self.some is None else [one.condition(statement, market) for one in self.some]
        return all_of(
            *self._own(statement, market),
            *(f"({one.condition(statement, market)})" for one in self.every),
            "" if some is None else f"({' OR '.join(f'({one})' for one in some) or 'false'})",
            "" if self.none is None else f"({self.none.condition(statement, market)}) IS NOT TRUE",
        )

    def by_name(self) -> bool:
        """Whether it names the products that may be left, a few, outright."""
        named = (self.ids, self.slugs, self.references)
        return any(one is not None for one in named) or any(one.by_name() for one in self.every)

    def of_market(self) -> bool:
        """Whether it asks for anything that differs by channel."""
        return self.price is not None or self.in_stock is not None or any(one.of_market() for one in self.inside())

    def inside(self) -> list["Where"]:
        """What stands in AND, OR and NOT."""
        return [*self.every, *(self.some or ()), *(() if self.none is None else (self.none,))]

    def _own(self, statement: Statement, market: Market) -> Iterator[str]:
        if self.ids is not None:
            yield among("p.id", self.ids, "uuid", statement)
        if self.slugs is not None:
            yield among("p.slug", self.slugs, "text", statement)
        if self.references is not None:
            yield among("p.external_reference", self.references, "text", statement)
        yield from (f"({condition}) IS TRUE" for condition in self._columns(statement))
        if self.categories is not None:
            below = f"ARRAY(SELECT c.id FROM category c WHERE c.path && {statement.put(list(self.categories), 'uuid[]')})"
            yield f"""(SELECT EXISTS (SELECT FROM product_category pc
                                      WHERE pc.product_id = p.id AND pc.category_id = ANY({below})))"""
        if self.picked is not None:
            collections = among("cp.collection_id", self.picked, "uuid", statement)
            yield f"(SELECT EXISTS (SELECT FROM collection_product cp WHERE cp.product_id = p.id AND {collections}))"
        for having in self.attributes:
            facts = having.facts(statement)
            yield f"(SELECT EXISTS (SELECT FROM product_fact f WHERE f.product_id = p.id AND {facts}))"
        if self.price is not None:
            said = self.price != Range()
            # Seen, not looked up: the index of prices would be gone through for each product.
            bounds = f"({between(market.cost(statement), self.price, 'numeric', statement)}) IS TRUE" if said else "true"
            yield f"(SELECT EXISTS (SELECT {market.offers(statement, 'p.id')} AND {bounds}))"
        if self.in_stock is not None:
            buyable = f"(SELECT EXISTS (SELECT {market.offers(statement, 'p.id')} AND {market.buyable()}))"
            yield buyable if self.in_stock else f"NOT {buyable}"

    def _columns(self, statement: Statement) -> Iterator[str]:
        """What stands in the product's own row: seen there, and not a way to it."""
        if self.kinds is not None:
            yield among("p.kind", self.kinds, "text", statement)
        if self.brands is not None:
            yield among("p.brand_id", self.brands, "uuid", statement)
        if self.tags is not None:
            yield f"p.tags && {statement.put(list(self.tags), 'text[]')}"
        yield from filter(None, (between("p.created_at", self.created, "timestamptz", statement),))
        yield from filter(None, (between("p.updated_at", self.updated, "timestamptz", statement),))


def among(column: str, values: tuple[T, ...], kind: str, statement: Statement) -> str:
    """One value is said to be one: of a list PostgreSQL believes that it is ten."""
    if len(values) == 1:
        return f"{column} = {statement.put(values[0], kind)}"
    return f"{column} = ANY({statement.put(list(values), f'{kind}[]')})"


def between(value: str, bounds: Range[T] | None, kind: str, statement: Statement) -> str:
    """Nothing, where neither end is said."""
    if bounds is None:
        return ""
    return all_of(
        "" if bounds.gte is None else f"{value} >= {statement.put(bounds.gte, kind)}",
        "" if bounds.lte is None else f"{value} <= {statement.put(bounds.lte, kind)}",
        "" if bounds.lt is None else f"{value} < {statement.put(bounds.lt, kind)}",
    )
