"""Rules as they are kept: plain data, read back as they were given."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from perkhub.catalog.models import AttributeType, BenefitKind
from perkhub.catalog.rules import AttributeCondition, Condition, Match, Rule


def rule_as_data(rule: Rule) -> dict[str, Any]:
    """For a jsonb column."""
    return {"match": str(rule.match), "conditions": [_condition_data(condition) for condition in rule.conditions]}


def rule_from_data(data: dict[str, Any]) -> Rule:
    """The rule that was kept."""
    return Rule(Match(data["match"]), tuple(_condition(one) for one in data["conditions"]))


def _condition_data(condition: Condition) -> dict[str, Any]:
    if condition.attribute is not None:
        told = condition.attribute
        plain = {"code": told.code, "type": str(told.type), "any_of": list(told.any_of), "boolean": told.boolean}
        ends = {name: getattr(told, name) for name in ("least", "most", "since", "until")}
        return {"attribute": {**plain, **{name: None if end is None else str(end) for name, end in ends.items()}}}
    lists = {
        "brand_ids": [str(one) for one in condition.brand_ids],
        "category_ids": [str(one) for one in condition.category_ids],
        "kinds": [str(kind) for kind in condition.kinds],
        "tags": list(condition.tags),
    }
    return {name: told for name, told in lists.items() if told}


def _condition(data: dict[str, Any]) -> Condition:
    if "attribute" in data:
        told = data["attribute"]
        return Condition(
            attribute=AttributeCondition(
                code=told["code"],
                any_of=tuple(told["any_of"]),
                boolean=told["boolean"],
                least=None if told["least"] is None else Decimal(told["least"]),
                most=None if told["most"] is None else Decimal(told["most"]),
                since=None if told["since"] is None else date.fromisoformat(told["since"]),
                until=None if told["until"] is None else date.fromisoformat(told["until"]),
                type=AttributeType(told["type"]),
            )
        )
    return Condition(
        brand_ids=tuple(UUID(one) for one in data.get("brand_ids", ())),
        category_ids=tuple(UUID(one) for one in data.get("category_ids", ())),
        kinds=tuple(BenefitKind(one) for one in data.get("kinds", ())),
        tags=tuple(data.get("tags", ())),
    )
