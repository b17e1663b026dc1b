"""The tree of categories: its paths hold at every moment, whoever moves what at once, and no circle can be closed."""

import asyncio
from uuid import UUID

import pytest

from perkhub.catalog import (
    WouldCircle,
    archive_category,
    categories_of_products,
    category_views,
    child_categories,
    create_category,
    move_category,
    root_categories,
    tree,
)
from perkhub.catalog.categories import CategoryDraft
from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import DomainError, InvalidInput, NotFound
from tests.factories import Shop
from tests.orders import desk

# Every path again from the parents alone; a circle would never be reached from a root.
BROKEN_PATHS = """
    WITH RECURSIVE walked AS (
        SELECT id, ARRAY[id] AS path FROM category WHERE parent_id IS NULL
        UNION ALL SELECT c.id, w.path || c.id FROM category c JOIN walked w ON c.parent_id = w.id
    )
    SELECT count(*) FROM category c LEFT JOIN walked w ON w.id = c.id WHERE w.path IS DISTINCT FROM c.path
"""
BELOW = "SELECT id FROM category WHERE path @> ARRAY[$1::uuid] ORDER BY id"


async def move(category: UUID, parent: UUID | None, *, position: int | None = None) -> None:
    version = (await category_views([category]))[0].version
    await transact(lambda tx: move_category(tx, category, parent=parent, position=position, expected_version=version))


async def below(category: UUID) -> set[UUID]:
    return {row["id"] for row in await db.rows(BELOW, category)}


async def a_branch(shop: Shop, depth: int) -> list[UUID]:
    """One below the other."""
    made: list[UUID] = []
    for _ in range(depth):
        made.append(await shop.category(parent=made[-1] if made else None))
    return made


async def test_what_is_below_moves_along(shop: Shop):
    trunk, other = await a_branch(shop, 4), await a_branch(shop, 2)
    await move(trunk[1], other[1])
    assert await below(other[0]) == {*other, *trunk[1:]}
    assert await below(trunk[0]) == {trunk[0]}
    assert (await category_views([trunk[3]]))[0].path == (*other, *trunk[1:])
    await move(trunk[2], None)
    assert (await category_views([trunk[3]]))[0].path == (trunk[2], trunk[3])
    assert await db.value(BROKEN_PATHS) == 0


async def test_nothing_stands_below_itself(shop: Shop):
    branch = await a_branch(shop, 3)
    for target in branch:
        async with desk.nothing_changes():
            with pytest.raises(WouldCircle) as refusal:
                await move(branch[0], target)
        assert refusal.value.path == ("parentId",)


async def moved_at_once(shop: Shop, pairs: int) -> list[BaseException | None]:
    """Pairs of categories, each moved below the other at the same time."""
    roots = [(await shop.category(), await shop.category()) for _ in range(pairs)]
    moves = [move(one, other) for one, other in roots] + [move(other, one) for one, other in roots]
    return await asyncio.gather(*moves, return_exceptions=True)  # type: ignore[return-value]


async def test_two_moves_at_once_close_no_circle(shop: Shop):
    ended = await moved_at_once(shop, pairs=6)
    assert sorted(type(one).__name__ for one in ended) == ["NoneType"] * 6 + ["WouldCircle"] * 6
    assert await db.value(BROKEN_PATHS) == 0


async def test_without_the_lock_they_do(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """The test above can fail. Both read the tree before either has written."""
    both_have_read = asyncio.Barrier(2)

    async def no_lock(_: Transaction) -> None:
        """Let everybody in."""

    read_path = tree.path_below

    async def read_together(tx: Transaction, parent: UUID | None, category: UUID) -> list[UUID]:
        path = await read_path(tx, parent, category)
        await both_have_read.wait()
        return path

    one, other = await shop.category(), await shop.category()
    monkeypatch.setattr(tree, "hold_tree", no_lock)
    monkeypatch.setattr(tree, "path_below", read_together)
    await asyncio.gather(move(one, other), move(other, one))
    assert await db.value(BROKEN_PATHS) == 2


async def test_moves_all_over_the_tree_leave_it_a_tree(shop: Shop):
    made = [await shop.category() for _ in range(12)]

    async def shuffle(step: int) -> None:
        for place, category in enumerate(made):
            try:
                await move(category, made[(place * step + step) % len(made)], position=0)
            except DomainError:
                continue  # a circle, or a version that moved meanwhile

    await asyncio.gather(*(shuffle(step) for step in (1, 5, 7, 11)))
    assert await db.value(BROKEN_PATHS) == 0
    assert await db.value("SELECT count(*) FROM category WHERE parent_id IS NOT NULL") > 0


async def test_siblings_have_their_order(shop: Shop):
    parent = await shop.category()
    first, second, third = [await shop.category(parent=parent) for _ in range(3)]
    await move(third, parent, position=0)
    await move(first, parent, position=99)
    assert [(view.id, view.position) for view in await child_categories([parent])] == [(third, 0), (second, 1), (first, 2)]
    await move(second, None, position=0)
    assert [view.id for view in await root_categories()] == [second, parent]
    assert [view.id for view in await child_categories([parent])] == [third, first]


async def test_an_archived_branch_is_out_of_the_shop_and_takes_nothing_in(shop: Shop):
    trunk = await a_branch(shop, 3)
    sold = await shop.variant(categories=[trunk[2]])
    assert [view.id for _, view in await categories_of_products([sold.product_id])] == [trunk[2]]
    await transact(lambda tx: archive_category(tx, trunk[1], expected_version=1))
    assert [view.id for view in await root_categories()] == [trunk[0]]
    assert await child_categories(trunk) == []
    assert await categories_of_products([sold.product_id]) == []
    other = await shop.category()
    for parent in trunk[1:]:
        async with desk.nothing_changes():
            with pytest.raises(NotFound):
                await move(other, parent)
            with pytest.raises(NotFound):
                await shop.category(parent=parent)


async def test_depth_and_width_have_a_bound(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tree, "DEEPEST", 3)
    monkeypatch.setattr(tree, "MOST_CHILDREN", 2)
    trunk, other = await a_branch(shop, 3), await a_branch(shop, 2)
    for refused in (lambda: shop.category(parent=trunk[2]), lambda: move(other[0], trunk[1]), lambda: shop.category()):
        async with desk.nothing_changes():
            with pytest.raises(InvalidInput) as refusal:
                await refused()
        assert refusal.value.path == ("parentId",)
    with pytest.raises(InvalidInput) as refusal:
        await transact(lambda tx: create_category(tx, CategoryDraft("x", {"en": "X"}), parent=other[0], position=-1))
    assert refusal.value.path == ("position",)


async def test_the_subtree_is_found_by_its_index(shop: Shop):
    made = await a_branch(shop, 5)
    async with db.transaction() as tx:
        await tx.execute("SET LOCAL enable_seqscan = off")
        plan = await tx.rows(f"EXPLAIN {BELOW.replace('$1', chr(39) + str(made[0]) + chr(39))}")
    assert any("category_path" in row[0] for row in plan)
