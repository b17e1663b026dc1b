"""Lists within a collection: what it shows in this channel now, narrowed, sorted, searched and counted like any list."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from perkhub.catalog import (
    Asked,
    AttributeCondition,
    AttributeType,
    BenefitKind,
    Collections,
    Condition,
    Match,
    Range,
    Rule,
    SaidWhere,
    Sort,
    Span,
    Where,
    archive_collection,
    collection_views,
    count_facets,
    count_products,
    products_of_collection,
    resolve_names,
)
from perkhub.kit.db import statements, transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.ids import new_id
from tests.catalog.search.shelf import Shelf
from tests.factories import Shop

HOT = Rule(Match.ALL, (Condition(tags=("hot",)),))


async def within(*collections: UUID, archived: bool = False, **more: Any) -> Where:
    said = SaidWhere(own=Where(**more), collections=Collections(ids=collections))
    return await resolve_names(said, archived=archived)


@pytest.fixture
async def put(shelf: Shelf) -> dict[str, UUID]:
    """Three that are hot, and one that is not; of the hot ones one is sold nowhere."""
    return {
        "一会员": await shelf.put("一会员", price="30", tags=("hot",)),
        "二": await shelf.put("二", price="10", tags=("hot",), kind=BenefitKind.LINK),
        "三会员": await shelf.put("三会员", price="20"),
        "四": await shelf.put("四", price=None, tags=("hot",)),
    }


async def test_picks_and_rules_and_both(shelf: Shelf, shop: Shop, put: dict[str, UUID]):
    picked, ruled = await shop.collection(put["三会员"], put["四"]), await shop.collection(rule=HOT)
    both, empty = await shop.collection(put["三会员"], rule=HOT), await shop.collection()
    for where, names in [
        (await within(picked), ["三会员"]),
        (await within(ruled), ["二", "一会员"]),
        (await within(both), ["三会员", "二", "一会员"]),
        (await within(picked, ruled), ["三会员", "二", "一会员"]),
        (await within(empty), []),
        (await within(new_id()), []),
        (await within(), []),
        (await within(ruled, kinds=("link",)), ["二"]),
        (await within(ruled, price=Range(gte=Decimal(20))), ["一会员"]),
        (await resolve_names(SaidWhere(none=SaidWhere(collections=Collections(ids=(ruled,))))), ["三会员"]),
        (Where(every=(await within(both), await within(ruled))), ["二", "一会员"]),
    ]:
        assert await shelf.names(where=where) == names, where
        assert await count_products(Asked(shelf.market(), where)) == len(names)
        assert (await count_facets(Asked(shelf.market(), where))).total == len(names)
    cheapest = await shelf.names(where=await within(both), sort=Sort.PRICE_ASC)
    assert cheapest == ["二", "三会员", "一会员"]
    assert await shelf.names("会员", where=await within(ruled)) == ["一会员"]
    assert await shelf.names(where=await within(both), span=Span(1)) == ["三会员"]
    assert await shelf.names(where=await within(ruled), everything=True) == ["四", "二", "一会员"]


async def test_it_is_what_the_collection_itself_shows(shelf: Shelf, shop: Shop, put: dict[str, UUID]):
    await shop.attribute("months", AttributeType.NUMBER)
    await shelf.put("五", attributes={"months": Decimal(12)})
    year = Condition(attribute=AttributeCondition("months", least=Decimal(12)))
    for rule in (HOT, Rule(Match.ANY, (*HOT.conditions, year)), Rule(Match.ALL, (*HOT.conditions, year)), None):
        collection = await shop.collection(put["三会员"], rule=rule)
        view = (await collection_views([collection]))[0]
        shown = {product.id for _, product in await products_of_collection(view, channel=shelf.channel.id)}
        found = await shelf.found(where=await within(collection))
        assert {one.view.id for one in found.products} == shown, rule


async def test_a_slug_names_it_too_and_both_must_fit(shelf: Shelf, shop: Shop, put: dict[str, UUID]):
    one, other = await shop.collection(put["二"]), await shop.collection(put["三会员"])
    slug = (await collection_views([one]))[0].slug

    async def found(**named: Any) -> list[str]:
        return await shelf.names(where=await resolve_names(SaidWhere(collections=Collections(**named))))

    assert await found(slugs=(slug, "nobody")) == ["二"]
    assert await found(slugs=(slug,), ids=(one, other)) == ["二"]
    assert await found(slugs=(slug,), ids=(other,)) == []
    assert await found(slugs=()) == []


async def test_an_archived_one_shows_nothing_but_to_operators(shelf: Shelf, shop: Shop, put: dict[str, UUID]):
    collection = await shop.collection(put["二"], rule=HOT)
    await transact(lambda tx: archive_collection(tx, collection, expected_version=1))
    assert await shelf.names(where=await within(collection)) == []
    archived = await within(collection, archived=True)
    assert await shelf.names(where=archived, everything=True) == ["四", "二", "一会员"]


async def test_collections_cost_one_statement_and_nothing_where_there_are_none(shop: Shop):
    one, other = await shop.collection(rule=HOT), await shop.collection()
    counted: list[str] = []
    token = statements.set(counted)
    await resolve_names(SaidWhere(own=Where(tags=("hot",)), every=(SaidWhere(own=Where(kinds=())),)))
    assert counted == []
    named = (SaidWhere(collections=Collections(ids=(one,))), SaidWhere(collections=Collections(ids=(other,))))
    await resolve_names(SaidWhere(some=named, none=SaidWhere(collections=Collections(slugs=("x",)))))
    statements.reset(token)
    assert len(counted) == 1


def test_ten_collections_are_enough():
    many = SaidWhere(collections=Collections(ids=tuple(new_id() for _ in range(6))))
    many.refuse_excess()
    with pytest.raises(InvalidInput) as refusal:
        SaidWhere(every=(many, many)).refuse_excess()
    assert refusal.value.path == ("where",)
