"""A channel that products are put into by the domain's verbs, and looked for by name."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from perkhub.catalog import (
    Asked,
    Found,
    ListingDraft,
    Market,
    ProductDraft,
    Sort,
    Span,
    VariantDraft,
    Where,
    create_product,
    create_variant,
    find_products,
    read_search,
    upsert_listing,
)
from perkhub.channels import Channel
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.vault import STOCKED

_numbers = count(1)
EVERYTHING = Where()


@dataclass
class Shelf:
    """Sells what is put into it; finds it as a reader of the channel does."""

    channel: Channel

    async def put(
        self,
        zh: str,
        en: str = "",
        *,
        price: str | None = "10",
        sku: str | None = None,
        channel: Channel | None = None,
        **more: Any,
    ) -> UUID:
        """A product of one variant, on sale at this price, or nowhere."""
        number = next(_numbers)
        names = {language: name for language, name in (("zh", zh), ("en", en)) if name}
        draft = ProductDraft(**{"slug": f"p{number}x", "name": names, **more})

        async def work(tx: Transaction) -> UUID:
            product = await create_product(tx, draft)
            variant = await create_variant(tx, product, VariantDraft(sku or f"N{number}", {"zh": "规"}))
            if price is not None:
                await upsert_listing(tx, (channel or self.channel).id, variant, ListingDraft(Decimal(price)))
            return product

        return await transact(work)

    def market(self, **more: Any) -> Market:
        """This channel now."""
        return Market(self.channel.id, now(), stocked=STOCKED, **more)

    async def found(
        self,
        typed: str | None = None,
        *,
        where: Where = EVERYTHING,
        sort: Sort | None = None,
        span: Span | None = None,
        language: str = "zh",
        **market: Any,
    ) -> Found:
        """A page."""
        search = await read_search(typed)
        by = sort or (Sort.NEWEST if search is None else Sort.RELEVANCE)
        return await find_products(Asked(self.market(**market), where, search, by, language), span or Span(50))

    async def names(self, typed: str | None = None, **asked: Any) -> list[str]:
        """What the products of the page are called."""
        return names_of(await self.found(typed, **asked))


def names_of(found: Found) -> list[str]:
    """In Chinese, or whatever there is."""
    return [one.view.name.get("zh") or one.view.name["en"] for one in found.products]
