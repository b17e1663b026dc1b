"""Price lists as operators see them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import Permission, party_kinds
from perkhub.channels import Scope, ScopeKind, known_channel
from perkhub.kit.clock import now
from perkhub.kit.errors import InvalidInput
from perkhub.pricing import ListedPrice, PriceList, every_price_list, price_lists_by_ids, rows_of_list
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.access import requires_in_channel
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import Currency, ExactDecimal, MoneyType, unit_price
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.scopes import HolderType, to_holder, to_scope


async def load_party_kinds(parties: list[UUID]) -> list[str | None]:
    """Customer or organisation, by party."""
    kinds = await party_kinds(parties)
    return [kinds.get(party) for party in parties]


@strawberry.type(name="PriceListRow", description="What a price list says of a variant from so many units on.")
class PriceListRowType:
    listed: strawberry.Private[ListedPrice]
    list_currency: strawberry.Private[str]

    @strawberry.field(description="Of what.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.listed.variant_id)

    @strawberry.field(description="From so many units on.")
    def minimum_quantity(self) -> int:
        return self.listed.minimum_quantity

    @strawberry.field(description="A price of its own; null where it is a percentage off.")
    def unit_price(self) -> MoneyType | None:
        return None if self.listed.unit_price is None else unit_price(self.listed.unit_price, self.list_currency)

    @strawberry.field(description="So many percent off the listing's price; null where it is a price.")
    def percent_off(self) -> ExactDecimal | None:
        return None if self.listed.percent_off is None else ExactDecimal(self.listed.percent_off.normalize())


@strawberry.type(
    name="PriceList",
    description="Prices for a channel, a customer group or a party, in a window. Of several lists that say something of a "
    "variant one prices it: the highest priority; then a party's before a group's before a channel's; then the newest.",
)
class PriceListType(Node):
    kept: strawberry.Private[PriceList]

    @strawberry.field(description="In the request's language; buyers read it in the trace of a price.")
    def name(self, info: Info) -> str:
        return info.context.say(self.kept.name)

    @strawberry.field(description="For whom it is.")
    async def scope(self, info: Info) -> HolderType:
        scope = self.kept.scope
        kind = await info.context.loader(load_party_kinds).load(scope.id) if scope.kind is ScopeKind.PARTY else None
        return to_holder(Scope(scope.kind, scope.id, kind))

    @strawberry.field(description="Key of the only channel in which it holds; null is every one that sells in its currency.")
    async def channel(self) -> str | None:
        return None if self.kept.channel_id is None else (await known_channel(self.kept.channel_id)).key

    @strawberry.field(description="What its prices are in.")
    def currency(self) -> Currency:
        return Currency(self.kept.currency)

    @strawberry.field(description="The highest goes first.")
    def priority(self) -> int:
        return self.kept.priority

    @strawberry.field(description="It holds from this moment.")
    def starts_at(self) -> datetime:
        return self.kept.starts_at

    @strawberry.field(description="It holds until this moment; null is without end.")
    def ends_at(self) -> datetime | None:
        return self.kept.ends_at

    @strawberry.field(description="Whether it holds now.")
    def holds(self) -> bool:
        at, ends = now(), self.kept.ends_at
        return self.kept.archived_at is None and self.kept.starts_at <= at and (ends is None or at < ends)

    @strawberry.field(description="Your own system's id of it.")
    def external_reference(self) -> str | None:
        return self.kept.external_reference

    @strawberry.field(description="Give it back as `expectedVersion` when changing the list or its rows.")
    def version(self) -> int:
        return self.kept.version

    @strawberry.field(description="Since when it prices nothing any more; null while it may.")
    def archived_at(self) -> datetime | None:
        return self.kept.archived_at

    @strawberry.field(description="What it says, by variant and quantity.")
    async def rows(self, first: int | None = None, after: str | None = None) -> Connection[PriceListRowType]:
        place, kept = _place(after), self.kept
        return await connect(
            first,
            after,
            read=lambda limit: rows_of_list(kept.id, after=place, limit=limit),
            to_node=lambda row: PriceListRowType(listed=row, list_currency=kept.currency),
            to_cursor=lambda row: f"{row.variant_id.hex}.{row.minimum_quantity}",
        )


def to_price_list(kept: PriceList) -> PriceListType:
    """The list on the wire."""
    return PriceListType(id=global_id(Kind.PRICE_LIST, kept.id), kept=kept)


async def price_list_of(price_list: UUID) -> PriceListType:
    """A list that is there."""
    return to_price_list((await price_lists_by_ids([price_list]))[0])


def _place(after: str | None) -> tuple[UUID, int] | None:
    if after is None:
        return None
    variant, _, quantity = after.partition(".")
    found = cursor_id(variant)
    if found is None or not (quantity.isascii() and quantity.isdigit() and len(quantity) < 9):
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。")
    return found, int(quantity)


@strawberry.type
class PriceListQueries:
    @query(requires_in_channel(Permission.MANAGE_PRICES), "Price lists that you may change, the newest first.")
    async def price_lists(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        scope_id: strawberry.ID | None = None,
    ) -> Connection[PriceListType]:
        before = cursor_id(after)
        scope = None if scope_id is None else to_scope(scope_id, "scopeId").id
        channels = info.context.identity.channels_of(Permission.MANAGE_PRICES)

        async def read(limit: int) -> Sequence[PriceList]:
            return await every_price_list(before=before, limit=limit, scope=scope, channels=channels)

        return await connect(first, after, read=read, to_node=to_price_list, to_cursor=lambda one: one.id.hex)
