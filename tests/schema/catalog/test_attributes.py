"""Attributes defined, given, shown and taken out of use, through HTTP."""

from typing import Any

import pytest

from perkhub.accounts import Permission
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.factories import Person, Shop
from tests.schema.conftest import Api
from tests.schema.ops.asking import ERRORS, done, read, refusal

DEFINITION = "id code type name unit filterable version archivedAt options { value label }"
CREATE = f"""mutation ($input: AttributeCreateInput!) {{
    attributeCreate(input: $input) {{ attribute {{ {DEFINITION} }} {ERRORS} }} }}"""
UPDATE = f"""mutation ($input: AttributeUpdateInput!) {{
    attributeUpdate(input: $input) {{ attribute {{ {DEFINITION} }} {ERRORS} }} }}"""
ARCHIVE = f"""mutation ($input: AttributeArchiveInput!) {{
    attributeArchive(input: $input) {{ attribute {{ archivedAt }} {ERRORS} }} }}"""
VALUES = "attributes { attribute { code name } formatted text number boolean date options { value label } }"
PRODUCT = f"""mutation ($input: ProductUpdateInput!) {{
    productUpdate(input: $input) {{ product {{ tags {VALUES} }} {ERRORS} }} }}"""
NONE = {"text": None, "number": None, "boolean": None, "date": None, "options": []}


@pytest.fixture
async def operator(shop: Shop) -> Person:
    """Whoever keeps the catalog."""
    await shop.channel()
    return await shop.staff(Permission.MANAGE_CATALOG)


async def defined(api: Api, by: Person, code: str, kind: str, **more: Any) -> Any:
    asked = {"code": code, "type": kind, "name": {"zh": f"属性{code}", "en": code.title()}, **more}
    return (await done(api, CREATE, asked, by))["attribute"]


async def test_values_of_every_type_are_typed_on_the_wire(api: Api, shop: Shop, operator: Person):
    options = [{"value": "tv", "label": {"zh": "电视", "en": "TV"}}, {"value": "phone", "label": {"zh": "手机", "en": "Phone"}}]
    await defined(api, operator, "devices", "MULTISELECT", options=options, filterable=True)
    await defined(api, operator, "resolution", "SELECT", options=[{"value": "4k", "label": {"en": "4K"}}])
    await defined(api, operator, "storage", "NUMBER", unit="GB")
    await defined(api, operator, "shared", "BOOLEAN")
    await defined(api, operator, "since", "DATE")
    await defined(api, operator, "artist", "TEXT")
    sold = await shop.variant()
    given = [
        {"code": "storage", "number": "1.5"},
        {"code": "devices", "options": ["phone", "tv"]},
        {"code": "resolution", "options": ["4k"]},
        {"code": "shared", "boolean": False},
        {"code": "since", "date": "2027-01-31"},
        {"code": "artist", "text": "周杰伦"},
    ]
    asked = {"productId": global_id(Kind.PRODUCT, sold.product_id), "expectedVersion": 1, "attributes": given, "tags": ["热门"]}
    product = (await done(api, PRODUCT, asked, operator))["product"]
    assert product["tags"] == ["热门"]
    told = {value["attribute"]["code"]: value for value in product["attributes"]}
    assert list(told) == ["artist", "devices", "resolution", "shared", "since", "storage"]
    chosen = [{"value": "tv", "label": "TV"}, {"value": "phone", "label": "Phone"}]
    shown = {
        "artist": ("周杰伦", {"text": "周杰伦"}),
        "devices": ("TV, Phone", {"options": chosen}),
        "resolution": ("4K", {"options": [{"value": "4k", "label": "4K"}]}),
        "shared": ("No", {"boolean": False}),
        "since": ("2027-01-31", {"date": "2027-01-31"}),
        "storage": ("1.5 GB", {"number": "1.5"}),
    }
    for code, (formatted, fields) in shown.items():
        name = {"code": code, "name": code.title()}
        assert told[code] == {"attribute": name, "formatted": formatted, **NONE, **fields}
    chinese = await read(api, "{ products { nodes { attributes { formatted } } } }", language="zh")
    assert [value["formatted"] for value in chinese["nodes"][0]["attributes"]][1:4] == ["电视、手机", "4K", "否"]
    filters = await read(api, "{ attributes(filterable: true) { nodes { code } } }")
    assert filters == {"nodes": [{"code": "devices"}]}


async def test_an_archived_attribute_is_told_of_nothing(api: Api, shop: Shop, operator: Person):
    attribute = await defined(api, operator, "artist", "TEXT")
    sold = await shop.variant(attributes={"artist": "周杰伦"})
    assert sold.product_id
    ask = "{ products { nodes { attributes { text } } } }"
    assert (await read(api, ask))["nodes"] == [{"attributes": [{"text": "周杰伦"}]}]
    await done(api, ARCHIVE, {"attributeId": attribute["id"], "expectedVersion": 1}, operator)
    assert (await read(api, ask))["nodes"] == [{"attributes": []}]
    assert await read(api, "{ attributes { nodes { code } } }") == {"nodes": []}


async def test_odd_definitions_and_values_are_refused_by_name(api: Api, shop: Shop, operator: Person):
    made = await defined(api, operator, "resolution", "SELECT", options=[{"value": "4k", "label": {"en": "4K"}}])
    option = {"value": "a", "label": {"en": "A"}}
    base = {"code": "odd", "type": "TEXT", "name": {"en": "Odd"}}
    for given, path, code in (
        ({"code": "Odd"}, "code", "INVALID_INPUT"),
        ({"code": "resolution"}, "code", "ALREADY_NAMED"),
        ({"name": {}}, "name", "INVALID_INPUT"),
        ({"unit": "GB"}, "unit", "INVALID_INPUT"),
        ({"options": [option]}, "options", "INVALID_INPUT"),
        ({"type": "SELECT"}, "options", "INVALID_INPUT"),
        ({"type": "SELECT", "options": [option, option]}, "options.1.value", "INVALID_INPUT"),
        ({"type": "SELECT", "options": [{**option, "label": {}}]}, "options.0.label", "INVALID_INPUT"),
        ({"type": "SELECT", "options": [{**option, "value": f"v{n}"} for n in range(201)]}, "options", "INVALID_INPUT"),
    ):
        error = await refusal(api, CREATE, {**base, **given}, operator)
        assert (error["code"], error["path"]) == (code, ["input", *path.split(".")]), given
    stale = {"attributeId": made["id"], "expectedVersion": 7, "filterable": True}
    assert (await refusal(api, UPDATE, stale, operator))["code"] == "VERSION_MOVED"
    product = {"productId": global_id(Kind.PRODUCT, (await shop.variant()).product_id), "expectedVersion": 1}
    for values, path in (
        ([{"code": "resolution"}], "attributes.0"),
        ([{"code": "resolution", "text": "4k", "boolean": True}], "attributes.0"),
        ([{"code": "resolution", "text": "4k"}], "attributes.0"),
        ([{"code": "resolution", "options": ["8k"]}], "attributes.0.options"),
        ([{"code": "resolution", "options": ["4k"]}] * 2, "attributes.1.code"),
        ([{"code": "nobody", "text": "x"}], "attributes.0.code"),
    ):
        error = await refusal(api, PRODUCT, {**product, "attributes": values}, operator)
        assert error["path"] == ["input", *path.split(".")], values
    for tags, path in ((["a", "a"], "tags"), ([" a"], "tags.0"), (["x" * 41], "tags.0"), ([""], "tags.0")):
        error = await refusal(api, PRODUCT, {**product, "tags": tags}, operator)
        assert error["path"] == ["input", *path.split(".")], tags
