"""What a shop shows: the channel, its products, one product."""

from datetime import datetime

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import named_product
from perkhub.channels import AccessPolicy, Audience
from perkhub.kit.clock import now
from perkhub.kit.settings import settings
from perkhub.payments import gateways
from perkhub_schema.catalog.lookups import keeps_catalog, only_one
from perkhub_schema.catalog.search import ProductConnection, ProductList, ProductSort
from perkhub_schema.catalog.types import ProductType, to_product
from perkhub_schema.catalog.where import ProductWhere
from perkhub_schema.channels.enums import AccessPolicyEnum, AudienceEnum
from perkhub_schema.graphql.access import PUBLIC, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.money import Currency
from perkhub_schema.graphql.mutations import query


@strawberry.type(description="The shop as this request sees it.")
class Shop:
    channel: str = strawberry.field(description="The channel's key, as in the Perkhub-Channel header.")
    name: str = strawberry.field(description="In the request's language.")
    currency: Currency = strawberry.field(description="What prices are in.")
    zone: str = strawberry.field(description="IANA time zone of the channel's days.")
    audience: AudienceEnum = strawberry.field(description="Whom the channel is made for.")  # type: ignore[valid-type]
    access: AccessPolicyEnum = strawberry.field(description="Who may enter it; you may.")  # type: ignore[valid-type]
    locales: list[str] = strawberry.field(description="Locales to offer, the preferred one first.")
    regions: list[str] = strawberry.field(description="ISO 3166-1 codes of where the channel sells to; empty is everywhere.")
    delivery_minutes: int = strawberry.field(
        description="What is bought from a supplier comes within so many minutes, or it is shown as DELAYED."
    )
    server_time: datetime = strawberry.field(description="Count down from this, not from the device's clock.")
    payment_methods: list[str] = strawberry.field(description="Names for `pay: { gateway: { name } }` here.")
    unpaid_order_minutes: int = strawberry.field(description="How long an unpaid order is held.")


@strawberry.type
class CatalogQueries:
    @query(PUBLIC, "The shop: channel, currency, server time, ways to pay.")
    async def shop(self, info: Info) -> Shop:
        channel = await info.context.channel()
        methods = [key for key, method in gateways().items() if channel.currency in method.currencies]
        return Shop(
            channel=channel.key,
            name=info.context.say(channel.name),
            currency=Currency(channel.currency),
            zone=channel.zone,
            audience=Audience(channel.audience),
            access=AccessPolicy(channel.access),
            locales=list(channel.locales),
            regions=list(channel.regions),
            delivery_minutes=channel.delivery_minutes,
            server_time=now(),
            payment_methods=sorted(methods),
            unpaid_order_minutes=settings().unpaid_order_minutes,
        )

    @query(
        PUBLIC,
        "A product by id, slug or external reference; null when there is none on sale in this channel. Staff who keep the "
        "catalog find any.",
    )
    async def product(
        self, info: Info, id: strawberry.ID | None = None, slug: str | None = None, external_reference: str | None = None
    ) -> ProductType | None:
        only_one(id=id, slug=slug, externalReference=external_reference)
        channel = await info.context.channel()
        key = None if id is None else local_id(Kind.PRODUCT, id, "id")
        found = await named_product(channel.id, id=key, slug=slug, external_reference=external_reference)
        if found is None:
            return None
        product, on_sale = found
        return to_product(product) if on_sale or keeps_catalog(info) else None

    @query(PUBLIC, "Products on sale in this channel now: the newest first, or what was searched for, the best first.")
    async def products(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        where: ProductWhere | None = None,
        search: str | None = None,
        sort_by: ProductSort | None = None,  # type: ignore[valid-type]
    ) -> ProductConnection:
        return await ProductList(first, after, last, before, where, search, sort_by).show(info)

    @query(
        requires(Permission.MANAGE_CATALOG),
        "Every product, on sale or not, archived ones too: the newest first, or what was searched for, the best first.",
    )
    async def all_products(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        where: ProductWhere | None = None,
        search: str | None = None,
        sort_by: ProductSort | None = None,  # type: ignore[valid-type]
    ) -> ProductConnection:
        return await ProductList(first, after, last, before, where, search, sort_by).show(info, everything=True)
