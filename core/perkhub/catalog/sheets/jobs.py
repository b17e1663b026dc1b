"""What sheets need done in the background."""

from functools import cache, partial
from uuid import UUID

from perkhub.catalog.sheets.export_products import MarketOf, run_product_export
from perkhub.catalog.sheets.exports import JOB as EXPORT
from perkhub.catalog.sheets.import_products import run_product_import
from perkhub.catalog.sheets.imports import JOB as IMPORT
from perkhub.catalog.sheets.imports import TAKEN_IN
from perkhub.kit.jobs import Context, job
from perkhub.kit.uploads import spare_uploads


@cache
def register_sheet_jobs(market_of: MarketOf) -> None:
    """Register them, once. `market_of` says what a channel's prices and stock are, for conditions that ask for them."""
    job(IMPORT)(_import)
    job(EXPORT)(partial(_export, market_of=market_of))
    spare_uploads(TAKEN_IN)


async def _import(context: Context, import_id: UUID) -> None:
    await run_product_import(context, import_id)


async def _export(_: Context, export_id: UUID, *, market_of: MarketOf) -> None:
    await run_product_export(export_id, market_of=market_of)
