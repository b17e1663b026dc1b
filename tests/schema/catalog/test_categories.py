"""Brands and the tree of categories, set up and shown through HTTP."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, read, refusal

CATEGORY = "id slug name level position version archivedAt parent { slug } ancestors { slug }"
CREATE = f"mutation ($input: CategoryCreateInput!) {{ categoryCreate(input: $input) {{ category {{ {CATEGORY} }} {ERRORS} }} }}"
MOVE = f"mutation ($input: CategoryMoveInput!) {{ categoryMove(input: $input) {{ category {{ {CATEGORY} }} {ERRORS} }} }}"
UPDATE = f"mutation ($input: CategoryUpdateInput!) {{ categoryUpdate(input: $input) {{ category {{ {CATEGORY} }} {ERRORS} }} }}"
ARCHIVE = f"""mutation ($input: CategoryArchiveInput!) {{
    categoryArchive(input: $input) {{ category {{ {CATEGORY} }} {ERRORS} }} }}"""
TREE = "{ categories { slug children { slug children { slug children { slug } } } } }"
BRAND = """id slug name nameTexts { zh en } logoUrl externalReference metadata { key value } privateMetadata { key value }
           version archivedAt"""
BRAND_CREATE = f"mutation ($input: BrandCreateInput!) {{ brandCreate(input: $input) {{ brand {{ {BRAND} }} {ERRORS} }} }}"
BRAND_UPDATE = f"mutation ($input: BrandUpdateInput!) {{ brandUpdate(input: $input) {{ brand {{ {BRAND} }} {ERRORS} }} }}"
BRAND_ARCHIVE = f"mutation ($input: BrandArchiveInput!) {{ brandArchive(input: $input) {{ brand {{ {BRAND} }} {ERRORS} }} }}"


@pytest.fixture
async def operator(shop: Shop) -> Person:
    """Whoever keeps the catalog, in a house with one channel."""
    await shop.channel()
    return await shop.staff(Permission.MANAGE_CATALOG)


async def a_category(api: Api, by: Person, slug: str, **more: Any) -> Any:
    return (await done(api, CREATE, {"slug": slug, "name": {"zh": slug, "en": slug.title()}, **more}, by))["category"]


async def test_a_tree_is_made_moved_and_shown(api: Api, operator: Person):
    fun = await a_category(api, operator, "fun")
    video = await a_category(api, operator, "video", parentId=fun["id"])
    month = await a_category(api, operator, "month", parentId=video["id"])
    food = await a_category(api, operator, "food", position=0)
    assert [food["position"], month["level"], month["parent"]] == [0, 2, {"slug": "video"}]
    assert month["ancestors"] == [{"slug": "fun"}, {"slug": "video"}]
    shown = {"slug": "fun", "children": [{"slug": "video", "children": [{"slug": "month", "children": []}]}]}
    assert await read(api, TREE) == [{"slug": "food", "children": []}, shown]
    moved = (await done(api, MOVE, {"categoryId": video["id"], "expectedVersion": 1, "parentId": food["id"]}, operator))[
        "category"
    ]
    assert (moved["ancestors"], moved["version"]) == ([{"slug": "food"}], 2)
    found = await read(api, '{ category(slug: "month") { ancestors { slug } } }')
    assert found == {"ancestors": [{"slug": "food"}, {"slug": "video"}]}
    stale = {"categoryId": video["id"], "expectedVersion": 1}
    assert (await refusal(api, MOVE, stale, operator))["code"] == "VERSION_MOVED"
    circle = {"categoryId": food["id"], "expectedVersion": 1, "parentId": month["id"]}
    error = await refusal(api, MOVE, circle, operator)
    assert (error["code"], error["path"]) == ("WOULD_CIRCLE", ["input", "parentId"])


async def test_what_is_archived_is_for_who_keeps_the_catalog(api: Api, operator: Person):
    fun = await a_category(api, operator, "fun", externalReference="erp-fun")
    await a_category(api, operator, "video", parentId=fun["id"])
    archived = (await done(api, ARCHIVE, {"categoryId": fun["id"], "expectedVersion": 1}, operator))["category"]
    assert archived["archivedAt"] is not None
    assert await read(api, TREE) == []
    ask = "query ($id: ID, $slug: String, $ref: String) { category(id: $id, slug: $slug, externalReference: $ref) { slug } }"
    for given in ({"id": fun["id"]}, {"slug": "fun"}, {"ref": "erp-fun"}):
        assert await read(api, ask, given) is None
        assert await read(api, ask, given, operator) == {"slug": "fun"}
    assert await read(api, ask, {"slug": "video"}) is None
    found = await read(api, "{ allCategories { nodes { slug archivedAt } } }", None, operator)
    assert [node["slug"] for node in found["nodes"] if node["archivedAt"]] == ["video", "fun"]


async def test_a_category_is_renamed_and_keeps_its_place(api: Api, operator: Person):
    fun = await a_category(api, operator, "fun")
    await a_category(api, operator, "taken")
    changed = {"categoryId": fun["id"], "expectedVersion": 1, "slug": "joy", "name": {"en": "Joy"}}
    assert (await done(api, UPDATE, changed, operator))["category"] == {**fun, "slug": "joy", "name": "Joy", "version": 2}
    error = await refusal(api, UPDATE, {"categoryId": fun["id"], "expectedVersion": 2, "slug": "taken"}, operator)
    assert (error["code"], error["path"]) == ("ALREADY_NAMED", ["input", "slug"])


async def test_a_product_has_its_breadcrumb(api: Api, shop: Shop, operator: Person):
    fun = await shop.category("Fun")
    video, deals = await shop.category("Video", parent=fun), await shop.category("Deals")
    sold = await shop.variant(categories=[video, deals])
    ask = "query ($id: ID!) { product(id: $id) { categories { name ancestors { name } } } }"
    product = {"id": global_id(Kind.PRODUCT, sold.product_id)}
    shelves = [{"name": "Video", "ancestors": [{"name": "Fun"}]}, {"name": "Deals", "ancestors": []}]
    assert await read(api, ask, product) == {"categories": shelves}
    change = """mutation ($input: ProductUpdateInput!) {
        productUpdate(input: $input) { product { categories { name } } errors { code } } }"""
    given = {"productId": product["id"], "expectedVersion": 1, "categoryIds": [global_id(Kind.CATEGORY, deals)]}
    assert (await done(api, change, given, operator))["product"] == {"categories": [{"name": "Deals"}]}


async def test_a_brand_is_kept_and_its_private_notes_are_private(api: Api, shop: Shop, operator: Person):
    note, secret = {"key": "erp.group", "value": "A"}, {"key": "margin", "value": "0.2"}
    asked = {
        "slug": "acme",
        "name": {"zh": "顶点", "en": "Acme"},
        "logoUrl": "https://cdn.example.com/acme.png",
        "externalReference": "erp-1",
        "metadata": [note],
        "privateMetadata": [secret],
    }
    brand = (await done(api, BRAND_CREATE, asked, operator))["brand"]
    assert brand["nameTexts"] == {"zh": "顶点", "en": "Acme"}
    assert (brand["metadata"], brand["privateMetadata"], brand["version"]) == ([note], [secret], 1)
    public = await read(api, '{ brand(externalReference: "erp-1") { name metadata { value } } }', language="zh")
    assert public == {"name": "顶点", "metadata": [{"value": "A"}]}
    told = await api('{ brand(slug: "acme") { privateMetadata { key } } }', None, (await shop.customer()).token)
    assert told["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
    changed = {"brandId": brand["id"], "expectedVersion": 1, "logoUrl": None, "metadata": []}
    bare = (await done(api, BRAND_UPDATE, changed, operator))["brand"]
    assert bare == {**brand, "logoUrl": None, "metadata": [], "version": 2}
    for odd, path in (({"logoUrl": "javascript:alert(1)"}, "logoUrl"), ({"slug": "A"}, "slug"), ({"name": {}}, "name")):
        error = await refusal(api, BRAND_UPDATE, {"brandId": brand["id"], "expectedVersion": 2, **odd}, operator)
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", path])
    await done(api, BRAND_ARCHIVE, {"brandId": brand["id"], "expectedVersion": 2}, operator)
    assert await read(api, '{ brand(slug: "acme") { slug } }') is None
    assert await read(api, "{ brands { nodes { slug } } }") == {"nodes": []}
    assert await read(api, "{ allBrands { nodes { slug } } }", None, operator) == {"nodes": [{"slug": "acme"}]}
    create = f"mutation ($input: ProductCreateInput!) {{ productCreate(input: $input) {{ product {{ id }} {ERRORS} }} }}"
    error = await refusal(api, create, {"slug": "x", "name": {"en": "X"}, "brandId": brand["id"]}, operator)
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "brandId"])
