"""Setting up what is sold: each resolver calls the domain once and shows what came of it."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import (
    archive_product,
    create_product,
    product_views,
    update_product,
)
from perkhub.kit.db import transact
from perkhub_schema.catalog.inputs import (
    ProductArchiveInput,
    ProductCreateInput,
    ProductUpdateInput,
)
from perkhub_schema.catalog.payloads import ProductPayload
from perkhub_schema.catalog.types import to_product
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation


@mutation(requires(Permission.MANAGE_CATALOG), "Create a product; it is for sale once a variant of it is listed in a channel.")
async def product_create(input: ProductCreateInput) -> ProductPayload:
    draft = input.to_draft()
    return await _product(await transact(lambda tx: create_product(tx, draft)))


@mutation(requires(Permission.MANAGE_CATALOG), "Change a product, unless somebody else changed it since you read it.")
async def product_update(input: ProductUpdateInput) -> ProductPayload:
    product, changes = local_id(Kind.PRODUCT, input.product_id, "productId"), input.to_changes()
    await transact(lambda tx: update_product(tx, product, changes, expected_version=input.expected_version))
    return await _product(product)


@mutation(requires(Permission.MANAGE_CATALOG), "Take a product off every channel, for good. Whoever bought it keeps it.")
async def product_archive(input: ProductArchiveInput) -> ProductPayload:
    product = local_id(Kind.PRODUCT, input.product_id, "productId")
    await transact(lambda tx: archive_product(tx, product, expected_version=input.expected_version))
    return await _product(product)


async def _product(product: UUID) -> ProductPayload:
    return ProductPayload(product=to_product((await product_views([product]))[0]))


@strawberry.type
class CatalogMutations:
    product_create = product_create
    product_update = product_update
    product_archive = product_archive
