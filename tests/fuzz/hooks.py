"""What schemathesis must know of us: our scalars, what there is, and what counts as a fault of the server's. Runs in its own
environment."""
# mypy: ignore-errors

import json
import os
import re
from typing import Any

import schemathesis
from graphql import DocumentNode, parse, print_ast
from hypothesis import strategies as st
from schemathesis.graphql import nodes

TEXTS = st.text(max_size=20)
DECIMALS = st.one_of(st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str), TEXTS)
CURRENCIES = st.one_of(st.sampled_from(["CNY", "USD", "JPY", "XXX", "cny", ""]), TEXTS)

# By kind, as fields name it: at random nobody would ever name a thing that is there, nor the version that it has.
THERE: dict[str, list[str]] = json.loads(os.environ["PERKHUB_FUZZ_IDS"])
ALL = sorted(id for ids in THERE.values() for id in ids)
NAMED_OTHERWISE = {"member": "organisationMember", "holder": "customer", "party": "customer", "memberGroup": "customerGroup"}
PLACES = re.compile(r'(?P<field>\w+):|"~(?P<number>\d+)"|(?<=expectedVersion: )(?P<version>-?\d+)')
IDS = st.one_of(*[st.integers(0, 99).map(lambda number: f"~{number}")] * 3, st.sampled_from(ALL), TEXTS)

schemathesis.graphql.scalar("ID", IDS.map(nodes.String))
schemathesis.graphql.scalar("Decimal", DECIMALS.map(nodes.String))
schemathesis.graphql.scalar("Currency", CURRENCIES.map(nodes.String))


@schemathesis.hook
def map_body(context: Any, body: DocumentNode) -> DocumentNode:
    """Put ids of the right kind where a number stands for one, and mostly the first version of a thing."""
    field = ""

    def put(found: re.Match[str]) -> str:
        nonlocal field
        if found["field"] is not None:
            field = found["field"]
            return found[0]
        if found["version"] is not None:
            return found[0] if int(found[0]) % 4 == 3 else "1"
        kind = re.sub(r"Ids?$", "", field)
        ids = THERE.get(NAMED_OTHERWISE.get(kind, kind), ALL)
        return f'"{ids[int(found["number"]) % len(ids)]}"'

    return parse(PLACES.sub(put, print_ast(body)))


@schemathesis.check
def told_not_thrown(ctx: Any, response: Any, case: Any) -> None:
    """Whatever is sent: the answer is JSON, no 5xx, and no error that nobody expected."""
    assert response.status_code < 500, f"status {response.status_code}"
    errors = response.json().get("errors") or []
    unexpected = [error for error in errors if error.get("extensions", {}).get("code") == "INTERNAL"]
    assert not unexpected, f"an error that nobody expected: {unexpected}"
