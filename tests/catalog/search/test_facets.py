"""What a list could be narrowed to, counted; each facet as if its own condition were not said."""

from decimal import Decimal
from typing import Any

import pytest

from perkhub.catalog import (
    Asked,
    AttributeDraft,
    AttributeOption,
    AttributeType,
    BenefitKind,
    BrandDraft,
    CategoryDraft,
    Facets,
    Having,
    Range,
    SaidWhere,
    Where,
    archive_product,
    count_facets,
    create_attribute,
    create_brand,
    create_category,
    read_search,
    resolve_names,
    update_attribute,
)
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.reactions import register_reactions
from tests.catalog.search.shelf import Shelf


@pytest.fixture
async def stocked(shelf: Shelf) -> dict[str, Any]:
    """Four products of two brands on two levels of categories, with attributes and prices."""
    made: dict[str, Any] = {}
    for slug, name in (("acme", "Acme"), ("bolt", "Bolt")):
        made[slug] = await transact(lambda tx, slug=slug, name=name: create_brand(tx, BrandDraft(slug, {"en": name})))
    made["fun"] = await transact(lambda tx: create_category(tx, CategoryDraft("fun", {"zh": "娱乐"})))
    made["film"] = await transact(lambda tx: create_category(tx, CategoryDraft("film", {"zh": "电影"}), parent=made["fun"]))
    options = (AttributeOption("gold", {"zh": "黄金"}), AttributeOption("free", {"zh": "免费"}))
    for attribute in (
        AttributeDraft("tier", AttributeType.SELECT, {"zh": "等级"}, options, filterable=True),
        AttributeDraft("months", AttributeType.NUMBER, {"zh": "月数"}, filterable=True),
        AttributeDraft("since", AttributeType.DATE, {"zh": "起始"}),
    ):
        made[attribute.code] = await transact(lambda tx, attribute=attribute: create_attribute(tx, attribute))
    number = Decimal
    put = shelf.put
    gold, free = {"tier": ("gold",), "months": number(1)}, {"tier": ("free",), "months": number("2.5")}
    await put("一会员", price="5", brand_id=made["acme"], category_ids=(made["film"],), attributes=gold, tags=("hot",))
    await put("二会员", price="15", brand_id=made["acme"], category_ids=(made["fun"],), attributes=free)
    await put("三会员", price="15", brand_id=made["bolt"], category_ids=(made["film"],), attributes=gold, kind=BenefitKind.LINK)
    gone = await put("四", price="15", brand_id=made["bolt"])
    await put("五", price=None, brand_id=made["bolt"], attributes=gold)
    await transact(lambda tx: archive_product(tx, gone, expected_version=1))
    return made


async def facets(shelf: Shelf, where: Where | None = None, typed: str | None = None) -> Facets:
    return await count_facets(Asked(shelf.market(), where or Where(), await read_search(typed)))


def told(found: Facets) -> dict[str, Any]:
    return {
        "total": found.total,
        "brands": {one.key: one.many for one in found.brands},
        "categories": {one.key: one.many for one in found.categories},
        "kinds": {one.key: one.many for one in found.kinds},
        "prices": {(int(band.begin), band.many) for band in found.prices},
        **{one.code: {value.key: value.many for value in one.values} for one in found.attributes},
    }


async def test_everything_on_sale_is_counted(shelf: Shelf, stocked: dict[str, Any]):
    acme, bolt, fun, film = (str(stocked[name]) for name in ("acme", "bolt", "fun", "film"))
    everything = {
        "total": 3,
        "brands": {acme: 2, bolt: 1},
        "categories": {fun: 3, film: 2},
        "kinds": {"code": 2, "link": 1},
        "prices": {(5, 1), (10, 2)},
        "tier": {"gold": 2, "free": 1},
        "months": {},
    }
    assert told(await facets(shelf)) == everything
    assert told(await facets(shelf, typed="会员")) == everything
    months = next(one for one in (await facets(shelf)).attributes if one.code == "months")
    assert (months.least, months.most) == (1, Decimal("2.5"))
    assert told(await facets(shelf, typed="!!!"))["total"] == 0


async def test_a_facet_leaves_its_own_condition_out(shelf: Shelf, stocked: dict[str, Any]):
    acme, bolt, fun, film = (str(stocked[name]) for name in ("acme", "bolt", "fun", "film"))
    found = told(await facets(shelf, Where(brands=(stocked["acme"],))))
    assert (found["total"], found["brands"]) == (2, {acme: 2, bolt: 1})
    assert (found["categories"], found["kinds"], found["tier"]) == ({fun: 2, film: 1}, {"code": 2}, {"gold": 1, "free": 1})
    both = told(await facets(shelf, Where(brands=(stocked["acme"],), attributes=(Having(code="tier", values=("gold",)),))))
    assert (both["total"], both["brands"], both["tier"]) == (1, {acme: 1, bolt: 1}, {"gold": 1, "free": 1})
    assert both["prices"] == {(5, 1)}
    dear = told(await facets(shelf, Where(price=Range(gte=Decimal(10)))))
    assert (dear["total"], dear["prices"], dear["brands"]) == (2, {(5, 1), (10, 2)}, {acme: 1, bolt: 1})
    own = Where(brands=(stocked["acme"],))
    for where in (SaidWhere(brand_slugs=("acme",)), SaidWhere(own=own, brand_slugs=("acme",))):
        assert told(await facets(shelf, await resolve_names(where))) == found
    below = told(await facets(shelf, await resolve_names(SaidWhere(category_slugs=("film",), brand_slugs=("bolt",)))))
    assert (below["total"], below["brands"], below["categories"]) == (1, {acme: 1, bolt: 1}, {fun: 1, film: 1})
    inside = told(await facets(shelf, Where(every=(Where(brands=(stocked["acme"],)),))))
    assert inside["brands"] == {acme: 2}


async def test_lists_are_narrowed_by_attributes_and_tags(shelf: Shelf, stocked: dict[str, Any]):
    one = Decimal(1)
    for having, names in [
        (Having(code="tier", values=("gold",)), ["三会员", "一会员"]),
        (Having(code="tier", values=("gold", "free")), ["三会员", "二会员", "一会员"]),
        (Having(code="tier", values=()), []),
        (Having(code="tier"), ["三会员", "二会员", "一会员"]),
        (Having(code="months", number=Range(gte=Decimal(2))), ["二会员"]),
        (Having(code="months", number=Range(lte=one)), ["三会员", "一会员"]),
        (Having(code="nothing"), []),
    ]:
        assert await shelf.names(where=Where(attributes=(having,))) == names, having
    assert await shelf.names(where=Where(tags=("hot", "cold"))) == ["一会员"]
    assert await shelf.names(where=Where(none=Where(tags=("hot",)))) == ["三会员", "二会员"]


async def test_lists_are_narrowed_by_slugs_and_to_less_than_a_price(shelf: Shelf, stocked: dict[str, Any]):
    for where, names in [
        (SaidWhere(category_slugs=("fun",)), ["三会员", "二会员", "一会员"]),
        (SaidWhere(category_slugs=("film", "nowhere")), ["三会员", "一会员"]),
        (SaidWhere(brand_slugs=("bolt",), category_slugs=("film",)), ["三会员"]),
        (SaidWhere(brand_slugs=("nobody",)), []),
        (SaidWhere(category_slugs=()), []),
        (SaidWhere(own=Where(price=Range(gte=Decimal(5), lt=Decimal(15)))), ["一会员"]),
        (SaidWhere(own=Where(price=Range(lte=Decimal(15), lt=Decimal(16)))), ["三会员", "二会员", "一会员"]),
    ]:
        assert await shelf.names(where=await resolve_names(where)) == names, where


async def test_options_are_found_by_what_they_are_called(shelf: Shelf, stocked: dict[str, Any]):
    register_reactions()
    assert await shelf.names("免费") == ["二会员"]
    assert await shelf.names("hot") == ["一会员"]
    options = (AttributeOption("gold", {"zh": "黄金"}), AttributeOption("free", {"zh": "尊享"}))
    await transact(lambda tx: update_attribute(tx, stocked["tier"], {"options": options}, expected_version=1))
    await drain()
    assert (await shelf.names("免费"), await shelf.names("尊享")) == ([], ["二会员"])
