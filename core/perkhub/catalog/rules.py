"""Rules of collections: conditions on products, held against the catalog when they are given, and told to the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum, auto
from uuid import UUID

from perkhub.catalog.attribute_values import to_kept
from perkhub.catalog.attributes import draft_from
from perkhub.catalog.models import AttributeType, BenefitKind
from perkhub.catalog.naming import refuse_odd_tags
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotFound

MOST_CONDITIONS = 20
MOST_CHOICES = 50

ATTRIBUTE = (
    "SELECT code, type, name, options, unit, filterable FROM attribute WHERE code = $1 AND archived_at IS NULL FOR SHARE"
)
KNOWN = {"brand": "SELECT id FROM brand WHERE id = ANY($1)", "category": "SELECT id FROM category WHERE id = ANY($1)"}


class Match(StrEnum):
    ALL = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """Of one attribute: any of these texts or options; or yes or no; or a range, its ends included."""

    code: str
    any_of: tuple[str, ...] = ()
    boolean: bool | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    since: date | None = None
    until: date | None = None
    type: AttributeType | None = None  # of the attribute, once it was looked up; it never changes


@dataclass(frozen=True, slots=True)
class Condition:
    """One of: of these brands, in these categories or below, of these kinds, with any of these tags, with this attribute."""

    brand_ids: tuple[UUID, ...] = ()
    category_ids: tuple[UUID, ...] = ()
    kinds: tuple[BenefitKind, ...] = ()
    tags: tuple[str, ...] = ()
    attribute: AttributeCondition | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Which products: those that fulfil all, or any, of the conditions."""

    match: Match
    conditions: tuple[Condition, ...]


async def checked_rule(tx: Transaction, rule: Rule) -> Rule:
    """The rule, once every condition is one that products can fulfil.

    Raises:
        InvalidInput, NotFound: the path names the condition.
    """
    if not 1 <= len(rule.conditions) <= MOST_CONDITIONS:
        reason, reason_zh = f"1 to {MOST_CONDITIONS} conditions.", f"须有 1 至 {MOST_CONDITIONS} 个条件。"
        raise InvalidInput(path=("rule", "conditions"), reason=reason, reason_zh=reason_zh)
    checked = [await _checked(tx, one, "rule", "conditions", str(place)) for place, one in enumerate(rule.conditions)]
    return Rule(rule.match, tuple(checked))


async def _checked(tx: Transaction, condition: Condition, *place: str) -> Condition:
    said = [condition.brand_ids, condition.category_ids, condition.kinds, condition.tags]
    lists = [one for one in said if one]
    if len(lists) + (condition.attribute is not None) != 1 or any(len(one) > MOST_CHOICES for one in lists):
        reason = f"Exactly one kind of condition, of 1 to {MOST_CHOICES} choices."
        raise InvalidInput(path=place, reason=reason, reason_zh=f"须且仅有一种条件,含 1 至 {MOST_CHOICES} 个选项。")
    if condition.tags:
        try:
            refuse_odd_tags(condition.tags)
        except InvalidInput as odd:
            raise odd.at(*place) from None
    await _refuse_unknown(tx, "brand", "品牌", condition.brand_ids, *place, "brandIds")
    await _refuse_unknown(tx, "category", "分类", condition.category_ids, *place, "categoryIds")
    if condition.attribute is None:
        return condition
    return Condition(attribute=await _checked_attribute(tx, condition.attribute, *place, "attribute"))


async def _refuse_unknown(tx: Transaction, thing: str, thing_zh: str, ids: Sequence[UUID], *place: str) -> None:
    known = {row["id"] for row in await tx.rows(KNOWN[thing], list(ids))} if ids else set()
    for position, one in enumerate(ids):
        if one not in known:
            raise NotFound(thing, thing_zh, path=(*place, str(position)))


async def _checked_attribute(tx: Transaction, asked: AttributeCondition, *place: str) -> AttributeCondition:
    row = await tx.row(ATTRIBUTE, asked.code)
    if row is None:
        raise NotFound("attribute", "属性", path=(*place, "code"))
    defined = draft_from(row)
    fields = {
        AttributeType.BOOLEAN: (asked.boolean is not None, "boolean"),
        AttributeType.NUMBER: (asked.least is not None or asked.most is not None, "least, most"),
        AttributeType.DATE: (asked.since is not None or asked.until is not None, "since, until"),
    }
    given, wanted = fields.get(defined.type, (bool(asked.any_of), "anyOf"))
    if not given or sum([bool(asked.any_of), *(said for said, _ in fields.values())]) != 1:
        reason = f"A condition on a {defined.type.name} is given as: {wanted}."
        raise InvalidInput(path=place, reason=reason, reason_zh=f"{defined.type.name} 类型的条件须以 {wanted} 填写。")
    for position, one in enumerate(asked.any_of[: MOST_CHOICES + 1]):
        if position == MOST_CHOICES:
            raise InvalidInput(path=(*place, "anyOf"), reason=f"At most {MOST_CHOICES}.", reason_zh=f"最多 {MOST_CHOICES} 个。")
        try:
            to_kept(defined, one if defined.type is AttributeType.TEXT else (one,))
        except InvalidInput as odd:
            odd.path = (*place, "anyOf", str(position))
            raise
    for number, field in ((asked.least, "least"), (asked.most, "most")):
        if number is not None:
            try:
                to_kept(defined, number)
            except InvalidInput as odd:
                odd.path = (*place, field)
                raise
    return AttributeCondition(
        asked.code, asked.any_of, asked.boolean, asked.least, asked.most, asked.since, asked.until, defined.type
    )
