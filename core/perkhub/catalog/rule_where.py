"""Rules as conditions of lists: what a collection shows, and what a list is narrowed to, are told in the same words."""

from perkhub.catalog.models import AttributeType
from perkhub.catalog.rules import AttributeCondition, Condition, Match, Rule
from perkhub.catalog.search.where import Having, Range, Where


def rule_where(rule: Rule) -> Where:
    """The products that fulfil the rule, as a condition."""
    conditions = tuple(_where(one) for one in rule.conditions)
    return Where(every=conditions) if rule.match is Match.ALL else Where(some=conditions)


def _where(condition: Condition) -> Where:
    if condition.attribute is not None:
        return Where(attributes=(_having(condition.attribute),))
    if condition.category_ids:
        return Where(categories=condition.category_ids)
    if condition.brand_ids:
        return Where(brands=condition.brand_ids)
    if condition.kinds:
        return Where(kinds=tuple(str(kind) for kind in condition.kinds))
    return Where(tags=condition.tags)


def _having(asked: AttributeCondition) -> Having:
    if asked.type is AttributeType.NUMBER:
        return Having(code=asked.code, number=Range(asked.least, asked.most))
    if asked.type is AttributeType.DATE:
        since, until = (None if day is None else day.isoformat() for day in (asked.since, asked.until))
        return Having(code=asked.code, day=Range(since, until))
    return Having(code=asked.code, values=asked.any_of if asked.boolean is None else (str(asked.boolean).lower(),))
