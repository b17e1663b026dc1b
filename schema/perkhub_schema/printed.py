"""The schema as text: what is committed as schema.graphql and compared in the tests."""

from copy import copy

from graphql import lexicographic_sort_schema

from perkhub_schema.schema import schema


def printed_schema() -> str:
    """Sorted, so that the same schema always prints the same."""
    shown = copy(schema)
    shown._schema = lexicographic_sort_schema(schema._schema)
    return shown.as_str() + "\n"
