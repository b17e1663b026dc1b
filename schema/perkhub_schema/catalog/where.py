"""Conditions on lists of products, as clients state them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from perkhub.catalog import Collections, Having, Range, SaidWhere, Where
from perkhub.kit.errors import InvalidInput
from perkhub_schema.catalog.types import BenefitKindEnum
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.money import ExactDecimal

MOST_VALUES = 200
LARGEST_PRICE = Decimal(10**12)

T = TypeVar("T")


@strawberry.input(description="An id that must be met. Of both, both must be.")
class IdFilter:
    eq: strawberry.ID | None = strawberry.field(default=None, description="This one.")
    one_of: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these, 200 at most.")

    def to_ids(self, kind: Kind, *path: str) -> tuple[UUID, ...] | None:
        """The ids that are left, each of this kind."""
        eq = None if self.eq is None else local_id(kind, self.eq, *path, "eq")
        many = _few(self.one_of, *path)
        among = None if many is None else [local_id(kind, one, *path, "oneOf", str(n)) for n, one in enumerate(many)]
        return _both(eq, among)


# No slug, reference or tag is longer.
LONGEST_TEXT = 200


@strawberry.input(description="A text that must be met exactly. Of both, both must be.")
class TextFilter:
    eq: str | None = strawberry.field(default=None, description="This one.")
    one_of: list[str] | None = strawberry.field(default=None, description="One of these, 200 at most.")

    def to_texts(self, *path: str) -> tuple[str, ...] | None:
        """The texts that are left."""
        said = [] if self.eq is None else [(self.eq, ("eq",))]
        listed = [(one, ("oneOf", str(place))) for place, one in enumerate(_few(self.one_of, *path) or ())]
        for text, where in (*said, *listed):
            if len(text) > LONGEST_TEXT:
                reason, reason_zh = f"At most {LONGEST_TEXT} characters.", f"不能超过 {LONGEST_TEXT} 个字符。"
                raise InvalidInput(path=(*path, *where), reason=reason, reason_zh=reason_zh)
        return _both(self.eq, self.one_of)


@strawberry.input(description="Collections, by what names them. Of both, both must be met.")
class CollectionFilter:
    id: IdFilter | None = strawberry.field(default=None, description="By their ids.")
    slug: TextFilter | None = strawberry.field(default=None, description="By their names in addresses.")

    def to_collections(self, *path: str) -> Collections | None:
        """The collections that are meant; none where nothing is said of them."""
        ids = None if self.id is None else self.id.to_ids(Kind.COLLECTION, *path, "id")
        slugs = None if self.slug is None else self.slug.to_texts(*path, "slug")
        return None if ids is None and slugs is None else Collections(ids=ids, slugs=slugs)


@strawberry.input(description="What the buyer gets. Of both, both must be met.")
class BenefitKindFilter:
    eq: BenefitKindEnum | None = strawberry.field(default=None, description="This one.")  # type: ignore[valid-type]
    one_of: list[BenefitKindEnum] | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="One of these."
    )

    def to_kinds(self, *path: str) -> tuple[str, ...] | None:
        """The kinds that are left."""
        eq = None if self.eq is None else str(self.eq)
        return _both(eq, None if self.one_of is None else [str(one) for one in _few(self.one_of, *path) or ()])


@strawberry.input(description="From and to, in the channel's currency.")
class PriceRange:
    gte: ExactDecimal | None = strawberry.field(default=None, description="At least this.")
    lte: ExactDecimal | None = strawberry.field(default=None, description="At most this.")
    lt: ExactDecimal | None = strawberry.field(default=None, description="Less than this: where a facet's range ends.")

    def to_range(self, *path: str) -> Range[Decimal]:
        """The domain's range."""
        for name, bound in (("gte", self.gte), ("lte", self.lte), ("lt", self.lt)):
            if bound is not None and abs(bound) > LARGEST_PRICE:
                raise InvalidInput(path=(*path, name), reason="Out of range.", reason_zh="超出范围。")
        return Range(self.gte, self.lte, self.lt)


@strawberry.input(description="From and to, both included.")
class MomentRange:
    gte: datetime | None = strawberry.field(default=None, description="Not before this moment.")
    lte: datetime | None = strawberry.field(default=None, description="Not after this moment.")

    def to_range(self) -> Range[datetime]:
        """The domain's range."""
        return Range(self.gte, self.lte)


@strawberry.input(description="From and to, both included.")
class NumberRange:
    gte: ExactDecimal | None = strawberry.field(default=None, description="At least this.")
    lte: ExactDecimal | None = strawberry.field(default=None, description="At most this.")


@strawberry.input(description="From and to, both included.")
class DayRange:
    gte: date | None = strawberry.field(default=None, description="Not before this day.")
    lte: date | None = strawberry.field(default=None, description="Not after this day.")

    def to_range(self) -> Range[str]:
        """The domain's range."""
        return Range(*(None if day is None else day.isoformat() for day in (self.gte, self.lte)))


@strawberry.input(
    description="An attribute that the product, or a variant of it, has. What else is said must hold of one and the same value."
)
class AttributeFilter:
    code: str = strawberry.field(description="Of which attribute.")
    eq: str | None = strawberry.field(default=None, description="This text, or option.")
    one_of: list[str] | None = strawberry.field(default=None, description="One of these texts, or options; 200 at most.")
    boolean: bool | None = strawberry.field(default=None, description="Of a BOOLEAN.")
    number: NumberRange | None = strawberry.field(default=None, description="Of a NUMBER.")
    date: DayRange | None = strawberry.field(default=None, description="Of a DATE.")

    def to_having(self, *path: str) -> Having:
        """The domain's condition."""
        number = None if self.number is None else PriceRange(gte=self.number.gte, lte=self.number.lte)
        days = None if self.date is None else self.date.to_range()
        said = _both(self.eq, _few(self.one_of, *path))
        if self.boolean is not None:
            said = _both(str(self.boolean).lower(), None if said is None else list(said))
        return Having(
            code=self.code, values=said, number=None if number is None else number.to_range(*path, "number"), day=days
        )


@strawberry.input(description="What a list of products is narrowed to: all that is said must hold.")
class ProductWhere:
    id: IdFilter | None = strawberry.field(default=None, description="These products.")
    slug: TextFilter | None = strawberry.field(default=None, description="Their names in addresses.")
    external_reference: TextFilter | None = strawberry.field(default=None, description="Your own system's ids of them.")
    kind: BenefitKindFilter | None = strawberry.field(default=None, description="What the buyer gets.")
    brand: IdFilter | None = strawberry.field(default=None, description="Whose benefit it is.")
    brand_slug: TextFilter | None = strawberry.field(default=None, description="The same, by what its address calls it.")
    category: IdFilter | None = strawberry.field(default=None, description="In this category, or anywhere below it.")
    category_slug: TextFilter | None = strawberry.field(default=None, description="The same, by what its address calls it.")
    collection: CollectionFilter | None = strawberry.field(
        default=None, description="What one of these collections shows in this channel now; at most 10 collections in all."
    )
    tag: TextFilter | None = strawberry.field(default=None, description="With one of these tags.")
    attributes: list[AttributeFilter] | None = strawberry.field(default=None, description="With all of these attributes.")
    price: PriceRange | None = strawberry.field(
        default=None, description="Some variant that is on sale here costs this viewer so much."
    )
    in_stock: bool | None = strawberry.field(default=None, description="Whether some variant can be bought here at once.")
    created_at: MomentRange | None = strawberry.field(default=None, description="When it was made.")
    updated_at: MomentRange | None = strawberry.field(default=None, description="When it or a variant of it was changed last.")
    and_: list[Annotated["ProductWhere", strawberry.lazy(__name__)]] | None = strawberry.field(
        name="AND", default=None, description="All of these hold as well; at most 4 levels, and 60 conditions in all."
    )
    or_: list[Annotated["ProductWhere", strawberry.lazy(__name__)]] | None = strawberry.field(
        name="OR", default=None, description="One of these holds as well; of none given, none does."
    )
    not_: Annotated["ProductWhere", strawberry.lazy(__name__)] | None = strawberry.field(
        name="NOT", default=None, description="This does not hold."
    )

    def to_where(self, *path: str) -> SaidWhere:
        """The domain's conditions, as they were said.

        Raises:
            InvalidInput.
        """
        own = Where(
            ids=None if self.id is None else self.id.to_ids(Kind.PRODUCT, *path, "id"),
            slugs=None if self.slug is None else self.slug.to_texts(*path, "slug"),
            references=None
            if self.external_reference is None
            else self.external_reference.to_texts(*path, "externalReference"),
            kinds=None if self.kind is None else self.kind.to_kinds(*path, "kind"),
            brands=None if self.brand is None else self.brand.to_ids(Kind.BRAND, *path, "brand"),
            categories=None if self.category is None else self.category.to_ids(Kind.CATEGORY, *path, "category"),
            tags=None if self.tag is None else self.tag.to_texts(*path, "tag"),
            attributes=tuple(one.to_having(*path, "attributes", str(place)) for place, one in enumerate(self.attributes or ())),
            price=None if self.price is None else self.price.to_range(*path, "price"),
            in_stock=self.in_stock,
            created=None if self.created_at is None else self.created_at.to_range(),
            updated=None if self.updated_at is None else self.updated_at.to_range(),
        )
        return SaidWhere(
            own=own,
            brand_slugs=None if self.brand_slug is None else self.brand_slug.to_texts(*path, "brandSlug"),
            category_slugs=None if self.category_slug is None else self.category_slug.to_texts(*path, "categorySlug"),
            collections=None if self.collection is None else self.collection.to_collections(*path, "collection"),
            every=tuple(_each(self.and_, *path, "AND")),
            some=None if self.or_ is None else tuple(_each(self.or_, *path, "OR")),
            none=None if self.not_ is None else self.not_.to_where(*path, "NOT"),
        )


def to_where(given: ProductWhere | None) -> SaidWhere:
    """The domain's conditions, as they were said; none where none are given.

    Raises:
        InvalidInput: the path begins with the argument `where`.
    """
    if given is None:
        return SaidWhere()
    where = given.to_where("where")
    where.refuse_excess()
    return where


def _each(given: list[ProductWhere] | None, *path: str) -> Iterable[SaidWhere]:
    return (one.to_where(*path, str(place)) for place, one in enumerate(given or ()))


def _few(given: list[T] | None, *path: str) -> list[T] | None:
    if given is not None and len(given) > MOST_VALUES:
        reason, reason_zh = f"At most {MOST_VALUES} values.", f"最多 {MOST_VALUES} 个值。"
        raise InvalidInput(path=(*path, "oneOf"), reason=reason, reason_zh=reason_zh)
    return given


def _both(eq: T | None, among: list[T] | None) -> tuple[T, ...] | None:
    if eq is None:
        return None if among is None else tuple(among)
    return (eq,) if among is None or eq in among else ()
