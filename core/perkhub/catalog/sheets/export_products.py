"""Exporting products to a sealed file: page after page of what is asked for, so that what is brought in again changes
nothing. A killed export begins anew."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar
from uuid import UUID

from perkhub.catalog.attribute_views import attributes_by_codes
from perkhub.catalog.brand_views import brand_views
from perkhub.catalog.search.asked import Asked, Span
from perkhub.catalog.search.find import find_products
from perkhub.catalog.search.market import Market
from perkhub.catalog.search.order import Place as Cursor
from perkhub.catalog.search.order import Sort
from perkhub.catalog.sheets.cells import Page, Place
from perkhub.catalog.sheets.exports import ProductExport, SheetFormat, end_export, note_written, read_product_export
from perkhub.catalog.sheets.writing import CsvWriter, SheetWriter, XlsxWriter, places
from perkhub.catalog.views import ListingView, ProductView, VariantView, listings_of_variants, variants_of_products
from perkhub.channels import every_channel
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.uploads import KEPT_FOR, receive_upload

AT_ONCE = 500
MOST_FREE = 400
LARGEST_FILE = 2 << 30
NOWHERE = UUID(int=0)

SHELVES = """
    SELECT pc.product_id, array_agg(c.slug ORDER BY pc.position) AS slugs
    FROM product_category pc JOIN category c ON c.id = pc.category_id WHERE pc.product_id = ANY($1) GROUP BY pc.product_id
"""
NAMED = """
    SELECT DISTINCT '{key}' AS key, jsonb_object_keys({column}) AS name FROM {table} WHERE archived_at IS NULL
"""
FREE = {
    f"{of}{key}": (table, column)
    for of, table in (("", "product"), ("variant_", "variant"))
    for key, column in (("attribute", "attributes"), ("metadata", "metadata"), ("private_metadata", "private_metadata"))
}
FREE_COLUMNS = " UNION ALL ".join(NAMED.format(key=key, table=table, column=column) for key, (table, column) in FREE.items())
# What the conditions mean of a channel, as whoever knows prices and stock says it.
MarketOf: TypeAlias = Callable[[UUID, datetime], Awaitable[Market]]
V = TypeVar("V", VariantView, ListingView)


async def run_product_export(export_id: UUID, *, market_of: MarketOf) -> None:
    """Do the export; done again after its end, it does nothing."""
    export = await read_product_export(export_id)
    if export is None or export.file_id is not None:
        return
    expires_at = now() + KEPT_FOR
    written = _written(export, market_of)
    file = await receive_upload(export.filename, written, actor=export.actor, limit_bytes=LARGEST_FILE)
    await transact(lambda tx: end_export(tx, export, file, expires_at=expires_at))


async def free_columns() -> list[Place]:
    """The columns under names of the house's own: attributes in use, and keys of metadata; so many at most."""
    found = [(row["key"], row["name"]) for row in await db.rows(FREE_COLUMNS)]
    codes = [name for key, name in found if key.endswith("attribute")]
    living = {view.defined.code for view in await attributes_by_codes(codes) if view.archived_at is None}
    return sorted((key, name) for key, name in found if not key.endswith("attribute") or name in living)[:MOST_FREE]


async def _written(export: ProductExport, market_of: MarketOf) -> AsyncIterator[bytes]:
    columns = places(await free_columns())
    kind = XlsxWriter if export.asked.format is SheetFormat.XLSX else CsvWriter
    writer: SheetWriter = await asyncio.to_thread(kind, columns, export.asked.language)
    products = rows = 0
    async for page in _pages(export, market_of):
        found = list(page.rows())
        if ready := await asyncio.to_thread(writer.add, found):
            yield ready
        products, rows = products + len(page.products), rows + len(found)
        await transact(lambda tx: note_written(tx, export.id, products=products, rows=rows))  # noqa: B023 - awaited here
    pieces = await asyncio.to_thread(lambda: list(writer.end()))
    for piece in pieces:
        yield piece


async def _pages(export: ProductExport, market_of: MarketOf) -> AsyncIterator[Page]:
    asked = export.asked
    at = now()
    market = Market(NOWHERE, at, everything=True) if asked.channel is None else await market_of(asked.channel, at)
    wanted = Asked(market, asked.where, sort=Sort.OLDEST)
    after: Cursor | None = None
    while True:
        found = await find_products(wanted, Span(AT_ONCE, after=after))
        shown = [one.view for one in found.products if one.view.archived_at is None]
        if shown:
            yield await _page(shown, asked.channels)
        if not found.more:
            return
        after = found.products[-1].place


async def _page(products: Sequence[ProductView], of_channels: tuple[UUID, ...] | None) -> Page:
    ids = [product.id for product in products]
    variants = await variants_of_products(ids)
    channels = {one.id: one for one in await every_channel(closed=True) if of_channels is None or one.id in of_channels}
    listings = [one for one in await listings_of_variants([one.id for one in variants]) if one.channel_id in channels]
    brands = await brand_views([product.brand_id for product in products if product.brand_id is not None])
    return Page(
        products,
        _by(variants, lambda one: one.product_id),
        _by(listings, lambda one: one.variant_id),
        {brand.id: brand.slug for brand in brands},
        {row["product_id"]: row["slugs"] for row in await db.rows(SHELVES, ids)},
        channels,
    )


def _by(found: Sequence[V], of: Callable[[V], UUID]) -> dict[UUID, list[V]]:
    grouped: dict[UUID, list[V]] = defaultdict(list)
    for one in found:
        grouped[of(one)].append(one)
    return grouped
