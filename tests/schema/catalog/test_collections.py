"""Collections put together and shown through HTTP."""

import pytest

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, read, refusal

COLLECTION = """id slug name version archivedAt productIds rule { match conditions { brandIds categoryIds kinds tags
                attribute { code anyOf boolean least most since until } } } products { nodes { slug } }"""
CREATE = f"""mutation ($input: CollectionCreateInput!) {{
    collectionCreate(input: $input) {{ collection {{ {COLLECTION} }} {ERRORS} }} }}"""
UPDATE = f"""mutation ($input: CollectionUpdateInput!) {{
    collectionUpdate(input: $input) {{ collection {{ {COLLECTION} }} {ERRORS} }} }}"""
ARCHIVE = f"""mutation ($input: CollectionArchiveInput!) {{
    collectionArchive(input: $input) {{ collection {{ archivedAt }} {ERRORS} }} }}"""
PAGE = """query ($after: String) { collection(slug: "hot") { products(first: 2, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } } }"""
NOTHING = {"brandIds": [], "categoryIds": [], "kinds": [], "tags": [], "attribute": None}


@pytest.fixture
async def operator(shop: Shop) -> Person:
    """Whoever keeps the catalog."""
    await shop.channel()
    return await shop.staff(Permission.MANAGE_CATALOG)


async def test_a_rule_is_read_again_as_it_was_given(api: Api, shop: Shop, operator: Person):
    await shop.attribute("artist")
    brand, picked = global_id(Kind.BRAND, await shop.brand()), await shop.variant(codes=0)
    product = global_id(Kind.PRODUCT, picked.product_id)
    attribute = {"code": "artist", "anyOf": ["周杰伦"]}
    rule = {"match": "ANY", "conditions": [{"brandIds": [brand]}, {"kinds": ["TOP_UP"]}, {"attribute": attribute}]}
    asked = {"slug": "hot", "name": {"en": "Hot"}, "rule": rule, "productIds": [product]}
    made = (await done(api, CREATE, asked, operator))["collection"]
    told = {**attribute, "boolean": None, "least": None, "most": None, "since": None, "until": None}
    assert made["rule"] == {
        "match": "ANY",
        "conditions": [{**NOTHING, "brandIds": [brand]}, {**NOTHING, "kinds": ["TOP_UP"]}, {**NOTHING, "attribute": told}],
    }
    assert (made["productIds"], made["version"]) == ([product], 1)
    bare = (await done(api, UPDATE, {"collectionId": made["id"], "expectedVersion": 1, "rule": None}, operator))["collection"]
    assert bare == {**made, "rule": None, "version": 2}
    error = await refusal(api, CREATE, asked, operator)
    assert (error["code"], error["path"]) == ("ALREADY_NAMED", ["input", "slug"])
    both = {**asked, "slug": "odd", "rule": {"conditions": [{"tags": ["a"], "kinds": ["CODE"]}]}}
    error = await refusal(api, CREATE, both, operator)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "rule", "conditions", "0"])


async def test_a_collection_is_turned_page_by_page(api: Api, shop: Shop, operator: Person):
    sold = [await shop.variant(codes=0, tags=("hot",)) for _ in range(5)]
    picks = [global_id(Kind.PRODUCT, one.product_id) for one in (sold[1], sold[3], sold[0])]
    asked = {"slug": "hot", "name": {"en": "Hot"}, "rule": {"conditions": [{"tags": ["hot"]}]}, "productIds": picks}
    made = (await done(api, CREATE, asked, operator))["collection"]
    seen, after = [], None
    for _ in range(3):
        page = (await read(api, PAGE, {"after": after}))["products"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [*picks, *(global_id(Kind.PRODUCT, one.product_id) for one in (sold[4], sold[2]))]
    assert page["pageInfo"]["hasNextPage"] is False
    for odd in ("", "x", "99999999.0", f"1.{'g' * 32}"):
        assert (await api(PAGE, {"after": odd}))["errors"][0]["message"] == "Not a cursor of this list."
    await done(api, ARCHIVE, {"collectionId": made["id"], "expectedVersion": 1}, operator)
    assert await read(api, PAGE) is None
    assert await read(api, "{ collections { nodes { slug } } }") == {"nodes": []}
    assert await read(api, "{ allCollections { nodes { slug } } }", None, operator) == {"nodes": [{"slug": "hot"}]}
