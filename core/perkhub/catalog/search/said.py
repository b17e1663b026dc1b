"""What a caller says that a list be narrowed to, by names too: no condition yet, and of another type than one, so that nobody
asks for a list by what was never looked up. `resolve_names` makes a `Where` of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from uuid import UUID

from perkhub.catalog.search.where import Where
from perkhub.kit.errors import InvalidInput

DEEPEST = 4
MOST_CONDITIONS = 60
MOST_COLLECTIONS = 10  # each may have a rule of its own conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Collections:
    """Collections by what names them. Of both, both must be met."""

    ids: tuple[UUID, ...] | None = None
    slugs: tuple[str, ...] | None = None

    def many(self) -> int:
        """How many are named."""
        return len(self.ids or ()) + len(self.slugs or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWhere:
    """All that is said must hold: `own` conditions that are not looked up, those by name, and AND, OR and NOT."""

    own: Where = field(default_factory=Where)
    brand_slugs: tuple[str, ...] | None = None
    category_slugs: tuple[str, ...] | None = None
    collections: Collections | None = None
    every: tuple["SaidWhere", ...] = ()
    some: tuple["SaidWhere", ...] | None = None
    none: "SaidWhere | None" = None

    def inside(self) -> list["SaidWhere"]:
        """What stands in AND, OR and NOT."""
        return [*self.every, *(self.some or ()), *(() if self.none is None else (self.none,))]

    def named_collections(self) -> Iterator[Collections]:
        """The collections that are to be looked up."""
        if self.collections is not None:
            yield self.collections
        for one in self.inside():
            yield from one.named_collections()

    def named_slugs(self) -> Iterator[tuple[str, ...]]:
        """The brands and categories that are to be looked up."""
        yield from (said for said in (self.brand_slugs, self.category_slugs) if said is not None)
        for one in self.inside():
            yield from one.named_slugs()

    def refuse_excess(self) -> None:
        """Go on with what a statement can bear.

        Raises:
            InvalidInput: the path begins inside the condition.
        """
        if self._count(()) > MOST_CONDITIONS:
            reason, reason_zh = f"At most {MOST_CONDITIONS} conditions in all.", f"筛选条件总数最多 {MOST_CONDITIONS} 个。"
            raise InvalidInput(path=("where",), reason=reason, reason_zh=reason_zh)
        if sum(one.many() for one in self.named_collections()) > MOST_COLLECTIONS:
            reason, reason_zh = f"At most {MOST_COLLECTIONS} collections in all.", f"商品集总数最多 {MOST_COLLECTIONS} 个。"
            raise InvalidInput(path=("where",), reason=reason, reason_zh=reason_zh)

    def _count(self, path: tuple[str, ...]) -> int:
        """Every condition, as deep as it goes."""
        if len(path) >= DEEPEST:
            reason, reason_zh = f"At most {DEEPEST} levels of AND, OR and NOT.", f"AND、OR、NOT 最多嵌套 {DEEPEST} 层。"
            raise InvalidInput(path=("where", *path), reason=reason, reason_zh=reason_zh)
        plain = [one.name for one in fields(Where) if one.name not in ("every", "some", "none", "attributes")]
        values = [getattr(self.own, name) for name in plain] + [self.brand_slugs, self.category_slugs, self.collections]
        inside = [("AND", one) for one in self.every] + [("OR", one) for one in self.some or ()]
        inside += [] if self.none is None else [("NOT", self.none)]
        own = sum(value is not None for value in values) + len(self.own.attributes)
        return own + sum(one._count((*path, name)) for name, one in inside)
