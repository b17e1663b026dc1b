"""Collections show what was picked by hand and what fulfils their rule now, in channels where it is on sale."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from perkhub.catalog import (
    AttributeCondition,
    AttributeType,
    BenefitKind,
    CollectionPlace,
    Condition,
    Match,
    Rule,
    archive_product,
    collection_views,
    products_of_collection,
    update_collection,
    update_product,
    update_variant,
)
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError, InvalidInput, NotFound
from perkhub.kit.ids import new_id
from tests.factories import Shop, StockedVariant
from tests.orders import desk

Had = AttributeCondition


async def shown(shop: Shop, collection: UUID, *, channel: str = "retail", size: int = 2) -> list[UUID]:
    """All of it, page by page."""
    view = (await collection_views([collection]))[0]
    where = (await shop.channel(channel)).id
    found: list[UUID] = []
    after: CollectionPlace | None = None
    while page := await products_of_collection(view, channel=where, after=after, limit=size):
        found += [product.id for _, product in page]
        after = page[-1][0]
    return found


async def by_rule(shop: Shop, *conditions: Condition, match: Match = Match.ALL) -> list[UUID]:
    return await shown(shop, await shop.collection(rule=Rule(match, conditions)))


async def some(shop: Shop, count: int, **more: Any) -> list[StockedVariant]:
    return [await shop.variant(codes=0, **more) for _ in range(count)]


def ids(*variants: StockedVariant) -> list[UUID]:
    return [variant.product_id for variant in variants]


async def test_each_condition_finds_its_own(shop: Shop):
    fun = await shop.category()
    video = await shop.category(parent=fun)
    await shop.attribute("resolution", AttributeType.SELECT)
    await shop.attribute("devices", AttributeType.MULTISELECT)
    await shop.attribute("shared", AttributeType.BOOLEAN)
    await shop.attribute("artist")
    await shop.attribute("storage", AttributeType.NUMBER)
    await shop.attribute("since", AttributeType.DATE)
    had = {
        "resolution": ("a",),
        "devices": ("a", "b"),
        "shared": True,
        "artist": "周杰伦",
        "storage": Decimal("100.5"),
        "since": date(2026, 5, 1),
    }
    other = await shop.variant(codes=0, brand=await shop.brand("Other"), tags=("cold",))
    one = await shop.variant(codes=0, categories=[video], tags=("hot", "new"), kind=BenefitKind.LINK, attributes=had)
    finding = [
        Condition(brand_ids=(await shop.brand(),)),
        Condition(category_ids=(fun,)),
        Condition(kinds=(BenefitKind.LINK, BenefitKind.SERVICE)),
        Condition(tags=("new", "nobody")),
        Condition(attribute=Had("resolution", any_of=("b", "a"))),
        Condition(attribute=Had("devices", any_of=("b",))),
        Condition(attribute=Had("shared", boolean=True)),
        Condition(attribute=Had("artist", any_of=("周杰伦",))),
        Condition(attribute=Had("storage", least=Decimal(100), most=Decimal("100.5"))),
        Condition(attribute=Had("storage", least=Decimal("100.5"))),
        Condition(attribute=Had("since", since=date(2026, 5, 1), until=date(2026, 5, 1))),
    ]
    for condition in finding:
        assert await by_rule(shop, condition) == ids(one), condition
    assert await by_rule(shop, *finding) == ids(one)
    for condition in (
        Condition(attribute=Had("resolution", any_of=("c",))),
        Condition(attribute=Had("shared", boolean=False)),
        Condition(attribute=Had("storage", most=Decimal(100))),
        Condition(attribute=Had("since", since=date(2026, 5, 2))),
    ):
        assert await by_rule(shop, condition) == [], condition
        assert await by_rule(shop, condition, Condition(tags=("cold",)), match=Match.ANY) == ids(other)


async def test_a_value_of_a_variant_counts_for_its_product(shop: Shop):
    await shop.attribute("months", AttributeType.NUMBER)
    await shop.attribute("device", AttributeType.SELECT)
    one, _ = await some(shop, 2)
    values = {"attributes": {"months": Decimal(12), "device": ("a",)}}
    await transact(lambda tx: update_variant(tx, one.id, values, expected_version=1))  # type: ignore[arg-type]
    assert await by_rule(shop, Condition(attribute=Had("months", least=Decimal(12)))) == ids(one)
    assert await by_rule(shop, Condition(attribute=Had("device", any_of=("a",)))) == ids(one)


async def test_picks_stand_first_then_the_rule_and_nothing_twice(shop: Shop):
    first, second, third, fourth, fifth = await some(shop, 5, tags=("hot",))
    await shop.variant(codes=0)
    rule = Rule(Match.ALL, (Condition(tags=("hot",)),))
    collection = await shop.collection(fourth.product_id, first.product_id, rule=rule)
    for size in (1, 2, 3, 10):
        assert await shown(shop, collection, size=size) == ids(fourth, first, fifth, third, second), size
    await transact(lambda tx: archive_product(tx, third.product_id, expected_version=1))
    await transact(lambda tx: update_product(tx, second.product_id, {"tags": ()}, expected_version=1))
    assert await shown(shop, collection) == ids(fourth, first, fifth)
    await transact(lambda tx: update_collection(tx, collection, {"rule": None}, expected_version=1))
    assert await shown(shop, collection) == ids(fourth, first)
    changes = {"product_ids": (first.product_id,)}
    await transact(lambda tx: update_collection(tx, collection, changes, expected_version=2))  # type: ignore[arg-type]
    assert await shown(shop, collection) == ids(first)


async def test_only_what_is_on_sale_here_is_shown(shop: Shop):
    here = await shop.variant(codes=0, tags=("hot",))
    there = await shop.variant(codes=0, tags=("hot",), channel=await shop.channel("elsewhere"))
    collection = await shop.collection(there.product_id, rule=Rule(Match.ALL, (Condition(tags=("hot",)),)))
    assert await shown(shop, collection) == ids(here)
    assert await shown(shop, collection, channel="elsewhere") == ids(there)


async def test_a_rule_that_nothing_could_fulfil_is_refused_by_its_place(shop: Shop):
    await shop.attribute("storage", AttributeType.NUMBER)
    await shop.attribute("resolution", AttributeType.SELECT)
    good = Condition(tags=("hot",))
    odd: list[tuple[Condition, type[DomainError], str]] = [
        (Condition(), InvalidInput, ""),
        (Condition(tags=("hot",), kinds=(BenefitKind.CODE,)), InvalidInput, ""),
        (Condition(tags=tuple(f"t{number}" for number in range(51))), InvalidInput, ""),
        (Condition(tags=(" hot",)), InvalidInput, "tags.0"),
        (Condition(brand_ids=(new_id(),)), NotFound, "brandIds.0"),
        (Condition(category_ids=(await shop.category(), new_id())), NotFound, "categoryIds.1"),
        (Condition(attribute=Had("nobody", any_of=("x",))), NotFound, "attribute.code"),
        (Condition(attribute=Had("resolution", any_of=("x",))), InvalidInput, "attribute.anyOf.0"),
        (Condition(attribute=Had("resolution")), InvalidInput, "attribute"),
        (Condition(attribute=Had("resolution", boolean=True)), InvalidInput, "attribute"),
        (Condition(attribute=Had("storage", any_of=("1",))), InvalidInput, "attribute"),
        (Condition(attribute=Had("storage", least=Decimal(1), boolean=True)), InvalidInput, "attribute"),
        (Condition(attribute=Had("storage", least=Decimal("NaN"))), InvalidInput, "attribute.least"),
    ]
    for condition, refused, path in odd:
        async with desk.nothing_changes():
            with pytest.raises(refused) as refusal:
                await shop.collection(rule=Rule(Match.ALL, (good, condition)))
        wanted = ("rule", "conditions", "1", *([step for step in path.split(".") if step]))
        assert refusal.value.path == wanted, condition  # type: ignore[attr-defined]
    for conditions in ((), (good,) * 21):
        with pytest.raises(InvalidInput):
            await shop.collection(rule=Rule(Match.ALL, conditions))
    with pytest.raises(NotFound) as lost:
        await shop.collection(new_id())
    assert lost.value.path == ("productIds", "0")
