"""What the fields of sheets, and of many products, are given so that they succeed."""

from collections.abc import AsyncIterator
from uuid import UUID

from perkhub.catalog import (
    ProductExportAsked,
    ProductImportRequest,
    Where,
    request_product_export,
    request_product_import,
)
from perkhub.kit.db import transact
from perkhub.kit.ids import new_id
from perkhub.kit.uploads import receive_upload
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.catalog.inputs import ASKED, ENGLISH, a_code
from tests.schema.making import Given, Making, a_name, also, as_id, nothing

_shop = Shop()


async def _rows(_: Person) -> Given:
    code = a_code()
    await _shop.attribute(code)
    attributes = [{"code": code, "text": "4K"}]
    variants = [{"sku": a_name("WALKED"), "name": ENGLISH, "attributes": attributes}]
    said = {"attributes": attributes, "variants": variants, "buyerInputs": [ASKED]}
    return {"rows": [{"slug": a_name("walked"), "name": ENGLISH, **said}]}


async def _sheet_of(by: Person) -> UUID:
    async def content() -> AsyncIterator[bytes]:
        yield f"slug,name_en\n{a_code().replace('_', '-')},Walked\n".encode()

    return await receive_upload("products.csv", content(), actor=by.identity.actor, limit_bytes=10_000)


async def _upload(by: Person) -> Given:
    return {"uploadId": global_id(Kind.UPLOAD, await _sheet_of(by))}


async def _import(by: Person) -> Given:
    request = ProductImportRequest(upload_id=await _sheet_of(by), actor=by.identity.actor, channels=None)
    made = await transact(lambda tx: request_product_import(tx, new_id(), request))
    return {"id": global_id(Kind.PRODUCT_IMPORT, made)}


async def _export(by: Person) -> Given:
    asked = ProductExportAsked(where=Where(), channels=None)
    made = await transact(lambda tx: request_product_export(tx, new_id(), asked, actor=by.identity.actor))
    return {"id": global_id(Kind.PRODUCT_EXPORT, made)}


BULK: dict[str, Making] = {
    "Mutation.productBulkUpsert": _rows,
    "Mutation.productsExport": also(nothing, where=lambda: {"slug": {"eq": a_name("walked")}}),
    "Mutation.productsImport": _upload,
    "Query.productExport": as_id(_export),
    "Query.productImport": as_id(_import),
}
