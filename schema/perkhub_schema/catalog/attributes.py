"""Attributes on the wire: their definitions, and what products and variants have of them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import strawberry

from perkhub.catalog import AttributeOption, AttributeType, AttributeView, attributes_by_codes
from perkhub.kit.errors import InvalidInput
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import ExactDecimal
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.texts import LocalizedText, to_localized

Day: TypeAlias = date  # `date` is a field's name below

described(
    AttributeType,
    "What the values of an attribute are.",
    {
        AttributeType.TEXT: "A short text: `text`.",
        AttributeType.NUMBER: "A number, in the attribute's unit: `number`.",
        AttributeType.BOOLEAN: "Yes or no: `boolean`.",
        AttributeType.DATE: "A day: `date`.",
        AttributeType.SELECT: "One of its options: `options` has exactly one.",
        AttributeType.MULTISELECT: "Some of its options: `options`.",
    },
)
WORDS = {"zh": {True: "是", False: "否"}, "en": {True: "Yes", False: "No"}}


@strawberry.type(name="AttributeOption", description="A value that can be chosen.")
class AttributeOptionType:
    view: strawberry.Private[AttributeOption]

    @strawberry.field(description="For programs: what is stored, and filtered by.")
    def value(self) -> str:
        return self.view.value

    @strawberry.field(description="For people, in the request's language.")
    def label(self, info: Info) -> str:
        return info.context.say(self.view.label)

    @strawberry.field(description="In every language.")
    def label_texts(self) -> LocalizedText:
        return to_localized(self.view.label)


@strawberry.type(name="Attribute", description="What can be said of products and variants besides what all of them have.")
class AttributeObject(Node):
    view: strawberry.Private[AttributeView]

    @strawberry.field(description="For programs; it never changes.")
    def code(self) -> str:
        return self.view.defined.code

    @strawberry.field(description="What its values are; it never changes.")
    def type(self) -> AttributeType:
        return self.view.defined.type

    @strawberry.field(description="For people, in the request's language.")
    def name(self, info: Info) -> str:
        return info.context.say(self.view.defined.name)

    @strawberry.field(description="In every language.")
    def name_texts(self) -> LocalizedText:
        return to_localized(self.view.defined.name)

    @strawberry.field(description="Of SELECT and MULTISELECT, in order; at most 200.")
    def options(self) -> list[AttributeOptionType]:
        return [AttributeOptionType(view=option) for option in self.view.defined.options]

    @strawberry.field(description="What a NUMBER counts: GB, 天.")
    def unit(self) -> str | None:
        return self.view.defined.unit

    @strawberry.field(description="Whether a shop offers it as a filter.")
    def filterable(self) -> bool:
        return self.view.defined.filterable

    @strawberry.field(description="Give it back as `expectedVersion` when changing the attribute.")
    def version(self) -> int:
        return self.view.version

    @strawberry.field(description="Since when it is shown nowhere; null while it is in use.")
    def archived_at(self) -> datetime | None:
        return self.view.archived_at


def to_attribute(view: AttributeView) -> AttributeObject:
    """The definition on the wire."""
    return AttributeObject(id=global_id(Kind.ATTRIBUTE, view.id), view=view)


@strawberry.type(
    description="What something has of an attribute: `formatted` for people, and one field by the attribute's type."
)
class AttributeValue:
    view: strawberry.Private[AttributeView]
    kept: strawberry.Private[Any]

    @strawberry.field(description="Of which attribute.")
    def attribute(self) -> AttributeObject:
        return to_attribute(self.view)

    @strawberry.field(description="For people, in the request's language, with its unit.")
    def formatted(self, info: Info) -> str:
        if self._type in (AttributeType.SELECT, AttributeType.MULTISELECT):
            comma = "、" if info.context.language == "zh" else ", "
            return comma.join(info.context.say(option.view.label) for option in self.options())
        if isinstance(self.kept, bool):
            return WORDS["zh" if info.context.language == "zh" else "en"][self.kept]
        unit = self.view.defined.unit
        return f"{_number(self.kept):f} {unit}" if unit else str(self.kept)

    @strawberry.field(description="Of a TEXT.")
    def text(self) -> str | None:
        return self.kept if self._type is AttributeType.TEXT else None

    @strawberry.field(description="Of a NUMBER.")
    def number(self) -> ExactDecimal | None:
        return ExactDecimal(_number(self.kept)) if self._type is AttributeType.NUMBER else None

    @strawberry.field(description="Of a BOOLEAN.")
    def boolean(self) -> bool | None:
        return self.kept if self._type is AttributeType.BOOLEAN else None

    @strawberry.field(description="Of a DATE.")
    def date(self) -> Day | None:
        return Day.fromisoformat(self.kept) if self._type is AttributeType.DATE else None

    @strawberry.field(description="Of a SELECT, exactly one; of a MULTISELECT; else empty.")
    def options(self) -> list[AttributeOptionType]:
        if self._type not in (AttributeType.SELECT, AttributeType.MULTISELECT):
            return []
        chosen = [self.kept] if isinstance(self.kept, str) else self.kept
        return [AttributeOptionType(view=option) for option in self.view.defined.options if option.value in chosen]

    @property
    def _type(self) -> AttributeType:
        return self.view.defined.type


def _number(kept: float) -> Decimal:
    return Decimal(str(kept))


async def load_attributes(codes: list[str]) -> list[AttributeView | None]:
    """Definitions by code."""
    found = {view.defined.code: view for view in await attributes_by_codes(codes)}
    return [found.get(code) for code in codes]


async def values_of(info: Info, kept: dict[str, Any]) -> list[AttributeValue]:
    """What something has, by code; of attributes that are archived nothing is told."""
    defined = await info.context.loader(load_attributes).load_many(sorted(kept))
    return [
        AttributeValue(view=view, kept=kept[view.defined.code])
        for view in defined
        if view is not None and view.archived_at is None
    ]


@strawberry.input(description="What something has of an attribute: its code, and exactly one field, by the attribute's type.")
class AttributeValueInput:
    code: str = strawberry.field(description="Of which attribute.")
    text: str | None = strawberry.field(default=None, description="Of a TEXT; up to 500 characters.")
    number: ExactDecimal | None = strawberry.field(default=None, description="Of a NUMBER; at most six decimal places.")
    boolean: bool | None = strawberry.field(default=None, description="Of a BOOLEAN.")
    date: Day | None = strawberry.field(default=None, description="Of a DATE.")
    options: list[str] | None = strawberry.field(default=None, description="Of a SELECT exactly one, of a MULTISELECT some.")


def to_values(given: Sequence[AttributeValueInput] | None) -> dict[str, Any]:
    """Values by code, as the domain takes them.

    Raises:
        InvalidInput: one attribute twice, or not exactly one value.
    """
    found: dict[str, Any] = {}
    for position, entry in enumerate(given or ()):
        if entry.code in found:
            reason, reason_zh = "Name each attribute once.", "同一属性只能出现一次。"
            raise InvalidInput(path=("attributes", str(position), "code"), reason=reason, reason_zh=reason_zh)
        options = None if entry.options is None else tuple(entry.options)
        said = [one for one in (entry.text, entry.number, entry.boolean, entry.date, options) if one is not None]
        if len(said) != 1:
            reason, reason_zh = "Give exactly one value.", "请且仅填写一个值。"
            raise InvalidInput(path=("attributes", str(position)), reason=reason, reason_zh=reason_zh)
        found[entry.code] = said[0]
    return found
