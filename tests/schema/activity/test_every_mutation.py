"""Every mutation of those who run the shop, carried out for real: one row of the activity log each, that says what changed."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub_schema.graphql.global_ids import Kind
from tests.factories import Person
from tests.schema.inputs import a_name, actor_for, variables_for
from tests.schema.standing import Standing, unchanged
from tests.schema.walk import RootField, root_fields

# It only tries out what would be: there is no deed.
NO_DEED = {"Mutation.campaignSimulate"}
STAFF_ONLY = [field for field in root_fields("Mutation") if field.rule == "staff" or field.permission]
OPERATORS = [field for field in STAFF_ONLY if str(field) not in NO_DEED]
# What ends without any change that could be told, and why. A deed that changes something never stands here.
NOTHING_TO_TELL: dict[str, str] = {}

REMEDY = """{0} says nothing of what it changed. In the domain's verb, where the row is written, add one line:

    tx.note_change("product", product, before=before, after=changed)

The first is the name of the global id's kind in small letters (perkhub_schema.graphql.global_ids.Kind); `before` and `after`
are a row, a dataclass or a mapping (only fields that differ are kept; leave `before` out for what is new). Contacts only
masked; of secrets only that they changed: hidden=("password",). If the sample input changes nothing, give it one that does
in tests/schema/inputs.py; if there is nothing to change, say why in NOTHING_TO_TELL.
"""
NO_ROW = "{0} has left {1} rows in the activity log instead of one: does it commit through kit.db.transact?"

NEWEST = "SELECT * FROM activity WHERE actor = $1 ORDER BY at DESC, id DESC"
CHANGES = "SELECT subject, subject_id, before, after FROM activity_change WHERE activity_id = $1 ORDER BY id"


async def told(house: Standing, field: RootField, variables: dict[str, Any], by: Person, **headers: str) -> dict[str, Any]:
    answer = await house.api(field.operation(), variables, by.token, headers=headers)
    assert "errors" not in answer, answer["errors"]
    payload: dict[str, Any] = answer["data"][field.name]
    return payload


async def deeds_of(by: Person) -> list[db.Row]:
    return await db.rows(NEWEST, by.identity.actor)


@pytest.mark.parametrize("field", OPERATORS, ids=str)
async def test_a_deed_leaves_one_row_that_says_what_changed(standing: Standing, field: RootField):
    by = await actor_for(field)
    variables = await variables_for(field, by)
    headers = {"User-Agent": "console", "Perkhub-Client": "tests/1", "Perkhub-Correlation-Id": a_name("trail")}
    assert (await told(standing, field, variables, by, **headers))["errors"] == []
    deeds = await deeds_of(by)
    assert len(deeds) == 1, NO_ROW.format(field, len(deeds))
    [deed] = deeds
    assert (deed["operation"], deed["user_agent"], deed["client"]) == (field.name, "console", "tests/1")
    assert deed["correlation_id"] == headers["Perkhub-Correlation-Id"]
    assert deed["source_address"]
    assert deed["input"] is not None
    changes = await db.rows(CHANGES, deed["id"])
    assert changes, REMEDY.format(field)
    if str(field) not in NOTHING_TO_TELL:
        assert any(change["before"] != "{}" or change["after"] != "{}" for change in changes), REMEDY.format(field)
    for change in changes:
        assert change["subject"].upper() in Kind.__members__, f"{field}: no global id is of the kind {change['subject']!r}"
        assert isinstance(change["subject_id"], UUID)


@pytest.mark.parametrize("field", OPERATORS, ids=str)
async def test_what_is_refused_leaves_no_row(standing: Standing, field: RootField):
    """Refused to somebody without the right; and, where there is an id, because it is of nothing."""
    by, outsider = await actor_for(field), await actor_for(RootField("Mutation", "signOut"))
    variables = await variables_for(field, by)
    async with unchanged(field):
        await standing.api(field.operation(), variables, outsider.token)
    ids = [
        name
        for name, given in variables["input"].items()
        if isinstance(given, str) and name.endswith("Id") and given[3:4] == "_"
    ]
    for name in ids:
        gone = variables["input"][name].partition("_")[0] + "_" + "0" * 32
        given = {**variables["input"], name: gone}
        if "idempotencyKey" in given:
            given["idempotencyKey"] = a_name("key")
        async with unchanged(field, besides={"idempotency_key"}):
            payload = await told(standing, field, {"input": given}, by)
        assert len(payload["errors"]) == 1
    assert await deeds_of(by) == []


KEYED = [field for field in OPERATORS if field.takes("idempotencyKey")]


@pytest.mark.parametrize("field", KEYED, ids=str)
async def test_repetitions_leave_one_row(standing: Standing, field: RootField):
    by = await actor_for(field)
    variables = await variables_for(field, by)
    await asyncio.gather(*(told(standing, field, variables, by) for _ in range(5)))
    assert len(await deeds_of(by)) == 1


def test_operators_have_mutations():
    assert len(OPERATORS) > 20
