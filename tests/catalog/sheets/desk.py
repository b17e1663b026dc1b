"""An operator's desk: sheets of products as they are sent in, and what came of them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from perkhub.catalog import (
    ProductExport,
    ProductExportAsked,
    ProductImport,
    ProductImportRequest,
    Where,
    read_product_export,
    read_product_import,
    request_product_export,
    request_product_import,
)
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.kit.uploads import open_upload
from tests.fixtures.workbooks import workbook
from tests.vault.desk import OPERATOR, csv, upload

__all__ = ["OPERATOR", "csv", "upload"]

HEADER = ("slug", "name_zh", "sku", "variant_name_zh", "channel", "price")


def xlsx(rows: Iterable[Sequence[Any]], *, header: Sequence[str] = HEADER) -> bytes:
    return workbook([header, *rows])


def numbered(count: int, *, first: int = 0, price: str = "10") -> list[tuple[Any, ...]]:
    """Products of one variant each, on sale in the channel `retail`."""
    return [(f"p-{n}", f"商品{n}", f"SKU-{n}", "月卡", "retail", price) for n in range(first, first + count)]


async def ask(content: bytes, *, name: str = "products.xlsx", **more: Any) -> UUID:
    """Ask for an import; it waits for a worker."""
    sent = await upload(content, name=name)
    request = ProductImportRequest(**{"upload_id": sent, "actor": OPERATOR, "channels": None, **more})
    return await transact(lambda tx: request_product_import(tx, new_id(), request))


async def found(import_id: UUID) -> ProductImport:
    view = await read_product_import(import_id)
    assert view is not None
    return view


async def bring_in(content: bytes, **more: Any) -> ProductImport:
    """Upload, ask, and let the worker do it."""
    import_id = await ask(content, **more)
    await drain()
    return await found(import_id)


@asynccontextmanager
async def catalog_stays() -> AsyncIterator[None]:
    """What happens inside changes nothing of what is sold, nor of its history."""
    before = await _catalog()
    yield
    assert [row for row in await _catalog() if row not in before] == []
    assert len(await _catalog()) == len(before)


async def _catalog() -> list[str]:
    tables = ("product", "variant", "listing", "product_category", "product_search", "product_fact", "public_price")
    return [str(row) for table in tables for row in await db.rows(f"SELECT * FROM {table} ORDER BY 1, 2")]


def told(done: ProductImport) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in done.refusals]


def counts(done: ProductImport) -> tuple[int, int, int, int]:
    return done.created, done.changed, done.unchanged, done.left_out


async def send_out(**asked: Any) -> ProductExport:
    """Ask for an export, and let the worker do it."""
    wanted = ProductExportAsked(**{"where": Where(), "channels": None, **asked})
    export = await transact(lambda tx: request_product_export(tx, new_id(), wanted, actor=OPERATOR))
    await drain()
    done = await read_product_export(export, actor=OPERATOR)
    assert done is not None
    return done


async def content_of(export: ProductExport) -> bytes:
    assert export.file_id is not None
    return b"".join([piece async for piece in open_upload(export.file_id, OPERATOR)])
