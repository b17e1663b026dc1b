"""Reading suppliers, for operators."""

from typing import Annotated

import strawberry

from perkhub.accounts import Permission
from perkhub.fulfilment import list_stock_purchases
from perkhub.plugin.registry import registry
from perkhub.suppliers import (
    list_accounts,
    list_offers,
    list_supplier_orders,
    supplier_orders_by_ids,
)
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.suppliers.orders import (
    StockPurchaseType,
    SupplierOrderStateEnum,
    SupplierOrderType,
    load_stock_purchases,
    to_stock_purchase,
    to_supplier_order,
)
from perkhub_schema.suppliers.types import (
    SupplierAccountType,
    SupplierOfferType,
    SupplierPlugin,
    load_accounts,
    load_offers,
    to_account,
    to_offer,
)

MANAGE_SUPPLIERS = requires(Permission.MANAGE_SUPPLIERS)
OfAccount = Annotated[strawberry.ID | None, strawberry.argument(description="Only those of this account.")]
OfVariant = Annotated[strawberry.ID | None, strawberry.argument(description="Only those of this variant.")]
Mapped = Annotated[bool | None, strawberry.argument(description="Only those that are mapped; false: only those that are not.")]
ToReview = Annotated[bool | None, strawberry.argument(description="Only those that wait for a person.")]


@strawberry.type
class SupplierQueries:
    @query(MANAGE_SUPPLIERS, "The suppliers that this server knows how to talk to.")
    async def supplier_plugins(self, info: Info) -> list[SupplierPlugin]:
        return [
            SupplierPlugin(
                key=key,
                title=offered.title.text(info.context.language),
                supplies=sorted(offered.capabilities.supplies),
                largest_order=offered.capabilities.max_quantity,
            )
            for key, offered in sorted(registry().suppliers.items())
        ]

    @query(MANAGE_SUPPLIERS, "A supplier account; null when there is none.")
    async def supplier_account(self, info: Info, id: strawberry.ID) -> SupplierAccountType | None:
        found = await info.context.loader(load_accounts).load(local_id(Kind.SUPPLIER_ACCOUNT, id, "id"))
        return None if found is None else to_account(found)

    @query(MANAGE_SUPPLIERS, "Our accounts at suppliers, newest first.")
    async def supplier_accounts(self, first: int | None = None, after: str | None = None) -> Connection[SupplierAccountType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_accounts(before=before, limit=limit),
            to_node=to_account,
            to_cursor=lambda account: account.id.hex,
        )

    @query(MANAGE_SUPPLIERS, "An offer; null when there is none.")
    async def supplier_offer(self, info: Info, id: strawberry.ID) -> SupplierOfferType | None:
        found = await info.context.loader(load_offers).load(local_id(Kind.SUPPLIER_OFFER, id, "id"))
        return None if found is None else to_offer(found)

    @query(MANAGE_SUPPLIERS, "What suppliers offer, newest first.")
    async def supplier_offers(
        self,
        account_id: OfAccount = None,
        variant_id: OfVariant = None,
        mapped: Mapped = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[SupplierOfferType]:
        before = cursor_id(after)
        account = None if account_id is None else local_id(Kind.SUPPLIER_ACCOUNT, account_id, "accountId")
        variant = None if variant_id is None else local_id(Kind.VARIANT, variant_id, "variantId")
        return await connect(
            first,
            after,
            read=lambda limit: list_offers(before=before, limit=limit, account=account, variant=variant, mapped=mapped),
            to_node=to_offer,
            to_cursor=lambda offer: offer.id.hex,
        )

    @query(MANAGE_SUPPLIERS, "One attempt to buy; null when there is none.")
    async def supplier_order(self, id: strawberry.ID) -> SupplierOrderType | None:
        found = await supplier_orders_by_ids([local_id(Kind.SUPPLIER_ORDER, id, "id")])
        return to_supplier_order(found[0]) if found else None

    @query(MANAGE_SUPPLIERS, "Attempts to buy, newest first; with `toReview`, those that wait for a person.")
    async def supplier_orders(
        self,
        account_id: OfAccount = None,
        states: list[SupplierOrderStateEnum] | None = None,  # type: ignore[valid-type]
        to_review: ToReview = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[SupplierOrderType]:
        before = cursor_id(after)
        account = None if account_id is None else local_id(Kind.SUPPLIER_ACCOUNT, account_id, "accountId")
        return await connect(
            first,
            after,
            read=lambda limit: list_supplier_orders(
                before=before, limit=limit, account=account, states=states, to_review=bool(to_review)
            ),
            to_node=to_supplier_order,
            to_cursor=lambda order: order.id.hex,
        )

    @query(MANAGE_SUPPLIERS, "Codes bought ahead; null when there is no such purchase.")
    async def stock_purchase(self, info: Info, id: strawberry.ID) -> StockPurchaseType | None:
        found = await info.context.loader(load_stock_purchases).load(local_id(Kind.STOCK_PURCHASE, id, "id"))
        return None if found is None else to_stock_purchase(found)

    @query(MANAGE_SUPPLIERS, "Purchases of codes ahead of their sale, newest first.")
    async def stock_purchases(self, first: int | None = None, after: str | None = None) -> Connection[StockPurchaseType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_stock_purchases(before=before, limit=limit),
            to_node=to_stock_purchase,
            to_cursor=lambda purchase: purchase.id.hex,
        )
