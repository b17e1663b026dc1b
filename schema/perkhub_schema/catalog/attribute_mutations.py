"""Keeping the definitions of attributes, and looking them up."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import (
    AttributeChanges,
    AttributeDraft,
    AttributeOption,
    AttributeType,
    archive_attribute,
    attribute_views,
    attributes_by_codes,
    create_attribute,
    every_attribute,
    update_attribute,
)
from perkhub.kit.db import transact
from perkhub_schema.catalog.attributes import AttributeObject, to_attribute
from perkhub_schema.catalog.lookups import only_one
from perkhub_schema.graphql.access import PUBLIC, requires
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation, query
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.graphql.texts import LocalizedTextInput


@strawberry.type(description="The attribute after the change.")
class AttributePayload:
    attribute: AttributeObject | None = strawberry.field(default=None, description="The attribute as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.input(description="A value that can be chosen.")
class AttributeOptionInput:
    value: str = strawberry.field(description="Up to 60 of A-Z, a-z, 0-9, '_', '.' and '-'; each once.")
    label: LocalizedTextInput = strawberry.field(description="For people, in at least one language.")


@strawberry.input(description="A new attribute.")
class AttributeCreateInput:
    code: str = strawberry.field(description="Up to 40 of a-z, 0-9 and '_', a letter first; unique, and for ever.")
    type: AttributeType = strawberry.field(description="What its values are, for ever.")
    name: LocalizedTextInput = strawberry.field(description="At least one language; up to 200 characters each.")
    options: list[AttributeOptionInput] | None = strawberry.field(
        default=None, description="Of SELECT and MULTISELECT, and only of these; 1 to 200, in the order they are shown."
    )
    unit: str | None = strawberry.field(default=None, description="What a NUMBER counts; up to 20 characters.")
    filterable: bool = strawberry.field(default=False, description="Whether a shop offers it as a filter.")

    def to_draft(self) -> AttributeDraft:
        """The domain's draft."""
        return AttributeDraft(
            code=self.code,
            type=AttributeType(self.type),
            name=self.name.to_texts(),
            options=_options(self.options),
            unit=self.unit or None,
            filterable=self.filterable,
        )


@strawberry.input(description="Changes of an attribute. What is left out stays as it is.")
class AttributeUpdateInput:
    attribute_id: strawberry.ID = strawberry.field(description="Which attribute.")
    expected_version: int = strawberry.field(description="`attribute.version` as you read it; refused if it has moved since.")
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="At least one language.")
    options: strawberry.Maybe[list[AttributeOptionInput]] = strawberry.field(
        description="All of them anew; one that something still has cannot be left out."
    )
    unit: strawberry.Maybe[str | None] = strawberry.field(description="Null takes it away.")
    filterable: strawberry.Maybe[bool] = strawberry.field(description="Whether a shop offers it as a filter.")

    def to_changes(self) -> AttributeChanges:
        """What was given, null included."""
        changes: dict[str, Any] = {}
        if self.name is not None:
            changes["name"] = self.name.value.to_texts()
        if self.options is not None:
            changes["options"] = _options(self.options.value)
        if self.unit is not None:
            changes["unit"] = self.unit.value or None
        if self.filterable is not None:
            changes["filterable"] = self.filterable.value
        return cast("AttributeChanges", changes)


@strawberry.input(description="Taking an attribute out of use.")
class AttributeArchiveInput:
    attribute_id: strawberry.ID = strawberry.field(description="Which attribute.")
    expected_version: int = strawberry.field(description="`attribute.version` as you read it; refused if it has moved since.")


@mutation(requires(Permission.MANAGE_CATALOG), "Define an attribute; products and variants can have it from now on.")
async def attribute_create(input: AttributeCreateInput) -> AttributePayload:
    draft = input.to_draft()
    return await _payload(await transact(lambda tx: create_attribute(tx, draft)))


@mutation(requires(Permission.MANAGE_CATALOG), "Change an attribute, unless somebody else changed it since you read it.")
async def attribute_update(input: AttributeUpdateInput) -> AttributePayload:
    attribute, changes = local_id(Kind.ATTRIBUTE, input.attribute_id, "attributeId"), input.to_changes()
    await transact(lambda tx: update_attribute(tx, attribute, changes, expected_version=input.expected_version))
    return await _payload(attribute)


@mutation(requires(Permission.MANAGE_CATALOG), "Take an attribute out of use, for good: it is shown nowhere any more.")
async def attribute_archive(input: AttributeArchiveInput) -> AttributePayload:
    attribute = local_id(Kind.ATTRIBUTE, input.attribute_id, "attributeId")
    await transact(lambda tx: archive_attribute(tx, attribute, expected_version=input.expected_version))
    return await _payload(attribute)


def _options(given: Sequence[AttributeOptionInput] | None) -> tuple[AttributeOption, ...]:
    return tuple(AttributeOption(option.value, option.label.to_texts()) for option in given or ())


async def _payload(attribute: UUID) -> AttributePayload:
    return AttributePayload(attribute=to_attribute((await attribute_views([attribute]))[0]))


@strawberry.type
class AttributeMutations:
    attribute_create = attribute_create
    attribute_update = attribute_update
    attribute_archive = attribute_archive


@strawberry.type
class AttributeQueries:
    @query(PUBLIC, "An attribute by id or code; null when there is none.")
    async def attribute(self, id: strawberry.ID | None = None, code: str | None = None) -> AttributeObject | None:
        by, value = only_one(id=id, code=code)
        if by == "id":
            found = await attribute_views([local_id(Kind.ATTRIBUTE, value, "id")])
        else:
            found = await attributes_by_codes([value])
        return to_attribute(found[0]) if found else None

    @query(PUBLIC, "The attributes in use, newest first.")
    async def attributes(
        self, first: int | None = None, after: str | None = None, filterable: bool | None = None
    ) -> Connection[AttributeObject]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: every_attribute(before=before, filterable=filterable, limit=limit),
            to_node=to_attribute,
            to_cursor=lambda attribute: attribute.id.hex,
        )
