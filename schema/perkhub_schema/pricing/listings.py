"""Putting variants on sale in channels: one, or a thousand at once; and taking them off again."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.catalog import (
    ListingDraft,
    ListingRowDraft,
    ListingView,
    Reference,
    end_listings,
    listings_of_variants,
    upsert_listing,
    upsert_listings,
)
from perkhub.channels import Channel, known_channel_by_key
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.db import transact
from perkhub_schema.catalog.payloads import ListingPayload
from perkhub_schema.catalog.types import ListingType, to_listing
from perkhub_schema.graphql.access import requires_in_channel
from perkhub_schema.graphql.bulk import ErrorPolicyEnum, errors_of, work_off
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT, TOLD
from perkhub_schema.graphql.money import ExactDecimal
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.scopes import local_ids

PRICES = requires_in_channel(Permission.MANAGE_PRICES)


@strawberry.input(description="A struck-through price by an operator's word, in place of what history says.")
class ReferencePriceInput:
    price: ExactDecimal = strawberry.field(description="In the channel's currency; shown while it is above the unit price.")
    reason: str = strawberry.field(description="Where it comes from; up to 300 characters.", metadata=TOLD)


@strawberry.input(
    description="How a channel sells a variant, said in full: what is left out is unset, but for the window's start."
)
class ListingFieldsInput:
    unit_price: ExactDecimal = strawberry.field(
        description="In the channel's currency, with at most six decimal places. Of a `faceRange` the price of its least value."
    )
    published_from: datetime | None = strawberry.field(
        default=None, description="On sale from this moment; left out: now, or for a listing that exists as before."
    )
    published_until: datetime | None = strawberry.field(default=None, description="On sale until then; null is without end.")
    quota: int | None = strawberry.field(default=None, description="Units on sale in all, those already taken included.")
    limit_per_customer: int | None = strawberry.field(default=None, description="Units one customer may take across orders.")
    reference: ReferencePriceInput | None = strawberry.field(
        default=None, description="What is struck through; left out, the lowest price of the seven days before."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="`listing.version` as you read it; refused if it has moved since. Leave out to overwrite."
    )

    def to_draft(self) -> ListingDraft:
        """The domain's draft."""
        return ListingDraft(
            unit_price=self.unit_price,
            published_from=self.published_from,
            published_until=self.published_until,
            quota=self.quota,
            limit_per_customer=self.limit_per_customer,
            reference=None if self.reference is None else Reference(self.reference.price, self.reference.reason),
        )


@strawberry.input(
    description="How a channel sells a variant, said in full: what is left out is unset, but for the window's start."
)
class ListingRowInput(ListingFieldsInput):
    variant_id: strawberry.ID = strawberry.field(description="Which variant.")


@strawberry.input(
    description="How a channel sells a variant, said in full: what is left out is unset, but for the window's start."
)
class ListingUpsertInput(ListingRowInput):
    channel: str = strawberry.field(description="The channel's key.", metadata=KEPT)


@strawberry.input(description="How a channel sells many variants.")
class ListingBulkUpsertInput:
    channel: str = strawberry.field(description="The channel's key.", metadata=KEPT)
    rows: list[ListingRowInput] = strawberry.field(description="1 to 1000, each variant once.")
    error_policy: ErrorPolicyEnum = strawberry.field(  # type: ignore[valid-type]
        default=ErrorPolicy.REJECT_EVERYTHING, description="What becomes of rows that cannot be taken."
    )


@strawberry.input(description="Taking variants off a channel.")
class ListingsEndInput:
    channel: str = strawberry.field(description="The channel's key.", metadata=KEPT)
    variant_ids: list[strawberry.ID] = strawberry.field(description="1 to 1000 variants that are listed there.")
    at: datetime | None = strawberry.field(default=None, description="From this moment; left out: at once.")


@strawberry.type(description="What came of a row, in the order of the rows.")
class ListingBulkResult:
    listing: ListingType | None = strawberry.field(description="The listing as it stands; null where the row was left out.")
    errors: list[ErrorInterface] = strawberry.field(description="What of the row was refused; empty if nothing.")


@strawberry.type(description="What came of many listings.")
class ListingBulkPayload:
    results: list[ListingBulkResult] = strawberry.field(default_factory=list, description="One for each row.")
    taken: int | None = strawberry.field(default=None, description="How many rows were taken.")
    errors: list[ErrorInterface] = strawberry.field(
        default_factory=list, description="Why rows, or all, were refused, with the path of the row; empty if none was."
    )


@strawberry.type(description="The listings that were ended.")
class ListingsPayload:
    listings: list[ListingType] = strawberry.field(default_factory=list, description="As they stand.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


async def _in(info: Info, key: str) -> Channel:
    """The channel, where the caller may set prices in it."""
    channel = await known_channel_by_key(key)
    ensure_permission(info.context.identity, Permission.MANAGE_PRICES, channel=channel.id)
    return channel


async def _views(channel: UUID, variants: list[UUID]) -> dict[UUID, ListingView]:
    return {view.id: view for view in await listings_of_variants(variants) if view.channel_id == channel}


@mutation(PRICES, "Put a variant on sale in a channel, or change how it is sold there.")
async def listing_upsert(info: Info, input: ListingUpsertInput) -> ListingPayload:
    channel = await _in(info, input.channel)
    variant, draft = local_id(Kind.VARIANT, input.variant_id, "variantId"), input.to_draft()
    made = await transact(lambda tx: upsert_listing(tx, channel.id, variant, draft, expected_version=input.expected_version))
    return ListingPayload(listing=to_listing((await _views(channel.id, [variant]))[made]))


@mutation(PRICES, "Put up to a thousand variants on sale in a channel, or change how they are sold there.")
async def listing_bulk_upsert(info: Info, input: ListingBulkUpsertInput) -> ListingBulkPayload:
    channel = await _in(info, input.channel)
    variants = [local_id(Kind.VARIANT, row.variant_id, "rows", str(n), "variantId") for n, row in enumerate(input.rows)]
    drafts = [
        ListingRowDraft(variant, row.to_draft(), row.expected_version)
        for variant, row in zip(variants, input.rows, strict=True)
    ]
    policy = ErrorPolicy(input.error_policy)
    rows = await work_off(lambda tx: upsert_listings(tx, channel.id, drafts, policy=policy))
    views = await _views(channel.id, variants)
    language = info.context.language
    results = [
        ListingBulkResult(
            listing=None if row.result is None else to_listing(views[row.result]), errors=errors_of([row], language)
        )
        for row in rows
    ]
    taken = sum(row.result is not None for row in rows)
    return ListingBulkPayload(results=results, taken=taken, errors=errors_of(rows, language))


@mutation(PRICES, "Take variants off a channel, at once or at a moment; what was bought stays bought.")
async def listings_end(info: Info, input: ListingsEndInput) -> ListingsPayload:
    channel = await _in(info, input.channel)
    variants = local_ids(Kind.VARIANT, input.variant_ids, "variantIds")
    ended = await transact(lambda tx: end_listings(tx, channel.id, variants, at=input.at))
    views = await _views(channel.id, variants)
    return ListingsPayload(listings=[to_listing(views[listing]) for listing in ended])


@strawberry.type
class ListingMutations:
    listing_upsert = listing_upsert
    listing_bulk_upsert = listing_bulk_upsert
    listings_end = listings_end
