"""Reading an update's input: what was given is changed, null takes away, and what was left out stays."""

from typing import Any

from perkhub_schema.catalog.attributes import to_values
from perkhub_schema.catalog.notes import to_metadata
from perkhub_schema.graphql.texts import to_texts


def changes_of(given: Any, *, plain: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of an update that were given: `plain` ones as they are, texts by language, and the notes that all have."""
    changes: dict[str, Any] = {name: told.value for name in plain if (told := getattr(given, name)) is not None}
    for name in texts:
        told = getattr(given, name)
        if told is not None:
            changes[name] = to_texts(told.value)
    if getattr(given, "attributes", None) is not None:
        changes["attributes"] = to_values(given.attributes.value)
    if given.external_reference is not None:
        changes["external_reference"] = given.external_reference.value or None
    if given.metadata is not None:
        changes["metadata"] = to_metadata(given.metadata.value)
    if given.private_metadata is not None:
        changes["private_metadata"] = to_metadata(given.private_metadata.value, "privateMetadata")
    return changes
