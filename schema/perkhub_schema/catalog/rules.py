"""Rules of collections on the wire: conditions as operators give them, and as they read them again."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import strawberry

from perkhub.catalog import AttributeCondition, BenefitKind, Condition, Match, Rule
from perkhub_schema.catalog.types import BenefitKindEnum
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.money import ExactDecimal

described(
    Match,
    "How many of a rule's conditions a product must fulfil.",
    {Match.ALL: "Every one.", Match.ANY: "At least one."},
    name="CollectionMatch",
)


@strawberry.type(name="AttributeCondition", description="A condition on an attribute of a product, or of one of its variants.")
class AttributeConditionType:
    code: str = strawberry.field(description="Of which attribute.")
    any_of: list[str] = strawberry.field(description="Texts, or values of options, of which it has any.")
    boolean: bool | None = strawberry.field(description="Yes or no.")
    least: ExactDecimal | None = strawberry.field(description="A number from here on.")
    most: ExactDecimal | None = strawberry.field(description="A number up to here.")
    since: date | None = strawberry.field(description="A day from here on.")
    until: date | None = strawberry.field(description="A day up to here.")


@strawberry.type(description="A condition on products; one of its fields says something.")
class CollectionCondition:
    brand_ids: list[strawberry.ID] = strawberry.field(description="Of any of these brands.")
    category_ids: list[strawberry.ID] = strawberry.field(description="In any of these categories, or below.")
    kinds: list[BenefitKindEnum] = strawberry.field(description="Of any of these kinds.")  # type: ignore[valid-type]
    tags: list[str] = strawberry.field(description="With any of these tags.")
    attribute: AttributeConditionType | None = strawberry.field(description="With this attribute.")


@strawberry.type(description="Which products come into a collection by themselves.")
class CollectionRule:
    match: Match = strawberry.field(description="How many of the conditions must be fulfilled.")
    conditions: list[CollectionCondition] = strawberry.field(description="At most 20.")


def to_rule(rule: Rule) -> CollectionRule:
    """The rule on the wire."""
    return CollectionRule(match=rule.match, conditions=[_to_condition(condition) for condition in rule.conditions])


def _to_condition(condition: Condition) -> CollectionCondition:
    told = condition.attribute
    return CollectionCondition(
        brand_ids=[global_id(Kind.BRAND, one) for one in condition.brand_ids],
        category_ids=[global_id(Kind.CATEGORY, one) for one in condition.category_ids],
        kinds=list(condition.kinds),
        tags=list(condition.tags),
        attribute=None
        if told is None
        else AttributeConditionType(
            code=told.code,
            any_of=list(told.any_of),
            boolean=told.boolean,
            least=None if told.least is None else ExactDecimal(told.least),
            most=None if told.most is None else ExactDecimal(told.most),
            since=told.since,
            until=told.until,
        ),
    )


@strawberry.input(description="A condition on an attribute, by its type: `anyOf`, or `boolean`, or ends of a range, included.")
class AttributeConditionInput:
    code: str = strawberry.field(description="Of which attribute.")
    any_of: list[str] | None = strawberry.field(default=None, description="Of TEXT, SELECT and MULTISELECT; at most 50.")
    boolean: bool | None = strawberry.field(default=None, description="Of BOOLEAN.")
    least: ExactDecimal | None = strawberry.field(default=None, description="Of NUMBER.")
    most: ExactDecimal | None = strawberry.field(default=None, description="Of NUMBER.")
    since: date | None = strawberry.field(default=None, description="Of DATE.")
    until: date | None = strawberry.field(default=None, description="Of DATE.")


@strawberry.input(description="A condition on products: exactly one of its fields, with at most 50 choices.")
class CollectionConditionInput:
    brand_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Of any of these brands.")
    category_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="In any of these, or below.")
    kinds: list[BenefitKindEnum] | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="Of any of these kinds."
    )
    tags: list[str] | None = strawberry.field(default=None, description="With any of these tags.")
    attribute: AttributeConditionInput | None = strawberry.field(default=None, description="With this attribute.")


@strawberry.input(description="Which products come into a collection by themselves.")
class CollectionRuleInput:
    match: Match = strawberry.field(default=Match.ALL, description="How many of the conditions must be fulfilled.")
    conditions: list[CollectionConditionInput] = strawberry.field(description="1 to 20.")

    def to_rule(self) -> Rule:
        """The domain's rule."""
        conditions = [_condition(one, "rule", "conditions", str(place)) for place, one in enumerate(self.conditions)]
        return Rule(Match(self.match), tuple(conditions))


def _condition(given: CollectionConditionInput, *place: str) -> Condition:
    told = given.attribute
    return Condition(
        brand_ids=_ids(Kind.BRAND, given.brand_ids, *place, "brandIds"),
        category_ids=_ids(Kind.CATEGORY, given.category_ids, *place, "categoryIds"),
        kinds=tuple(BenefitKind(kind) for kind in given.kinds or ()),
        tags=tuple(given.tags or ()),
        attribute=None
        if told is None
        else AttributeCondition(
            told.code, tuple(told.any_of or ()), told.boolean, told.least, told.most, told.since, told.until
        ),
    )


def _ids(kind: Kind, given: Sequence[str] | None, *place: str) -> tuple[UUID, ...]:
    return tuple(local_id(kind, one, *place, str(position)) for position, one in enumerate(given or ()))
