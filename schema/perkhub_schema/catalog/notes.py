"""What other systems note on objects of the catalog: their own reference, and metadata for all eyes or for staff's alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from perkhub.accounts import Permission, ensure_permission
from perkhub.kit.errors import InvalidInput
from perkhub_schema.graphql.context import Info


@strawberry.type(name="MetadataEntry", description="A text under a key; what it means is the business of whoever wrote it.")
class MetadataEntry:
    key: str = strawberry.field(description="Unique on its object.")
    value: str = strawberry.field(description="Any text.")


@strawberry.input(description="A text under a key.")
class MetadataEntryInput:
    key: str = strawberry.field(description="Up to 120 of A-Z, a-z, 0-9, '_', '.', ':' and '-', a letter or digit first.")
    value: str = strawberry.field(description="Up to 4,000 characters.")


def to_entries(metadata: dict[str, str]) -> list[MetadataEntry]:
    """Metadata on the wire, by key."""
    return [MetadataEntry(key=key, value=metadata[key]) for key in sorted(metadata)]


def to_metadata(given: Sequence[MetadataEntryInput] | None, field: str = "metadata") -> dict[str, str]:
    """Metadata out of an input.

    Raises:
        InvalidInput: one key twice.
    """
    found: dict[str, str] = {}
    for position, entry in enumerate(given or ()):
        if entry.key in found:
            reason, reason_zh = "Give each key once.", "同一个键只能出现一次。"
            raise InvalidInput(path=(field, str(position), "key"), reason=reason, reason_zh=reason_zh)
        found[entry.key] = entry.value
    return found


@strawberry.interface(
    description="An object that operators and other systems keep: referenced, annotated, versioned, archived."
)
class Kept:
    view: strawberry.Private[Any]

    @strawberry.field(description="Your own system's id of it.")
    def external_reference(self) -> str | None:
        told: str | None = self.view.external_reference
        return told

    @strawberry.field(description="Notes that everybody may read, by key.")
    def metadata(self) -> list[MetadataEntry]:
        return to_entries(self.view.metadata)

    @strawberry.field(description="Notes for staff and machines alone, by key; needs MANAGE_CATALOG.")
    def private_metadata(self, info: Info) -> list[MetadataEntry]:
        ensure_permission(info.context.identity, Permission.MANAGE_CATALOG)
        return to_entries(self.view.private_metadata)

    @strawberry.field(description="Give it back as `expectedVersion` when changing the object.")
    def version(self) -> int:
        return int(self.view.version)

    @strawberry.field(description="Since when it is out of the shop; null while it is not.")
    def archived_at(self) -> datetime | None:
        told: datetime | None = self.view.archived_at
        return told
