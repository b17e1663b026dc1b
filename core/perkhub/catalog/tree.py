"""Where categories stand: below a parent, among siblings, never below themselves. One change of the tree at a time."""

from uuid import UUID

from perkhub.catalog.errors import WouldCircle
from perkhub.catalog.naming import locked
from perkhub.catalog.search.rebuild import Of, products_renamed
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound

LOCK = "catalog.category_tree"
MOST_CHILDREN = 500
DEEPEST = 100  # far below any shop's; a bound for what stands in each path

READ = "SELECT parent_id, position, version FROM category WHERE id = $1 FOR NO KEY UPDATE"
PATH = "SELECT path FROM category WHERE id = $1 AND archived_at IS NULL"
# How many levels the category and what is below it take.
LEVELS = "SELECT max(cardinality(path) - array_position(path, $1::uuid) + 1) FROM category WHERE path @> ARRAY[$1::uuid]"
# The whole subtree in one statement: what stood above the category in each path gives way to the new parent's path.
REPARENT = """
    UPDATE category SET path = $3::uuid[] || path[array_position(path, $1::uuid):],
                        parent_id = CASE WHEN id = $1 THEN $2::uuid ELSE parent_id END,
                        version = version + CASE WHEN id = $1 THEN 1 ELSE 0 END
    WHERE path @> ARRAY[$1::uuid]
"""
SIBLINGS = "SELECT id FROM category WHERE parent_id IS NOT DISTINCT FROM $1 AND id <> $2 ORDER BY position, id"
RENUMBER = """
    UPDATE category c SET position = n.position - 1 FROM unnest($1::uuid[]) WITH ORDINALITY AS n(id, position)
    WHERE c.id = n.id AND c.position <> n.position - 1
"""


async def hold_tree(tx: Transaction) -> None:
    """Wait until nobody else changes the tree: two moves at once, each fair by itself, could close a circle together."""
    await tx.advisory_lock(LOCK)


async def move_category(
    tx: Transaction, category: UUID, *, parent: UUID | None, position: int | None, expected_version: int
) -> None:
    """Put a category, with all below it, under another parent or at the root; among its siblings at `position`, or last.

    Raises:
        NotFound, VersionMoved, WouldCircle, InvalidInput.
    """
    await hold_tree(tx)
    thing = ("category", "分类", "categoryId")
    kept = await locked(tx, READ, category, expected_version=expected_version, thing=thing)
    above = (await path_below(tx, parent, category))[:-1]
    if category in above:
        raise WouldCircle(path=("parentId",))
    _refuse_depth(len(above) + await tx.value(LEVELS, category))
    await tx.execute(REPARENT, category, parent, above)
    await place_among_siblings(tx, category, parent, position)
    before = {"parent": kept["parent_id"], "position": kept["position"]}
    tx.note_change("category", category, before=before, after={"parent": parent, "position": position})
    if parent != kept["parent_id"]:
        products_renamed(tx, Of.CATEGORY, category)


async def path_below(tx: Transaction, parent: UUID | None, category: UUID) -> list[UUID]:
    """The path of a category that stands below this parent.

    Raises:
        NotFound: no such parent, or an archived one. InvalidInput: it would be too deep.
    """
    if parent is None:
        return [category]
    above: list[UUID] | None = await tx.value(PATH, parent)
    if above is None:
        raise NotFound("category", "分类", path=("parentId",))
    _refuse_depth(len(above) + 1)
    return [*above, category]


async def place_among_siblings(tx: Transaction, category: UUID, parent: UUID | None, position: int | None) -> None:
    """Number the children of a parent anew, this one at its place.

    Raises:
        InvalidInput: a negative place, or too many children.
    """
    if position is not None and position < 0:
        raise InvalidInput(path=("position",), reason="Not below 0, which is the first.", reason_zh="不能小于 0(0 为第一位)。")
    siblings = [row["id"] for row in await tx.rows(SIBLINGS, parent, category)]
    if len(siblings) >= MOST_CHILDREN:
        reason, reason_zh = f"At most {MOST_CHILDREN} categories side by side.", f"同级分类最多 {MOST_CHILDREN} 个。"
        raise InvalidInput(path=("parentId",), reason=reason, reason_zh=reason_zh)
    siblings.insert(len(siblings) if position is None else position, category)
    await tx.execute(RENUMBER, siblings)


def _refuse_depth(levels: int) -> None:
    if levels > DEEPEST:
        reason, reason_zh = f"At most {DEEPEST} levels.", f"最多 {DEEPEST} 级。"
        raise InvalidInput(path=("parentId",), reason=reason, reason_zh=reason_zh)
