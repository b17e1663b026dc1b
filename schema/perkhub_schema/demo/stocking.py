"""The demo's codes, brought in as an operator would: uploaded as spreadsheets, imported by the worker, sealed on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from perkhub.catalog import product_by_slug, variants_of_products
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.uploads import receive_upload
from perkhub.vault import (
    ImportRequest,
    ImportState,
    ImportView,
    imports_by_ids,
    list_imports,
    list_lots,
    request_import,
)
from perkhub_schema.demo.benefits import BENEFITS, Benefit, Form
from perkhub_schema.demo.deliveries import Delivery, make_delivery
from perkhub_schema.demo.shop import ACTOR, CURRENCY

OUR_SHARE = Decimal("0.94")  # of the price is what a code cost us
CENT = Decimal("0.01")
PATIENCE_SECONDS = 120
LOOK_EVERY = 0.1
ENDED = frozenset({ImportState.DONE, ImportState.FAILED})
MOST_IMPORTS = 100  # more than a shop's first deliveries

Told = Callable[[int, int], None]


class StockingFailed(Exception):
    """An import was refused, or no worker did it. Told to whoever started the demo."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A variant that no codes were ever delivered of."""

    variant_id: UUID
    benefit: Benefit
    form: Form


async def stock_shop(told: Told) -> None:
    """Bring in the first codes of whatever has none yet, and wait until they are in stock. Sold out stays sold out.

    Raises:
        StockingFailed.
    """
    under_way = [one for one in await list_imports(limit=MOST_IMPORTS) if one.state not in ENDED]
    awaited = {one.variant_id: one.id for one in under_way}
    for missing in await _missing():
        if missing.variant_id not in awaited:
            awaited[missing.variant_id] = await _deliver(missing)
        told(0, len(awaited))
    await _until_stocked(list(awaited.values()), told)


async def _missing() -> list[Missing]:
    by_sku = {form.sku: (benefit, form) for benefit in BENEFITS for form in benefit.forms}
    products = [product for benefit in BENEFITS if (product := await product_by_slug(benefit.slug)) is not None]
    return [
        Missing(variant.id, *by_sku[variant.sku])
        for variant in await variants_of_products([product.id for product in products])
        if variant.sku in by_sku and not await list_lots(variant=variant.id, limit=1)
    ]


async def _deliver(missing: Missing) -> UUID:
    benefit, form = missing.benefit, missing.form
    delivery = make_delivery(benefit.sheet, form.sku, form.codes)
    upload = await receive_upload(delivery.filename, _streamed(delivery), actor=ACTOR)
    request = ImportRequest(
        upload_id=upload,
        variant_id=missing.variant_id,
        issuer=benefit.brand,
        unit_cost=(form.price * OUR_SHARE).quantize(CENT),
        currency=CURRENCY,
        actor=ACTOR,
        reference=f"DEMO-{form.sku}",
    )
    return await transact(lambda tx: request_import(tx, new_id(), request))


async def _streamed(delivery: Delivery) -> AsyncIterator[bytes]:
    yield delivery.content


async def _until_stocked(imports: list[UUID], told: Told) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (done := _count_done(await imports_by_ids(imports))) < len(imports):
                told(done, len(imports))
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise StockingFailed(f"the worker did not stock the shop within {PATIENCE_SECONDS} seconds") from None
    told(len(imports), len(imports))


def _count_done(imports: list[ImportView]) -> int:
    for one in imports:
        if one.failure is not None:
            raise StockingFailed(f"{one.filename}: {one.failure.en}")
    return sum(one.state is ImportState.DONE for one in imports)
