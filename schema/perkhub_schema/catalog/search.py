"""Lists of products on the wire: narrowed, searched and sorted."""

from dataclasses import dataclass
from uuid import UUID

import strawberry

from perkhub.catalog import (
    Asked,
    Found,
    Market,
    Sort,
    Span,
    Where,
    count_products,
    find_products,
    read_search,
    resolve_names,
    to_cursor,
    to_place,
)
from perkhub.kit.clock import now
from perkhub.kit.errors import InvalidInput
from perkhub.pricing import viewer_price
from perkhub.suppliers import OBTAINABLE
from perkhub_schema.catalog.types import ProductType, to_product
from perkhub_schema.catalog.where import ProductWhere, to_where
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.paging import Connection, Edge, PageInfo, page_size

NOWHERE = UUID(int=0)

ProductSort = described(
    Sort,
    "How a list of products is ordered; a cursor is good for the order it came from.",
    {
        Sort.RELEVANCE: "Called exactly so, then beginning so, then having all that was typed, then nearly. Needs `search`.",
        Sort.NEWEST: "The newest first.",
        Sort.OLDEST: "The oldest first.",
        Sort.NAME_ASC: "By name in the request's language, Chinese by its reading.",
        Sort.NAME_DESC: "By name, backwards.",
        Sort.PRICE_ASC: "By this viewer's price of the cheapest variant on sale here, the cheapest first.",
        Sort.PRICE_DESC: "By this viewer's price of the cheapest variant on sale here, the dearest first.",
    },
    name="ProductSort",
)


@strawberry.type(name="ProductConnection", description="One page of a list of products.")
class ProductConnection(Connection[ProductType]):
    asked: strawberry.Private[Asked]

    @strawberry.field(description="How many the whole list has, counted up to 10,000: that means as many or more.")
    async def total_count(self) -> int:
        return await count_products(self.asked)


@dataclass(frozen=True)
class ProductList:
    """The arguments of a list of products."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    where: ProductWhere | None = None
    search: str | None = None
    sort_by: Sort | None = None

    async def show(self, info: Info, *, everything: bool = False) -> ProductConnection:
        """The page.

        Raises:
            InvalidInput, CursorOfAnotherOrder.
        """
        asked = await self.asked(info, everything=everything)
        span = self._span(asked)
        return _connection(asked, span, await find_products(asked, span))

    async def asked(self, info: Info, *, everything: bool = False) -> Asked:
        """The list that is meant.

        Raises:
            InvalidInput.
        """
        search = await read_search(self.search)
        where = await resolve_names(to_where(self.where), archived=everything)
        sort = Sort(self.sort_by) if self.sort_by is not None else Sort.NEWEST if search is None else Sort.RELEVANCE
        market = await _market(info, where, sort, everything=everything)
        return Asked(market, where, search, sort, language="zh" if info.context.language == "zh" else "en")

    def _span(self, asked: Asked) -> Span:
        if self.first is not None and self.last is not None:
            reason, reason_zh = "Give either `first` or `last`.", "first 与 last 只能提供一个。"
            raise InvalidInput(path=("last",), reason=reason, reason_zh=reason_zh)
        backwards = self.last is not None
        return Span(
            page_size(self.last, "last") if backwards else page_size(self.first),
            after=None if self.after is None else to_place(asked.order, self.after, "after"),
            before=None if self.before is None else to_place(asked.order, self.before, "before"),
            backwards=backwards,
        )


async def _market(info: Info, where: Where, sort: Sort, *, everything: bool) -> Market:
    """Operators look over all channels; of one they name the prices, where they ask for any. Which price lists are for this
    viewer is looked up only where prices are asked for."""
    at, of_market = now(), sort in (Sort.PRICE_ASC, Sort.PRICE_DESC) or where.of_market()
    if everything and not of_market:
        return Market(NOWHERE, at, everything=True)
    channel = await info.context.channel()
    if not of_market:
        return Market(channel.id, at, everything=everything)
    price = await viewer_price(channel, await info.context.viewer(), at=at)
    said = {"price": lambda parameter, listing: price.sql(parameter, listing=listing)} if price.lists else {}
    return Market(channel.id, at, everything=everything, stocked=OBTAINABLE, **said)


def _connection(asked: Asked, span: Span, found: Found) -> ProductConnection:
    edges = [Edge(cursor=to_cursor(asked.order, one.place), node=to_product(one.view)) for one in found.products]
    return ProductConnection(
        asked=asked,
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=PageInfo(
            has_next_page=span.before is not None if span.backwards else found.more,
            has_previous_page=found.more if span.backwards else span.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
