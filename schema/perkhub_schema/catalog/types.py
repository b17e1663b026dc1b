"""Products, variants, prices and listings as shops and operators see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from perkhub.accounts import Permission, ensure_permission, ensure_permission_somewhere
from perkhub.catalog import (
    BenefitKind,
    ListingView,
    ProductView,
    VariantView,
    listings_of_variants,
    variants_of_products,
)
from perkhub.channels import known_channel
from perkhub_schema.campaigns.types import CampaignType, campaigns_of_product
from perkhub_schema.catalog.attributes import AttributeValue, values_of
from perkhub_schema.catalog.brands import BrandType, load_brands, to_brand
from perkhub_schema.catalog.buyer_inputs import BuyerInputType, to_buyer_inputs
from perkhub_schema.catalog.categories import CategoryType, load_categories_of, to_category
from perkhub_schema.catalog.face_values import FaceRangeType, FaceValue, to_face_range, to_face_value
from perkhub_schema.catalog.notes import Kept
from perkhub_schema.catalog.policies import RefundPolicyType, ValidityType, to_refund_policy, to_validity
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import MoneyType, unit_price
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import page_size
from perkhub_schema.graphql.texts import LocalizedText, to_localized
from perkhub_schema.loaders import load_products, load_variants
from perkhub_schema.media.types import MediaType, media_of
from perkhub_schema.pricing.types import Availability, Price, PurchaseLimit, availability_of, limit_of, load_stock, price_of

BenefitKindEnum = described(
    BenefitKind,
    "What a buyer gets.",
    {
        BenefitKind.CODE: "A card secret or claim code (卡密).",
        BenefitKind.LINK: "A link that is opened, with or without a code.",
        BenefitKind.TOP_UP: "Credit on an account of the buyer's: a phone, a game (直充).",
        BenefitKind.MEMBERSHIP: "A membership, put on the buyer's account or claimed by a code.",
        BenefitKind.VOUCHER: "A voucher of ours, redeemed at a till or by a client (核销).",
        BenefitKind.SERVICE: "Something that people do for the buyer, by appointment.",
    },
)


async def load_listings(variants: list[UUID]) -> list[list[ListingView]]:
    """Listings by variant."""
    grouped: dict[UUID, list[ListingView]] = {variant: [] for variant in variants}
    for listing in await listings_of_variants(variants):
        grouped[listing.variant_id].append(listing)
    return [grouped[variant] for variant in variants]


async def load_variants_of(products: list[UUID]) -> list[list[VariantView]]:
    """Variants by product."""
    grouped: dict[UUID, list[VariantView]] = {product: [] for product in products}
    for variant in await variants_of_products(products):
        grouped[variant.product_id].append(variant)
    return [grouped[product] for product in products]


@strawberry.type(description="A struck-through price that an operator has set, with its reason.")
class ReferencePrice:
    price: MoneyType = strawberry.field(description="Shown while it is above the unit price.")
    reason: str = strawberry.field(description="Where it comes from.")


@strawberry.type(name="Listing", description="A variant in a channel, as operators see it.")
class ListingType(Node):
    view: strawberry.Private[ListingView]

    @strawberry.field(description="The channel's key.")
    async def channel(self) -> str:
        return (await known_channel(self.view.channel_id)).key

    @strawberry.field(description="Base price of one unit; of a range at its least face value.")
    async def unit_price(self) -> MoneyType:
        return unit_price(self.view.unit_price, (await known_channel(self.view.channel_id)).currency)

    @strawberry.field(description="On sale from this moment.")
    def published_from(self) -> datetime:
        return self.view.published_from

    @strawberry.field(description="On sale until this moment; null is without end.")
    def published_until(self) -> datetime | None:
        return self.view.published_until

    @strawberry.field(description="Units on sale in all; null is as many as there are in stock.")
    def quota(self) -> int | None:
        return self.view.quota

    @strawberry.field(description="Units held or sold.")
    def taken(self) -> int:
        return self.view.taken

    @strawberry.field(description="Units one customer may take across orders; null is without limit.")
    def limit_per_customer(self) -> int | None:
        return self.view.limit_per_customer

    @strawberry.field(description="What is struck through beside the price by an operator's word; null where history says it.")
    async def reference(self) -> ReferencePrice | None:
        if self.view.reference_price is None or self.view.reference_reason is None:
            return None
        currency = (await known_channel(self.view.channel_id)).currency
        return ReferencePrice(price=unit_price(self.view.reference_price, currency), reason=self.view.reference_reason)

    @strawberry.field(description="Give it back as `expectedVersion` when changing the listing.")
    def version(self) -> int:
        return self.view.version


def to_listing(view: ListingView) -> ListingType:
    """The listing on the wire."""
    return ListingType(id=global_id(Kind.LISTING, view.id), view=view)


@strawberry.type(name="Variant", description="A buyable form of a product: a month, a season, ¥100.")
class VariantType(Node, Kept):
    view: strawberry.Private[VariantView]

    @strawberry.field(description="In the request's language.")
    def name(self, info: Info) -> str:
        return info.context.say(self.view.name)

    @strawberry.field(description="In every language.")
    def name_texts(self) -> LocalizedText:
        return to_localized(self.view.name)

    @strawberry.field(description="Stock keeping unit, unique in the house.")
    def sku(self) -> str:
        return self.view.sku

    @strawberry.field(description="What is printed on it, where it has one face value.")
    def face_value(self) -> FaceValue | None:
        return to_face_value(self.view.face_value, self.view.face_currency)

    @strawberry.field(description="The face values of which the buyer chooses one, where there is a choice.")
    def face_range(self) -> FaceRangeType | None:
        return to_face_range(self.view.face_range, self.view.face_currency)

    @strawberry.field(description="What it has of the attributes that operators defined, by code.")
    async def attributes(self, info: Info) -> list[AttributeValue]:
        return await values_of(info, self.view.attributes)

    @strawberry.field(description="The product it is a form of.")
    async def product(self, info: Info) -> "ProductType":
        found = await info.context.loader(load_products).load(self.view.product_id)
        return to_product(found)

    @strawberry.field(
        description="This viewer's price in this channel now, of a range at its least face value; null when not on sale here."
    )
    async def price(self, info: Info) -> Price | None:
        return await price_of(info, self.view.id)

    @strawberry.field(description="Whether this channel can sell one now.")
    async def availability(self, info: Info) -> Availability:
        return await availability_of(info, self.view.id)

    @strawberry.field(description="How many one customer may take here; null is without limit.")
    async def limit(self, info: Info) -> PurchaseLimit | None:
        return await limit_of(info, self.view.id)

    @strawberry.field(description="Exact units that can be sold from stock; needs READ_CODES.")
    async def stock(self, info: Info) -> int:
        ensure_permission(info.context.identity, Permission.READ_CODES)
        return int(await info.context.loader(load_stock).load(self.view.id))

    @strawberry.field(description="How the channels sell it; needs MANAGE_PRICES, and shows the channels where you hold it.")
    async def listings(self, info: Info) -> list[ListingType]:
        identity = info.context.identity
        ensure_permission_somewhere(identity, Permission.MANAGE_PRICES)
        listings = await info.context.loader(load_listings).load(self.view.id)
        return [to_listing(one) for one in listings if identity.may(Permission.MANAGE_PRICES, channel=one.channel_id)]


@strawberry.type(name="Product", description="A digital benefit.")
class ProductType(Node, Kept):
    view: strawberry.Private[ProductView]

    @strawberry.field(description="Its name in addresses.")
    def slug(self) -> str:
        return self.view.slug

    @strawberry.field(description="In the request's language.")
    def name(self, info: Info) -> str:
        return info.context.say(self.view.name)

    @strawberry.field(description="In every language.")
    def name_texts(self) -> LocalizedText:
        return to_localized(self.view.name)

    @strawberry.field(description="In the request's language.")
    def description(self, info: Info) -> str:
        return info.context.say(self.view.description)

    @strawberry.field(description="In every language.")
    def description_texts(self) -> LocalizedText:
        return to_localized(self.view.description)

    @strawberry.field(description="What the holder does with it, in the request's language.")
    def how_to_use(self, info: Info) -> str:
        return info.context.say(self.view.how_to_use)

    @strawberry.field(description="In every language.")
    def how_to_use_texts(self) -> LocalizedText:
        return to_localized(self.view.how_to_use)

    @strawberry.field(description="What the buyer gets.")
    def kind(self) -> BenefitKindEnum:  # type: ignore[valid-type]
        return BenefitKind(self.view.kind)

    @strawberry.field(description="Whose benefit it is.")
    async def brand(self, info: Info) -> BrandType | None:
        if self.view.brand_id is None:
            return None
        return to_brand(await info.context.loader(load_brands).load(self.view.brand_id))

    @strawberry.field(description="Where it stands in the shop; the `ancestors` of the first make its breadcrumb.")
    async def categories(self, info: Info) -> list[CategoryType]:
        return [to_category(view) for view in await info.context.loader(load_categories_of).load(self.view.id)]

    @strawberry.field(description="How long it is good for.")
    def validity(self) -> ValidityType:
        return to_validity(self.view.validity)

    @strawberry.field(description="When a buyer may have the money back.")
    def refund_policy(self) -> RefundPolicyType:
        return to_refund_policy(self.view.refund_policy)

    @strawberry.field(description="What its buyer is asked for, as a form in its order; often empty.")
    def buyer_inputs(self) -> list[BuyerInputType]:
        return to_buyer_inputs(self.view.buyer_inputs)

    @strawberry.field(description="Days a code is still valid at least when it is sold.")
    def minimum_validity_days(self) -> int:
        return self.view.minimum_validity_days

    @strawberry.field(description="What it has of the attributes that operators defined, by code.")
    async def attributes(self, info: Info) -> list[AttributeValue]:
        return await values_of(info, self.view.attributes)

    @strawberry.field(description="Words to find it by.")
    def tags(self) -> list[str]:
        return list(self.view.tags)

    @strawberry.field(description="Its pictures, in their order.")
    async def media(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many, 1 to 100; all if left out.")] = None,
    ) -> list[MediaType]:
        shown = await media_of(info, self.view.id)
        return shown if first is None else shown[: page_size(first)]

    @strawberry.field(description="Its buyable forms, in their order.")
    async def variants(self, info: Info) -> list[VariantType]:
        return [to_variant(view) for view in await info.context.loader(load_variants_of).load(self.view.id)]

    @strawberry.field(description="What it is part of in this channel, now and to come, what is live first; at most 20.")
    async def campaigns(self, info: Info) -> list[CampaignType]:
        return await campaigns_of_product(info, self.view.id)


def to_product(view: ProductView) -> ProductType:
    """The product on the wire."""
    return ProductType(id=global_id(Kind.PRODUCT, view.id), view=view)


def to_variant(view: VariantView) -> VariantType:
    """The variant on the wire."""
    return VariantType(id=global_id(Kind.VARIANT, view.id), view=view)


async def variant_of(info: Info, variant: UUID) -> VariantType:
    """The variant behind an id that we stored ourselves."""
    return to_variant(await info.context.loader(load_variants).load(variant))
