"""What may be remembered is decided for each field; and whatever is read for it is watched."""

import re

from graphql import parse

from perkhub.kit import db
from perkhub.reactions.seen import SEEN
from perkhub_schema.graphql.limits import fragments_of
from perkhub_schema.reads.lasting import LASTING, MOMENTARY, ROOTS, lasts, undecided
from perkhub_schema.schema import schema
from tests.factories import Shop
from tests.schema.api import Api
from tests.schema.walk import RootField, sdl

SCHEMA = schema._schema
TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(?!LATERAL\b)([a-z_]+)", re.IGNORECASE)
# Read for an answer, and none of its content; or written only together with what is watched; or asked of others than
# anybody. The last three are names within statements.
UNSEEN = {"reader_slot", "channel_grant", "customer_group", "customer_group_member", "who", "o", "lists"}


def lasting(query: str) -> bool:
    document = parse(query)
    [operation] = [node for node in document.definitions if not hasattr(node, "type_condition")]
    return lasts(SCHEMA, "Query", operation.selection_set, fragments_of(document))


def test_each_field_is_decided():
    remedy = "say in perkhub_schema/reads/lasting.py whether it may be remembered (and watch its tables in reactions/seen.py)"
    assert list(undecided(SCHEMA)) == [], remedy


def test_what_is_decided_is_there():
    for table in (LASTING, MOMENTARY):
        for kind, fields in table.items():
            assert fields <= SCHEMA.type_map[kind].fields.keys(), kind
    assert {RootField("Query", name).rule for name in ROOTS} == {"public"}


def test_what_is_of_the_moment_hides_nowhere():
    assert lasting("{ products { nodes { ...a } } } fragment a on Product { name variants { sku } }")
    assert not lasting("{ products { nodes { ...a } } } fragment a on Product { name variants { stock } }")
    assert not lasting("{ products { nodes { ... on Product { variants { ... { stock } } } } } }")
    assert not lasting("{ shop { currency } me { id } }")
    assert not lasting('{ node(id: "x") { id } }')
    assert not lasting("{ __schema { types { name } } }")
    assert lasting("{ shop { __typename currency } }")


def everything(kind: str, depth: int = 6) -> str:
    """All fields of a type that may be remembered."""
    chosen = ["__typename"]
    for name in sorted(LASTING[kind]):
        below = sdl().type_map[kind].fields[name].type
        while hasattr(below, "of_type"):
            below = below.of_type
        if below.name not in LASTING:
            chosen.append(name)
        elif depth:
            chosen.append(f"{name} {everything(below.name, depth - 1)}")
    return f"{{ {' '.join(chosen)} }}"


async def test_whatever_is_read_for_it_is_watched(api: Api, shop: Shop):
    """What is read without being watched would change and nobody would be told."""
    await shop.variant(quota=3, limit=2)
    slug = await db.value("SELECT slug FROM product")
    queries = [
        f"{{ products(first: 3) {everything('ProductConnection', 3)} }}",
        f'{{ product(slug: "{slug}") {everything("Product", 3)} }}',
        f"{{ shop {everything('Shop')} }}",
    ]
    read: set[str] = set()
    for query in queries:
        assert lasting(query)
        # The application leaves its list in this task's context, for the test calls it in its own.
        answer = await api(query)
        assert "errors" not in answer, answer
        # The driver's own questions about types are none of ours.
        counted = [sql for sql in db.statements.get() or [] if "pg_catalog" not in sql]
        read |= {table.lower() for sql in counted for table in TABLE.findall(sql)}
    assert {"product", "variant", "listing"} <= read
    assert read - UNSEEN <= {seen.table for seen in SEEN}
