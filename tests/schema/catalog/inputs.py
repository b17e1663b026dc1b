"""What the catalog's own root fields are given so that they succeed."""

from perkhub.catalog import ProductDraft, VariantDraft, create_product, create_variant
from perkhub.kit.db import transact
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from tests.factories import Person, Shop
from tests.schema.making import Given, Making, a_name, also, as_id, nothing

ENGLISH = {"en": "Walked"}
CHANGED = {"en": "Changed"}
ASKED = {"key": "account", "kind": "ACCOUNT", "label": {"zh": "账号"}}

_shop = Shop()


async def brand_id(_: Person) -> Given:
    return {"brandId": global_id(Kind.BRAND, await _shop.brand(a_name("walked")))}


async def attribute_id(_: Person) -> Given:
    return {"attributeId": global_id(Kind.ATTRIBUTE, await _shop.attribute())}


async def category_id(_: Person) -> Given:
    return {"categoryId": global_id(Kind.CATEGORY, await _shop.category())}


async def collection_id(_: Person) -> Given:
    return {"collectionId": global_id(Kind.COLLECTION, await _shop.collection((await _shop.variant()).product_id))}


async def ruled(_: Person) -> Given:
    code, brand = a_code(), (await brand_id(_))["brandId"]
    await _shop.attribute(code)
    return {"rule": {"conditions": [{"brandIds": [brand]}, {"attribute": {"code": code, "anyOf": ["4K"]}}]}}


async def collection_to_rule(by: Person) -> Given:
    return {**await collection_id(by), **await ruled(by)}


async def product_id(_: Person) -> Given:
    draft = ProductDraft(a_name("walked"), ENGLISH)
    return {"productId": global_id(Kind.PRODUCT, await transact(lambda tx: create_product(tx, draft)))}


async def unsold_variant(by: Person) -> Given:
    product = local_id(Kind.PRODUCT, (await product_id(by))["productId"])
    draft = VariantDraft(a_name("walked"), ENGLISH)
    return {"variantId": global_id(Kind.VARIANT, await transact(lambda tx: create_variant(tx, product, draft)))}


async def variant_on_sale(_: Person) -> Given:
    return {"variantId": global_id(Kind.VARIANT, (await _shop.variant()).id)}


def attributed(making: Making) -> Making:
    """The same with a value of an attribute."""

    async def with_value(by: Person) -> Given:
        code = a_code()
        await _shop.attribute(code)
        return {**await making(by), "attributes": [{"code": code, "text": "4K"}]}

    return with_value


def a_slug() -> str:
    """That nothing had before."""
    return a_name("walked")


def a_code() -> str:
    """That no attribute had before."""
    return a_name("walked").replace("-", "_")


CATALOG: dict[str, Making] = {
    "Mutation.attributeArchive": attribute_id,
    "Mutation.attributeCreate": also(nothing, code=a_code, name=ENGLISH),
    "Mutation.attributeUpdate": also(attribute_id, name=CHANGED),
    "Mutation.brandArchive": brand_id,
    "Mutation.brandCreate": also(nothing, slug=a_slug, name=ENGLISH),
    "Mutation.brandUpdate": also(brand_id, name=CHANGED),
    "Mutation.categoryArchive": category_id,
    "Mutation.categoryCreate": also(nothing, slug=a_slug, name=ENGLISH),
    "Mutation.categoryMove": category_id,
    "Mutation.categoryUpdate": also(category_id, name=CHANGED),
    "Mutation.collectionArchive": collection_id,
    "Mutation.collectionCreate": also(ruled, slug=a_slug, name=ENGLISH),
    "Mutation.collectionUpdate": also(collection_to_rule, name=CHANGED),
    "Mutation.productArchive": product_id,
    "Mutation.productCreate": also(attributed(nothing), slug=a_slug, name=ENGLISH, buyerInputs=[ASKED]),
    "Mutation.productUpdate": also(attributed(product_id), name=CHANGED, buyerInputs=[ASKED]),
    "Mutation.variantArchive": unsold_variant,
    "Mutation.variantCreate": also(attributed(product_id), sku=a_slug, name=ENGLISH),
    "Mutation.variantUpdate": also(attributed(unsold_variant), name=CHANGED),
    "Query.attribute": as_id(attribute_id),
    "Query.brand": as_id(brand_id),
    "Query.category": as_id(category_id),
    "Query.collection": as_id(collection_id),
    "Query.variant": as_id(variant_on_sale),
}
