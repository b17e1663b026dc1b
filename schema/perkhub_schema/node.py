"""`node`: any object by its global id, as far as this viewer may see it. What they may not see is not there."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.campaigns.coupons import batches_by_ids, read_coupon_export
from perkhub.catalog import (
    attribute_views,
    brand_views,
    category_views,
    collection_views,
    is_on_sale,
    offers,
    product_views,
    read_product_export,
    read_product_import,
    variant_views,
)
from perkhub.channels import known_channel
from perkhub.entitlements import entitlements_by_ids
from perkhub.kit.activity import activity_by_ids
from perkhub.kit.errors import DomainError
from perkhub.kit.jobs import job_row
from perkhub.orders import orders_by_ids
from perkhub.payments import payment_by_id, top_up_by_id
from perkhub.pricing import price_lists_by_ids
from perkhub.suppliers import supplier_orders_by_ids
from perkhub.vault import lots_by_ids, read_import
from perkhub_schema.accounts.customer_groups import find_customer_group
from perkhub_schema.accounts.identity_providers import load_providers, to_provider
from perkhub_schema.accounts.machine_clients import load_machine_clients, to_machine_client
from perkhub_schema.accounts.organisations import find_organisation
from perkhub_schema.accounts.trusted_issuers import load_trusted_issuers, to_trusted_issuer
from perkhub_schema.activity import to_activity
from perkhub_schema.bulk.sheets import to_product_export, to_product_import
from perkhub_schema.campaigns.bargains import find_bargain, to_bargain
from perkhub_schema.campaigns.circles import find_circle, to_circle
from perkhub_schema.campaigns.coupon_batches import to_batch, to_coupon_export
from perkhub_schema.campaigns.coupons import find_coupon
from perkhub_schema.campaigns.queries import find_campaign
from perkhub_schema.campaigns.types import to_campaign
from perkhub_schema.catalog.attributes import to_attribute
from perkhub_schema.catalog.brands import to_brand
from perkhub_schema.catalog.categories import to_category
from perkhub_schema.catalog.collections import to_collection
from perkhub_schema.catalog.types import to_product, to_variant
from perkhub_schema.channels.types import to_channel
from perkhub_schema.graphql.access import PUBLIC
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.jobs import to_job
from perkhub_schema.orders.types import to_entitlement, to_order
from perkhub_schema.payments.top_ups import to_top_up
from perkhub_schema.payments.types import to_payment
from perkhub_schema.pricing.lists import to_price_list
from perkhub_schema.suppliers.orders import load_stock_purchases, to_stock_purchase, to_supplier_order
from perkhub_schema.suppliers.types import load_accounts, load_offers, to_account, to_offer
from perkhub_schema.vault.imports import to_import
from perkhub_schema.vault.lots import to_lot

Finder: TypeAlias = Callable[[Context, UUID], Awaitable[Node | None]]


async def _may_see(context: Context, party: UUID, *permissions: Permission) -> bool:
    return any(context.identity.may(permission) for permission in permissions) or await context.holds(party)


async def _product(context: Context, key: UUID) -> Node | None:
    if not context.identity.may(Permission.MANAGE_CATALOG) and not await is_on_sale(key, channel=(await context.channel()).id):
        return None
    found = await product_views([key])
    return to_product(found[0]) if found else None


async def _variant(context: Context, key: UUID) -> Node | None:
    if not context.identity.may(Permission.MANAGE_CATALOG) and not await offers((await context.channel()).id, [key]):
        return None
    found = await variant_views([key])
    return to_variant(found[0]) if found else None


async def _brand(context: Context, key: UUID) -> Node | None:
    found = await brand_views([key])
    return to_brand(found[0]) if found and _shown(context, found[0].archived_at) else None


async def _collection(context: Context, key: UUID) -> Node | None:
    found = await collection_views([key])
    return to_collection(found[0]) if found and _shown(context, found[0].archived_at) else None


async def _attribute(context: Context, key: UUID) -> Node | None:
    found = await attribute_views([key])
    return to_attribute(found[0]) if found and _shown(context, found[0].archived_at) else None


async def _category(context: Context, key: UUID) -> Node | None:
    found = await category_views([key])
    return to_category(found[0]) if found and _shown(context, found[0].archived_at) else None


def _shown(context: Context, archived_at: datetime | None) -> bool:
    return archived_at is None or context.identity.may(Permission.MANAGE_CATALOG)


async def _campaign(context: Context, key: UUID) -> Node | None:
    found = await find_campaign(context, key)
    return None if found is None else to_campaign(found)


async def _bargain(context: Context, key: UUID) -> Node | None:
    found = await find_bargain(context, key)
    return None if found is None else to_bargain(found)


async def _circle(context: Context, key: UUID) -> Node | None:
    found = await find_circle(context, key)
    return None if found is None else to_circle(found)


async def _coupon_batch(_: Context, key: UUID) -> Node | None:
    found = await batches_by_ids([key])
    return to_batch(found[0]) if found else None


async def _coupon_export(context: Context, key: UUID) -> Node | None:
    found = await read_coupon_export(key, actor=context.identity.actor)
    return None if found is None else to_coupon_export(found)


async def _order(context: Context, key: UUID) -> Node | None:
    found = await orders_by_ids([key])
    if not found:
        return None
    may_read = context.identity.may(Permission.READ_ORDERS, channel=found[0].channel_id)
    return to_order(found[0]) if may_read or await context.holds(found[0].party_id) else None


async def _entitlement(context: Context, key: UUID) -> Node | None:
    found = await entitlements_by_ids([key])
    return to_entitlement(found[0]) if found and await _may_see(context, found[0].party_id, Permission.READ_ORDERS) else None


async def _payment(context: Context, key: UUID) -> Node | None:
    found = await payment_by_id(key)
    seen = found is not None and await _may_see(context, found.party_id, Permission.READ_ORDERS, Permission.REVIEW_PAYMENTS)
    return to_payment(found) if found is not None and seen else None


async def _top_up(context: Context, key: UUID) -> Node | None:
    found = await top_up_by_id(key)
    return to_top_up(found) if found is not None and await context.holds(found.party_id) else None


async def _customer_group(_: Context, key: UUID) -> Node | None:
    return await find_customer_group(key)


async def _channel(_: Context, key: UUID) -> Node | None:
    return to_channel(await known_channel(key))


async def _price_list(_: Context, key: UUID) -> Node | None:
    found = await price_lists_by_ids([key])
    return to_price_list(found[0]) if found else None


async def _code_import(_: Context, key: UUID) -> Node | None:
    found = await read_import(key)
    return None if found is None else to_import(found)


async def _product_import(_: Context, key: UUID) -> Node | None:
    found = await read_product_import(key)
    return None if found is None else to_product_import(found)


async def _product_export(context: Context, key: UUID) -> Node | None:
    found = await read_product_export(key, actor=context.identity.actor)
    return None if found is None else to_product_export(found)


async def _lot(_: Context, key: UUID) -> Node | None:
    found = await lots_by_ids([key])
    return to_lot(found[0]) if found else None


async def _supplier_account(context: Context, key: UUID) -> Node | None:
    found = await context.loader(load_accounts).load(key)
    return None if found is None else to_account(found)


async def _supplier_offer(context: Context, key: UUID) -> Node | None:
    found = await context.loader(load_offers).load(key)
    return None if found is None else to_offer(found)


async def _supplier_order(_: Context, key: UUID) -> Node | None:
    found = await supplier_orders_by_ids([key])
    return to_supplier_order(found[0]) if found else None


async def _stock_purchase(context: Context, key: UUID) -> Node | None:
    found = await context.loader(load_stock_purchases).load(key)
    return None if found is None else to_stock_purchase(found)


async def _machine_client(context: Context, key: UUID) -> Node | None:
    found = await context.loader(load_machine_clients).load(key)
    return None if found is None else to_machine_client(found)


async def _trusted_issuer(context: Context, key: UUID) -> Node | None:
    found = await context.loader(load_trusted_issuers).load(key)
    return None if found is None else to_trusted_issuer(found)


async def _identity_provider(context: Context, key: UUID) -> Node | None:
    found = await context.loader(load_providers).load(key)
    return None if found is None else to_provider(found)


async def _job(_: Context, key: UUID) -> Node | None:
    found = await job_row(key)
    return None if found is None else to_job(found)


async def _activity(_: Context, key: UUID) -> Node | None:
    found = (await activity_by_ids([key])).get(key)
    return None if found is None else to_activity(found)


# Everybody's, each as far as it is theirs.
SHARED: dict[Kind, Finder] = {
    Kind.PRODUCT: _product,
    Kind.VARIANT: _variant,
    Kind.ATTRIBUTE: _attribute,
    Kind.BARGAIN: _bargain,
    Kind.BRAND: _brand,
    Kind.CAMPAIGN: _campaign,
    Kind.CATEGORY: _category,
    Kind.CIRCLE: _circle,
    Kind.COLLECTION: _collection,
    Kind.COUPON: find_coupon,
    Kind.ORDER: _order,
    Kind.ORGANISATION: find_organisation,
    Kind.ENTITLEMENT: _entitlement,
    Kind.PAYMENT: _payment,
    Kind.TOP_UP: _top_up,
}
# Only for those with the permission.
GUARDED: dict[Kind, tuple[Permission, Finder]] = {
    Kind.CUSTOMER_GROUP: (Permission.READ_CUSTOMERS, _customer_group),
    Kind.ACTIVITY: (Permission.READ_ACTIVITY, _activity),
    Kind.CHANNEL: (Permission.MANAGE_CHANNELS, _channel),
    Kind.PRICE_LIST: (Permission.MANAGE_PRICES, _price_list),
    Kind.CODE_IMPORT: (Permission.IMPORT_CODES, _code_import),
    Kind.PRODUCT_IMPORT: (Permission.MANAGE_CATALOG, _product_import),
    Kind.PRODUCT_EXPORT: (Permission.MANAGE_CATALOG, _product_export),
    Kind.COUPON_BATCH: (Permission.READ_CAMPAIGNS, _coupon_batch),
    Kind.COUPON_EXPORT: (Permission.MANAGE_CAMPAIGNS, _coupon_export),
    Kind.LOT: (Permission.READ_CODES, _lot),
    Kind.SUPPLIER_ACCOUNT: (Permission.MANAGE_SUPPLIERS, _supplier_account),
    Kind.SUPPLIER_OFFER: (Permission.MANAGE_SUPPLIERS, _supplier_offer),
    Kind.SUPPLIER_ORDER: (Permission.MANAGE_SUPPLIERS, _supplier_order),
    Kind.STOCK_PURCHASE: (Permission.MANAGE_SUPPLIERS, _stock_purchase),
    Kind.IDENTITY_PROVIDER: (Permission.MANAGE_SIGN_IN, _identity_provider),
    Kind.TRUSTED_ISSUER: (Permission.MANAGE_SIGN_IN, _trusted_issuer),
    Kind.MACHINE_CLIENT: (Permission.MANAGE_MACHINES, _machine_client),
    Kind.JOB: (Permission.READ_JOBS, _job),
}


async def find_node(context: Context, id: str) -> Node | None:
    """The object behind a global id, or None: unknown, malformed, and not for this viewer are told alike."""
    prefix = id.partition("_")[0]
    finder: Finder | None = None
    if prefix in SHARED:
        finder = SHARED[Kind(prefix)]
    elif prefix in GUARDED:
        permission, guarded = GUARDED[Kind(prefix)]
        finder = guarded if context.identity.may(permission) else None
    if finder is None:
        return None
    try:
        return await finder(context, local_id(Kind(prefix), id))
    except DomainError:
        return None


@strawberry.type
class NodeQueries:
    @query(PUBLIC, "Any object by its global id; null when there is none that you may see.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return await find_node(info.context, id)
