"""Asking for sheets of products to come in and to go out; a worker does it."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.catalog import (
    ProductExportAsked,
    ProductImportRequest,
    SheetFormat,
    read_product_export,
    read_product_import,
    request_product_export,
    request_product_import,
    resolve_names,
)
from perkhub.channels import Channel, ChannelNotFound, known_channel_by_key
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.db import Transaction
from perkhub.kit.idempotency import once
from perkhub_schema.bulk.sheets import ProductExportType, ProductImportType, to_product_export, to_product_import
from perkhub_schema.catalog.where import ProductWhere, to_where
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.bulk import ErrorPolicyEnum
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import fingerprint


@strawberry.input(
    description="Products from an upload: XLSX or CSV, a row for each variant in each channel, the names of the columns in row "
    "1 in English or Chinese. GET /templates/products.xlsx has them all."
)
class ProductsImportInput:
    idempotency_key: str = strawberry.field(description="New for each import, the same for each repetition of the request.")
    upload_id: strawberry.ID = strawberry.field(description="What POST /uploads answered; an upload is its sender's alone.")
    error_policy: ErrorPolicyEnum = strawberry.field(  # type: ignore[valid-type]
        default=ErrorPolicy.REJECT_EVERYTHING,
        description="What becomes of products with a fault in one of their rows; a product is taken or left out as a whole.",
    )
    dry_run: bool = strawberry.field(default=False, description="Only check; the upload stays for the real import.")
    default_channel: str | None = strawberry.field(
        default=None, description="The key of the channel that rows mean which name none; needs MANAGE_PRICES.", metadata=KEPT
    )


@strawberry.input(description="Which products go out, and how.")
class ProductsExportInput:
    idempotency_key: str = strawberry.field(description="New for each export, the same for each repetition of the request.")
    where: ProductWhere | None = strawberry.field(
        default=None, description="Narrows the list, as in `allProducts`; archived products and variants stay out."
    )
    channels: list[str] | None = strawberry.field(
        default=None, description="Keys of the channels whose listings go out; left out, all in which you set prices."
    )
    format: SheetFormat = strawberry.field(default=SheetFormat.XLSX, description="What it is written as.")


@strawberry.type(description="The accepted import; a worker carries it out.")
class ProductImportPayload:
    product_import: ProductImportType | None = strawberry.field(default=None, description="The import as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The accepted export; a worker carries it out.")
class ProductExportPayload:
    product_export: ProductExportType | None = strawberry.field(default=None, description="The export as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(
    requires(Permission.MANAGE_CATALOG),
    "Make and change products by a sheet. Listings need MANAGE_PRICES in their channel. Follow it with `productImport`.",
)
async def products_import(info: Info, input: ProductsImportInput) -> ProductImportPayload:
    identity = info.context.identity
    wanted = ProductImportRequest(
        upload_id=local_id(Kind.UPLOAD, input.upload_id, "uploadId"),
        actor=identity.actor,
        channels=identity.channels_of(Permission.MANAGE_PRICES),
        error_policy=ErrorPolicy(input.error_policy),
        dry_run=input.dry_run,
        channel=input.default_channel,
    )
    if input.default_channel is not None:
        channel = await _channel(input.default_channel, "defaultChannel")
        ensure_permission(identity, Permission.MANAGE_PRICES, channel=channel.id)

    async def work(tx: Transaction, result: UUID) -> UUID:
        return await request_product_import(tx, result, wanted)

    request = fingerprint(input)
    made = await once(identity.actor, "productsImport", key=input.idempotency_key, request=request, work=work, replay=_made)
    accepted = await read_product_import(made)
    return ProductImportPayload(product_import=None if accepted is None else to_product_import(accepted))


@mutation(
    requires(Permission.MANAGE_CATALOG),
    "Write products to a sheet that `productsImport` takes back as it is. Follow it with `productExport`.",
)
async def products_export(info: Info, input: ProductsExportInput) -> ProductExportPayload:
    identity = info.context.identity
    wanted = await _asked(info, input)

    async def work(tx: Transaction, result: UUID) -> UUID:
        return await request_product_export(tx, result, wanted, actor=identity.actor)

    request = fingerprint(input)
    made = await once(identity.actor, "productsExport", key=input.idempotency_key, request=request, work=work, replay=_made)
    accepted = await read_product_export(made, actor=identity.actor)
    return ProductExportPayload(product_export=None if accepted is None else to_product_export(accepted))


async def _asked(info: Info, input: ProductsExportInput) -> ProductExportAsked:
    """What the caller may see of it: of channels those in which they set prices."""
    where = await resolve_names(to_where(input.where), archived=True)
    allowed = info.context.identity.channels_of(Permission.MANAGE_PRICES)
    channels = None if allowed is None else tuple(sorted(allowed))
    if input.channels is not None:
        named = [(await _channel(key, "channels", str(place))).id for place, key in enumerate(input.channels)]
        channels = tuple(channel for channel in dict.fromkeys(named) if allowed is None or channel in allowed)
    market = (await info.context.channel()).id if where.of_market() else None
    language = "zh" if info.context.language == "zh" else "en"
    kind = SheetFormat(input.format)
    return ProductExportAsked(where=where, channels=channels, channel=market, format=kind, language=language)


async def _channel(key: str, *path: str) -> Channel:
    try:
        return await known_channel_by_key(key)
    except ChannelNotFound as unknown:
        unknown.path = path
        raise


async def _made(result: UUID) -> UUID:
    return result


@strawberry.type
class SheetMutations:
    products_import = products_import
    products_export = products_export
