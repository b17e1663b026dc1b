"""What a list of products could be narrowed to next, with counts."""

from uuid import UUID

import strawberry

from perkhub.catalog import AttributeCounts, BenefitKind, Counted, Facets, PriceBand, Sort, count_facets
from perkhub_schema.catalog.attributes import AttributeObject, load_attributes, to_attribute
from perkhub_schema.catalog.brands import BrandType, load_brands, to_brand
from perkhub_schema.catalog.categories import CategoryType, load_categories, to_category
from perkhub_schema.catalog.search import ProductList
from perkhub_schema.catalog.types import BenefitKindEnum
from perkhub_schema.catalog.where import ProductWhere
from perkhub_schema.graphql.access import PUBLIC
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.money import MoneyType, unit_price
from perkhub_schema.graphql.mutations import query

COUNT = "How many products of the list have it."


@strawberry.type(description="A brand, and how many products of the list it has.")
class BrandFacet:
    counted: strawberry.Private[Counted]
    count: int = strawberry.field(description=COUNT)

    @strawberry.field(description="The brand.")
    async def brand(self, info: Info) -> BrandType:
        return to_brand(await info.context.loader(load_brands).load(UUID(self.counted.key)))


@strawberry.type(description="A category, and how many products of the list stand in it or below.")
class CategoryFacet:
    counted: strawberry.Private[Counted]
    count: int = strawberry.field(description=COUNT)

    @strawberry.field(description="The category.")
    async def category(self, info: Info) -> CategoryType:
        return to_category(await info.context.loader(load_categories).load(UUID(self.counted.key)))


@strawberry.type(description="A kind of benefit, and how many products of the list are of it.")
class KindFacet:
    kind: BenefitKindEnum = strawberry.field(description="What the buyer gets.")  # type: ignore[valid-type]
    count: int = strawberry.field(description=COUNT)


@strawberry.type(description="A range of this viewer's prices, and how many products of the list have a variant in it.")
class PriceFacet:
    begin: MoneyType = strawberry.field(description="At least this.")
    end: MoneyType | None = strawberry.field(description="Less than this; null is open.")
    least: MoneyType = strawberry.field(description="The lowest price in it.")
    most: MoneyType = strawberry.field(description="The highest price in it.")
    count: int = strawberry.field(description=COUNT)


@strawberry.type(description="A value of an attribute, and how many products of the list have it.")
class AttributeValueFacet:
    value: str = strawberry.field(description="As `where` takes it in `eq`.")
    label: str = strawberry.field(description="For people, in the request's language.")
    count: int = strawberry.field(description=COUNT)


@strawberry.type(description="An attribute that shops filter by, and what products of the list have of it.")
class AttributeFacet:
    counts: strawberry.Private[AttributeCounts]

    @strawberry.field(description="Its code.")
    def code(self) -> str:
        return self.counts.code

    @strawberry.field(description="Its definition.")
    async def attribute(self, info: Info) -> AttributeObject:
        return to_attribute(await info.context.loader(load_attributes).load(self.counts.code))

    @strawberry.field(description="The values, most products first, 50 at most; none of a NUMBER.")
    async def values(self, info: Info) -> list[AttributeValueFacet]:
        view = await info.context.loader(load_attributes).load(self.counts.code)
        labels = {} if view is None else {option.value: info.context.say(option.label) for option in view.defined.options}
        return [
            AttributeValueFacet(value=one.key, label=labels.get(one.key, one.key), count=one.many) for one in self.counts.values
        ]

    @strawberry.field(description="The lowest NUMBER, as a decimal; null of other types.")
    def least(self) -> str | None:
        return None if self.counts.least is None else f"{self.counts.least.normalize():f}"

    @strawberry.field(description="The highest NUMBER, as a decimal; null of other types.")
    def most(self) -> str | None:
        return None if self.counts.most is None else f"{self.counts.most.normalize():f}"


@strawberry.type(
    description="What a list could be narrowed to. Each facet counts as if its own condition were not said; conditions inside "
    "of AND, OR and NOT always hold."
)
class ProductFacets:
    facets: strawberry.Private[Facets]
    currency: strawberry.Private[str]

    @strawberry.field(description="How many products the list has.")
    def total_count(self) -> int:
        return self.facets.total

    @strawberry.field(description="Brands, most products first, 100 at most.")
    def brands(self) -> list[BrandFacet]:
        return [BrandFacet(counted=one, count=one.many) for one in self.facets.brands]

    @strawberry.field(description="Categories and those above them, most products first, 500 at most.")
    def categories(self) -> list[CategoryFacet]:
        return [CategoryFacet(counted=one, count=one.many) for one in self.facets.categories]

    @strawberry.field(description="Kinds of benefits, most products first.")
    def kinds(self) -> list[KindFacet]:
        return [KindFacet(kind=BenefitKind(one.key), count=one.many) for one in self.facets.kinds]

    @strawberry.field(description="Ranges of prices that have any, lowest first.")
    def prices(self) -> list[PriceFacet]:
        return [self._price(band) for band in self.facets.prices]

    @strawberry.field(description="Attributes that shops filter by, by code.")
    def attributes(self) -> list[AttributeFacet]:
        return [AttributeFacet(counts=one) for one in self.facets.attributes]

    def _price(self, band: PriceBand) -> PriceFacet:
        return PriceFacet(
            begin=unit_price(band.begin, self.currency),
            end=None if band.end is None else unit_price(band.end, self.currency),
            least=unit_price(band.least, self.currency),
            most=unit_price(band.most, self.currency),
            count=band.many,
        )


@strawberry.type
class FacetQueries:
    @query(PUBLIC, "How many of the products on sale in this channel have what; for the same conditions as `products`.")
    async def product_facets(self, info: Info, where: ProductWhere | None = None, search: str | None = None) -> ProductFacets:
        asked = await ProductList(where=where, search=search, sort_by=Sort.PRICE_ASC).asked(info)
        return ProductFacets(facets=await count_facets(asked), currency=(await info.context.channel()).currency)
