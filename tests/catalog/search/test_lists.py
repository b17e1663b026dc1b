"""Lists in every order, page by page from both ends; and the conditions that narrow them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perkhub.catalog import (
    Asked,
    BenefitKind,
    BrandDraft,
    CategoryDraft,
    CursorOfAnotherOrder,
    Place,
    Range,
    SaidWhere,
    Sort,
    Span,
    Where,
    count_products,
    create_brand,
    create_category,
    find_products,
    read_search,
    to_cursor,
    to_place,
    update_product,
)
from perkhub.catalog.search import find
from perkhub.catalog.search.order import order_of
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from tests.catalog.search.seeding import seed_products
from tests.catalog.search.shelf import Shelf

NAMES = ["爱奇艺会员", "会员月卡", "会员", "Netflix 会员", "腾讯会员", "会员爱", "会员艺", "同名会员", "同名会员", "同名会员"]


async def paged(asked: Asked, sizes: list[int], *, backwards: bool) -> list[UUID]:
    """The whole list, in pages of these sizes, over cursors as clients send them."""
    seen: list[UUID] = []
    cursor: str | None = None
    for size in [*sizes, *[3] * 100]:
        place = None if cursor is None else to_place(asked.order, cursor, "after")
        span = Span(size, before=place, backwards=True) if backwards else Span(size, after=place)
        page = await find_products(asked, span)
        ids = [one.view.id for one in page.products]
        seen = ids + seen if backwards else seen + ids
        if not page.more:
            return seen
        cursor = to_cursor(asked.order, page.products[0 if backwards else -1].place)
    raise AssertionError("the list does not end")


async def test_paging_shows_each_product_once_in_every_order(shelf: Shelf):
    for number, name in enumerate(NAMES):
        await shelf.put(name, price=str(number % 4))
    lists = []
    for typed in (None, "会员", "会圆员"):
        search = await read_search(typed)
        for sort in Sort:
            asked = Asked(shelf.market(), search=search, sort=sort, language="zh")
            whole = [one.view.id for one in (await find_products(asked, Span(100))).products]
            assert len(set(whole)) == len(whole) == await count_products(asked) == len(NAMES), (typed, sort)
            lists.append((asked, whole))
    drawn: list[tuple[int, list[int], bool]] = []

    @given(st.integers(0, len(lists) - 1), st.lists(st.integers(1, 12), max_size=6), st.booleans())
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def ways(which: int, sizes: list[int], backwards: bool) -> None:
        drawn.append((which, sizes, backwards))

    ways()
    for which, sizes, backwards in drawn:
        asked, whole = lists[which]
        assert await paged(asked, sizes, backwards=backwards) == whole, (asked.sort, sizes, backwards)


async def test_the_orders_are_what_they_say(shelf: Shelf):
    for name, price in (("西安", "3"), ("爱", "1.50"), ("先", "2"), ("Apple", "1")):
        await shelf.put(name, price=price)
    assert await shelf.names() == ["Apple", "先", "爱", "西安"]
    assert await shelf.names(sort=Sort.OLDEST) == ["西安", "爱", "先", "Apple"]
    assert await shelf.names(sort=Sort.NAME_ASC) == ["爱", "Apple", "西安", "先"]
    assert await shelf.names(sort=Sort.NAME_DESC) == ["先", "西安", "Apple", "爱"]
    assert await shelf.names(sort=Sort.PRICE_ASC) == ["Apple", "爱", "先", "西安"]
    assert await shelf.names(sort=Sort.PRICE_DESC) == ["西安", "先", "爱", "Apple"]
    assert await shelf.names(sort=Sort.RELEVANCE) == ["Apple", "先", "爱", "西安"]


async def test_a_page_goes_on_from_its_place_while_products_come(shelf: Shelf):
    for name in "abcdef":
        await shelf.put(name)
    first = await shelf.found(sort=Sort.NAME_ASC, span=Span(3))
    await shelf.put("a0")
    await shelf.put("d0")
    then = await shelf.found(sort=Sort.NAME_ASC, span=Span(10, after=first.products[-1].place))
    assert [one.view.name["zh"] for one in then.products] == ["d", "d0", "e", "f"]
    between = Span(10, after=first.products[0].place, before=then.products[-1].place)
    assert len((await shelf.found(sort=Sort.NAME_ASC, span=between)).products) == 6


async def test_common_words_are_paged_like_others(shelf: Shelf):
    """What half of all products have is looked for by walking, and gives the same list as the index does."""
    seeded = await seed_products(shelf.channel, 2000)
    within = Where(categories=(seeded.categories[1],), kinds=("voucher",))
    for typed, where in (
        ("会员", Where()),
        ("会员月卡", within),
        ("会员", Where(brands=(seeded.brands[0],))),
        ("会员", within),
    ):
        found = await read_search(typed)
        assert found is not None
        assert (found.share > 0.5) is (typed == "会员")
        common, rare = replace(found, share=0.1), replace(found, share=0.0)
        for sort in Sort:
            for backwards in (False, True):
                lists = [
                    [
                        [one.view.id for one in (await find_products(Asked(shelf.market(), where, way, sort), span)).products]
                        for span in await spans(Asked(shelf.market(), where, way, sort), backwards)
                    ]
                    for way in (common, rare)
                ]
                assert lists[0] == lists[1], (typed, sort, backwards)


async def spans(asked: Asked, backwards: bool) -> list[Span]:
    """The first page, and those after some of its products."""
    page = (await find_products(asked, Span(30, backwards=backwards))).products
    found = [Span(20, backwards=backwards)]
    for one in page[::10]:
        found.append(Span(20, before=one.place, backwards=True) if backwards else Span(20, after=one.place))
    return found


@pytest.mark.parametrize("cursor", ["", "x", "???", "é", "e30", "W10", "W251bGwsbnVsbCxudWxsXQ", "A" * 3000, "\x00"])
async def test_what_is_no_cursor_is_told(cursor: str):
    with pytest.raises(InvalidInput) as refusal:
        to_place(order_of(Sort.NEWEST), cursor, "before")
    assert refusal.value.path == ("before",)


def test_a_cursor_is_good_for_its_own_order():
    place = Place(Decimal("1.50"), UUID(int=7))
    orders = [order_of(sort, language=language, searched=words) for sort in Sort for language in ("zh", "en") for words in "ab"]
    for order, other in pairwise(orders):
        if order.name == other.name:
            continue
        with pytest.raises(CursorOfAnotherOrder) as refusal:
            to_place(other, to_cursor(order, place), "after")
        assert refusal.value.path == ("after",)
    price = order_of(Sort.PRICE_ASC)
    assert to_place(price, to_cursor(price, place), "after") == place


@pytest.mark.parametrize("small", [True, False])
async def test_conditions(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, small: bool):
    """The same, whether a channel is small enough to be looked through, or walked and looked up."""

    async def size(channel: UUID) -> bool:
        return small

    monkeypatch.setattr(find, "is_small", size)
    outer = await transact(lambda tx: create_category(tx, CategoryDraft("outer", {"zh": "外"})))
    inner = await transact(lambda tx: create_category(tx, CategoryDraft("inner", {"zh": "内"}), parent=outer))
    brand = await transact(lambda tx: create_brand(tx, BrandDraft("acme", {"en": "Acme"})))
    one = await shelf.put("一", price="5", brand_id=brand, category_ids=(inner,), slug="one", kind=BenefitKind.LINK)
    two = await shelf.put("二", price="15", category_ids=(outer,), external_reference="EXT-2")
    await shelf.put("三", price="25")
    later = now() + timedelta(hours=1)
    with travel(timedelta(hours=2)):
        await transact(lambda tx: update_product(tx, two, {"slug": "two"}, expected_version=1))
    for where, names in [
        (Where(ids=(one, two)), ["二", "一"]),
        (Where(ids=()), []),
        (Where(slugs=("one", "nobody")), ["一"]),
        (Where(references=("EXT-2",)), ["二"]),
        (Where(kinds=("link",)), ["一"]),
        (Where(brands=(brand,)), ["一"]),
        (Where(categories=(outer,)), ["二", "一"]),
        (Where(categories=(inner,)), ["一"]),
        (Where(price=Range(Decimal(10), Decimal(20))), ["二"]),
        (Where(price=Range(gte=Decimal(15))), ["三", "二"]),
        (Where(price=Range()), ["三", "二", "一"]),
        (Where(in_stock=True), []),
        (Where(in_stock=False), ["三", "二", "一"]),
        (Where(created=Range(lte=later)), ["三", "二", "一"]),
        (Where(created=Range(gte=later)), []),
        (Where(updated=Range(gte=later)), ["二"]),
        (Where(brands=(brand,), categories=(outer,), kinds=("link", "code")), ["一"]),
        (Where(none=Where(brands=(brand,))), ["三", "二"]),
        (Where(none=Where(price=Range(lte=Decimal(5)))), ["三", "二"]),
        (Where(some=(Where(brands=(brand,)), Where(references=("EXT-2",)))), ["二", "一"]),
        (Where(some=()), []),
        (Where(every=(Where(categories=(outer,)), Where(none=Where(ids=(one,))))), ["二"]),
        (Where(every=(Where(brands=(brand,)),), price=Range(gte=Decimal(10))), []),
    ]:
        for sort in (Sort.NEWEST, Sort.OLDEST, Sort.NAME_ASC, Sort.PRICE_DESC):
            assert sorted(await shelf.names(where=where, sort=sort)) == sorted(names), (where, sort)
        assert await shelf.names(where=where) == names, where
        assert sorted(await shelf.names(where=where, everything=True)) == sorted(names), where
        assert await count_products(Asked(shelf.market(), where)) == len(names)


def test_conditions_have_a_bound():
    one = SaidWhere(own=Where(ids=()))
    deep = one
    for _ in range(4):
        deep = SaidWhere(none=deep)
    with pytest.raises(InvalidInput) as refusal:
        deep.refuse_excess()
    assert refusal.value.path == ("where", "NOT", "NOT", "NOT", "NOT")
    SaidWhere(none=SaidWhere(none=SaidWhere(none=one))).refuse_excess()
    with pytest.raises(InvalidInput):
        SaidWhere(every=(one,) * 61).refuse_excess()
