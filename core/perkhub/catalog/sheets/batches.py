"""Reading the products of a sheet batch by batch, with the brands, categories and attributes that they name."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from perkhub.catalog.attribute_views import attributes_by_codes
from perkhub.catalog.attributes import AttributeDraft
from perkhub.catalog.sheets.columns import Layout
from perkhub.catalog.sheets.entries import Entry, Named, Reading
from perkhub.catalog.sheets.groups import ProductGroup
from perkhub.catalog.sheets.imports import ProductImport
from perkhub.catalog.sheets.lists import split
from perkhub.catalog.sheets.values import plain
from perkhub.channels import Channel
from perkhub.kit import db

PRODUCTS_AT_ONCE = 500
ROWS_AT_ONCE = 3_000

BRANDS = "SELECT slug, id FROM brand WHERE slug = ANY($1)"
CATEGORIES = "SELECT slug, id FROM category WHERE slug = ANY($1)"


@dataclass(frozen=True)
class House:
    """What a whole sheet may name: attributes, and channels in which its author sets prices."""

    attributes: dict[str, AttributeDraft]
    channels: dict[str, Channel]
    channel: str | None


async def read_house(layout: Layout, task: ProductImport, channels: Sequence[Channel]) -> House:
    """What this sheet may name."""
    codes = [column.name for column in layout.columns if column.name and column.key.endswith("attribute")]
    found = await attributes_by_codes(codes) if codes else []
    known = {view.defined.code: view.defined for view in found if view.archived_at is None}
    allowed = {one.key: one for one in channels if task.channels is None or one.id in task.channels}
    return House(known, allowed, task.channel)


async def in_batches(products: AsyncIterator[ProductGroup]) -> AsyncIterator[list[ProductGroup]]:
    """So many at a time that a transaction is short."""
    batch: list[ProductGroup] = []
    rows = 0
    async for product in products:
        batch.append(product)
        rows += product.rows
        if len(batch) >= PRODUCTS_AT_ONCE or rows >= ROWS_AT_ONCE:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


async def read_entries(groups: Sequence[ProductGroup], layout: Layout, house: House) -> list[Entry]:
    """What the cells of these products say."""
    brands = await _ids(BRANDS, {plain(cell) for cell in _cells(groups, layout, "brand")})
    shelves = {slug for cell in _cells(groups, layout, "categories") for slug in split(plain(cell))}
    named = Named(brands, await _ids(CATEGORIES, shelves), house.attributes, house.channels, house.channel)
    return [Reading(group, layout, named).entry() for group in groups]


def _cells(groups: Sequence[ProductGroup], layout: Layout, key: str) -> list[str]:
    column = layout.by_key.get(key)
    return [] if column is None else [cell for group in groups if (cell := group.cell(column.position))]


async def _ids(sql: str, slugs: set[str]) -> dict[str, UUID]:
    return {row["slug"]: row["id"] for row in await db.rows(sql, list(slugs))} if slugs else {}
