"""What operators say of many products at once."""

from collections.abc import Iterator
from uuid import UUID

import strawberry

from perkhub.accounts import Identity, Permission, ensure_permission
from perkhub.catalog import BenefitKind, ListingUpsert, ProductUpsert, VariantUpsert
from perkhub.channels import ChannelNotFound, known_channel_by_key
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.errors import DomainError
from perkhub_schema.catalog.inputs import ProductFieldsInput
from perkhub_schema.catalog.types import BenefitKindEnum
from perkhub_schema.catalog.variants import VariantFieldsInput
from perkhub_schema.graphql.bulk import ErrorPolicyEnum
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.pricing.listings import ListingFieldsInput


@strawberry.input(
    description="How a channel sells the variant, said in full: what is left out is unset, but for the window's start."
)
class ListingBulkRowInput(ListingFieldsInput):
    channel: str = strawberry.field(description="The channel's key; needs MANAGE_PRICES there.", metadata=KEPT)


@strawberry.input(
    description="A buyable form, known by `externalReference` or `sku`, and made where it is not there yet. What is left out "
    "stays as it is; texts and notes are replaced as a whole."
)
class VariantBulkRowInput(VariantFieldsInput):
    expected_version: int | None = strawberry.field(
        default=None, description="`variant.version` as you read it; refused if it has moved since. Leave out to overwrite."
    )
    listings: list[ListingBulkRowInput] | None = strawberry.field(
        default=None, description="How channels sell it, each channel once; those that are not named stay as they are."
    )

    def to_upsert(self, channels: dict[str, UUID]) -> VariantUpsert:
        """The domain's."""
        listings = [ListingUpsert(channels[one.channel], one.to_draft(), one.expected_version) for one in self.listings or ()]
        return VariantUpsert({**self.to_changes()}, tuple(listings), self.expected_version)


@strawberry.input(
    description="A product, known by `externalReference` or `slug`, and made where it is not there yet. What is left out "
    "stays as it is; texts and lists are replaced whole."
)
class ProductBulkRowInput(ProductFieldsInput):
    kind: BenefitKindEnum | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="What the buyer gets, of a new product; CODE if left out. It cannot be changed later."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="`product.version` as you read it; refused if it has moved since. Leave out to overwrite."
    )
    variants: list[VariantBulkRowInput] | None = strawberry.field(
        default=None, description="Its forms, each once; those that are not named stay as they are."
    )

    def to_upsert(self, channels: dict[str, UUID]) -> ProductUpsert:
        """The domain's."""
        kind: dict[str, BenefitKind] = {} if self.kind is None else {"kind": BenefitKind(self.kind)}
        variants: list[VariantUpsert] = []
        for place, variant in enumerate(self.variants or ()):
            try:
                variants.append(variant.to_upsert(channels))
            except DomainError as refused:
                raise refused.at("variants", str(place)) from None
        return ProductUpsert({**self.to_changes(), **kind}, tuple(variants), self.expected_version)


@strawberry.input(description="Many products with their variants and listings.")
class ProductBulkUpsertInput:
    rows: list[ProductBulkRowInput] = strawberry.field(
        description="1 to 500, each product once, with at most 5,000 variants and listings in all."
    )
    error_policy: ErrorPolicyEnum = strawberry.field(  # type: ignore[valid-type]
        default=ErrorPolicy.REJECT_EVERYTHING, description="What becomes of rows that cannot be taken."
    )
    dry_run: bool = strawberry.field(default=False, description="Only tell what would come of it.")

    async def to_upserts(self, identity: Identity) -> list[ProductUpsert]:
        """The domain's.

        Raises:
            InvalidInput: an id of another kind, with its row's path.
            ChannelNotFound.
            NotAllowed: a channel in which the caller sets no prices.
        """
        channels = await self._channels(identity)
        asked = []
        for place, row in enumerate(self.rows):
            try:
                asked.append(row.to_upsert(channels))
            except DomainError as refused:
                raise refused.at("rows", str(place)) from None
        return asked

    async def _channels(self, identity: Identity) -> dict[str, UUID]:
        channels: dict[str, UUID] = {}
        for path, listing in self._listings():
            if listing.channel not in channels:
                try:
                    channel = await known_channel_by_key(listing.channel)
                except ChannelNotFound as unknown:
                    raise unknown.at(*path) from None
                ensure_permission(identity, Permission.MANAGE_PRICES, channel=channel.id)
                channels[listing.channel] = channel.id
        return channels

    def _listings(self) -> Iterator[tuple[tuple[str, ...], ListingBulkRowInput]]:
        """Every listing, and where it stands."""
        for row_at, row in enumerate(self.rows):
            for variant_at, variant in enumerate(row.variants or ()):
                for listing_at, listing in enumerate(variant.listings or ()):
                    yield ("rows", str(row_at), "variants", str(variant_at), "listings", str(listing_at)), listing
