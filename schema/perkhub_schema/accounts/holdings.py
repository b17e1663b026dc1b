"""What a party has: orders, benefits, money. For its owner, or an organisation's members, and for staff by permission."""

from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission, ensure_permission_somewhere
from perkhub.campaigns.coupons import coupons_of_party
from perkhub.entitlements import entitlements_of_party
from perkhub.ledger import movements
from perkhub.orders import orders_of_party
from perkhub_schema.accounts.loaders import load_balances
from perkhub_schema.accounts.wallets import WalletBalanceType, WalletMovementType, cursor_number, to_balance, to_movement
from perkhub_schema.campaigns.coupons import CouponStandingEnum, CouponType, coupon_cursor, coupon_place, to_coupon
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.orders.types import (
    EntitlementStateEnum,
    EntitlementType,
    OrderStateEnum,
    OrderType,
    to_entitlement,
    to_order,
)


@strawberry.type
class Holdings:
    """The fields that customers and organisations share; `own` where the request has just proved to be theirs."""

    party: strawberry.Private[UUID]
    own: strawberry.Private[bool]

    @strawberry.field(description="Their orders, newest first. Staff need READ_ORDERS, and see those of their channels.")
    async def orders(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        states: list[OrderStateEnum] | None = None,  # type: ignore[valid-type]
    ) -> Connection[OrderType] | None:
        channels = None
        if not self.own:
            ensure_permission_somewhere(info.context.identity, Permission.READ_ORDERS)
            channels = info.context.identity.channels_of(Permission.READ_ORDERS)
        before, party = cursor_id(after), self.party
        return await connect(
            first,
            after,
            read=lambda limit: orders_of_party(party, before=before, states=states, channels=channels, limit=limit),
            to_node=to_order,
            to_cursor=lambda order: order.id.hex,
        )

    @strawberry.field(description="The benefits they hold, newest first. Staff need READ_ORDERS.")
    async def entitlements(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        states: list[EntitlementStateEnum] | None = None,  # type: ignore[valid-type]
    ) -> Connection[EntitlementType] | None:
        self._own_or(info, Permission.READ_ORDERS)
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: entitlements_of_party(self.party, before=before, states=states, limit=limit),
            to_node=to_entitlement,
            to_cursor=lambda unit: unit.id.hex,
        )

    @strawberry.field(description="Their coupons, the last that they got first. Staff need READ_ORDERS, and see no codes.")
    async def coupons(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        standings: list[CouponStandingEnum] | None = None,  # type: ignore[valid-type]
    ) -> Connection[CouponType] | None:
        self._own_or(info, Permission.READ_ORDERS)
        before = coupon_place(after)
        return await connect(
            first,
            after,
            read=lambda limit: coupons_of_party(self.party, standings=standings, before=before, limit=limit),
            to_node=lambda held: to_coupon(held, own=self.own),
            to_cursor=coupon_cursor,
        )

    @strawberry.field(description="Their money, by currency; empty until there was any. Staff need READ_LEDGER.")
    async def wallet(self, info: Info) -> list[WalletBalanceType] | None:
        self._own_or(info, Permission.READ_LEDGER)
        return [to_balance(one) for one in await info.context.loader(load_balances).load(self.party)]

    @strawberry.field(description="What moved in their wallet, newest first. Staff need READ_LEDGER.")
    async def wallet_movements(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[WalletMovementType] | None:
        self._own_or(info, Permission.READ_LEDGER)
        before = cursor_number(after)
        return await connect(
            first,
            after,
            read=lambda limit: movements(self.party, before=before, limit=limit),
            to_node=to_movement,
            to_cursor=lambda movement: str(movement.id),
        )

    def _own_or(self, info: Info, permission: Permission) -> None:
        """Go on for the owner; for all others by their permission."""
        if not self.own:
            ensure_permission(info.context.identity, permission)
