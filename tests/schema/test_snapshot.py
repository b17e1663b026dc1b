"""schema.graphql is what front-end teams generate their types from: it is the schema, to the letter."""

from pathlib import Path

from graphql import build_schema

import perkhub_schema
from perkhub_schema.printed import printed_schema

SNAPSHOT = Path(perkhub_schema.__file__).parent / "schema.graphql"
REMEDY = "The schema has changed. Look at the difference, then: perkhub schema export schema/perkhub_schema/schema.graphql"


def test_the_committed_schema_is_the_schema():
    assert SNAPSHOT.exists(), REMEDY
    committed, present = SNAPSHOT.read_text(encoding="utf-8").splitlines(), printed_schema().splitlines()
    assert [line for line in present if line not in set(committed)] == [], REMEDY
    assert committed == present, REMEDY


def test_it_prints_the_same_each_time():
    assert printed_schema() == printed_schema()


def test_tools_can_read_it():
    assert build_schema(printed_schema()).query_type is not None
