"""Every mutation with odd values in every place: each is told what is wrong, nothing changes, and no secret is repeated."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from perkhub.kit import db
from tests.factories import Person
from tests.orders import desk
from tests.schema.bad_values import MARKER, Odd, odd_inputs
from tests.schema.inputs import a_name, actor_for, variables_for
from tests.schema.standing import Standing, changed_tables, contents, unchanged
from tests.schema.walk import RootField, places, put, root_fields

MUTATIONS = [one for one in root_fields("Mutation") if one.input_type is not None]
# What a refusal may leave behind: its own memory, and the guess at a code.
REMEMBERED = {"idempotency_key"}
COUNTED = {"CODE_WRONG": {"one_time_code"}}
# Taken however long: of a device's key a hash is kept, and a look needs no key at all.
TAKEN = {"Mutation.orderPlace deviceKey: a megabyte", "Mutation.entitlementReveal idempotencyKey: a megabyte"}
# Whoever was not let into a channel stays out: there is nothing to refuse.
STRANGERS = ("unknown", "never made", "the id of a CUSTOMER_GROUP", "the id of a ORGANISATION")
TAKEN |= {f"Mutation.channelGrantsRemove holderIds.0: {whose}" for whose in STRANGERS}
# The same of a campaign's people; and who is on the list may be an organisation.
TAKEN |= {f"Mutation.campaignPeopleRemove partyIds.0: {whose}" for whose in STRANGERS}
TAKEN.add("Mutation.campaignPeopleAdd partyIds.0: the id of a ORGANISATION")
# A condition may name what is not there, or a price that nothing has: then nothing goes out.
TAKEN |= {
    f"Mutation.productsExport where.{place}: the id of a {kind}"
    for field, kind in (("id", "PRODUCT"), ("brand", "BRAND"), ("category", "CATEGORY"), ("collection.id", "COLLECTION"))
    for place in (f"{field}.eq", f"{field}.oneOf.0")
}
TAKEN |= {
    f"Mutation.productsExport where.{place}.{bound}: seven places"
    for place in ("price", "attributes.0.number")
    for bound in ("gte", "lte", "lt")
}
# A draft may name what is not there, and act late: it is looked at when it is published.
CHANGED = ("Mutation.campaignCreate", "Mutation.campaignChange")
TAKEN |= {f"{mutation} priority: minus one" for mutation in CHANGED}
OF_A_DRAFT = re.compile(r"Mutation\.campaign(Create|Change) mechanic\..*: (the id of a (VARIANT|CATEGORY)|unknown|never made)")
# These do not say which of two things was wrong, or are about nothing that is in the input.
PATHLESS = {"SIGN_IN_FAILED", "SESSION_ENDED"}
# Two that exclude each other, a password and a code: the one is told for both.
ELSEWHERE: dict[tuple[str, str], str] = {
    ("Mutation.signIn", "code"): "password",
    ("Mutation.walletAdjust", "organisationId"): "customerId",
    ("Mutation.walletPayOut", "organisationId"): "customerId",
    ("Mutation.trustedIssuerCreate", "pinnedKeys"): "jwksUrl",
    # What the supplier's form asks is told where the buyer's input is named for it.
    ("Mutation.offerMap", "field"): "input",
    ("Mutation.offerMap", "national"): "input",
    ("Mutation.offerMap", "target"): "input",
    # A window is wrong by both its ends.
    ("Mutation.campaignClone", "startsAt"): "endsAt",
    ("Mutation.campaignCreate", "startsAt"): "endsAt",
    ("Mutation.campaignChange", "startsAt"): "endsAt",
    **{(mutation, "variant"): "prizes" for mutation in CHANGED},
    # What is not sold then is told at its line.
    ("Mutation.campaignSimulate", "at"): "lines",
    # The product of the sample asks nothing of its buyer.
    ("Mutation.campaignSimulate", "value"): "key",
}


@dataclass
class Attempts:
    """One mutation, tried again and again by somebody who may use it."""

    house: Standing
    mutation: RootField
    by: Person | None = None
    good: dict[str, Any] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)

    async def renew(self) -> None:
        """Somebody new, and an input that would succeed."""
        self.by = await actor_for(self.mutation)
        self.good = (await variables_for(self.mutation, self.by))["input"]
        self.before = await contents()

    async def fault_of(self, odd: Odd) -> str | None:
        """What is wrong with the answer to an odd input; nothing if it is as it should be."""
        assert self.by is not None
        given = odd.of(self.good)
        if isinstance(given, dict) and given.get("idempotencyKey") == self.good.get("idempotencyKey") is not None:
            given = {**given, "idempotencyKey": a_name("key")}
        response = await self.house.api.send(self.mutation.operation(), {"input": given}, self.by.token)
        return await self.judge(odd, response.json())

    async def judge(self, odd: Odd, answer: dict[str, Any]) -> str | None:
        errors = answer.get("errors", [])
        refusals = ((answer.get("data") or {}).get(self.mutation.name) or {}).get("errors", [])
        if MARKER in str([errors, refusals]):
            return f"repeats a value: {errors or refusals}"
        codes = [error.get("extensions", {}).get("code") for error in errors] + [error["code"] for error in refusals]
        if "INTERNAL" in codes or None in codes:
            return f"is not told why: {errors}"
        if not codes:
            await self.renew()
            named = f"{self.mutation} {odd.name}"
            return None if odd.may or named in TAKEN or OF_A_DRAFT.fullmatch(named) else "was taken"
        elsewhere = [ELSEWHERE.get((str(self.mutation), str(step)), step) for step in odd.path]
        ways = (odd.path, elsewhere)
        lost = [one for one in refusals if one["code"] not in PATHLESS and not any(leads_to(one["path"], way) for way in ways)]
        allowed = (REMEMBERED if refusals else set()).union(*(COUNTED.get(code, set()) for code in codes))
        after = await contents()
        changed = changed_tables(self.before, after)
        if changed <= REMEMBERED:
            self.before = after
        else:
            await self.renew()
        if changed - allowed:
            return f"was refused as {codes}, and has changed {changed}"
        return f"does not say where: {lost}" if lost else None


def leads_to(told: list[str] | None, path: list[str]) -> bool:
    """Whether an error's path is that of the odd place, or goes some of its way, or further."""
    inside = (told or [])[1:]
    return told is not None and told[0] == "input" and all(one == other for one, other in zip(inside, path, strict=False))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
async def test_odd_input_is_refused_and_changes_nothing(
    standing: Standing, mutation: RootField, capfd: pytest.CaptureFixture[str]
):
    attempts, faults = Attempts(standing, mutation), []
    await attempts.renew()
    kind = mutation.input_type
    assert kind is not None
    for place in places(kind):
        for odd in odd_inputs(kind, place):
            if fault := await attempts.fault_of(odd):
                faults.append(f"{odd.name} {fault}"[:300])
    assert faults == []
    assert MARKER not in "".join(capfd.readouterr())


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
async def test_what_is_written_into_the_document_is_not_repeated(standing: Standing, mutation: RootField):
    """Values that do not fit, in the operation's own text instead of in its variables."""
    by = await actor_for(mutation)
    kind, good = mutation.input_type, (await variables_for(mutation, by))["input"]
    assert kind is not None
    async with unchanged():
        for place in places(kind):
            for wrong in ([{"nobody": [MARKER]}], {"nobodyKnowsThis": MARKER}):
                document = mutation.operation_with(put(kind, good, place.path, wrong))
                response = await standing.api.send(document, None, by.token)
                codes = [error["extensions"]["code"] for error in response.json()["errors"]]
                assert set(codes) == {"GRAPHQL_VALIDATION_FAILED"}, (place, codes)
                assert MARKER not in response.text, place
        broken = mutation.operation_with(good).replace("{", f'{{ a "{MARKER}" ', 1)
        response = await standing.api.send(broken, None, by.token)
        assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
        assert MARKER not in response.text


# A look at a code needs no key: each is a row of the log, and shows the same.
KEYED = [one for one in MUTATIONS if one.name != "entitlementReveal" and one.takes("idempotencyKey")]


@pytest.mark.parametrize("mutation", KEYED, ids=str)
async def test_a_key_stands_for_one_request_of_one_person(standing: Standing, mutation: RootField):
    by, another = await actor_for(mutation), await actor_for(mutation)
    given, other = await variables_for(mutation, by), await variables_for(mutation, by)
    key = given["input"]["idempotencyKey"]
    done = await answer_of(standing, mutation, given, by)
    assert done["errors"] == []
    async with unchanged():
        assert await answer_of(standing, mutation, given, by) == done
        reused = await answer_of(standing, mutation, {"input": {**other["input"], "idempotencyKey": key}}, by)
    assert [(error["code"], error["path"]) for error in reused["errors"]] == [
        ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    ]
    # The key of somebody else says nothing.
    theirs = await variables_for(mutation, another)
    assert (await answer_of(standing, mutation, {"input": {**theirs["input"], "idempotencyKey": key}}, another))["errors"] == []


async def answer_of(standing: Standing, mutation: RootField, given: dict[str, Any], by: Person) -> dict[str, Any]:
    """The payload of a mutation that was not refused as a whole."""
    answer = await standing.api(mutation.operation(), given, by.token)
    assert "errors" not in answer, answer["errors"]
    told: dict[str, Any] = answer["data"][mutation.name]
    return told


async def test_a_thousand_repetitions_at_once_place_one_order(standing: Standing):
    mutation = RootField("Mutation", "orderPlace")
    by = await actor_for(mutation)
    given = await variables_for(mutation, by)
    given["input"] |= {"pay": {"wallet": {}}}
    orders = await db.value("SELECT count(*) FROM orders")
    answers = await asyncio.gather(*(answer_of(standing, mutation, given, by) for _ in range(1000)))
    assert {len(answer["errors"]) for answer in answers} == {0}
    assert len({answer["order"]["id"] for answer in answers}) == 1
    assert await db.value("SELECT count(*) FROM orders") == orders + 1
    assert await desk.wallet_of(by) == 50000 - 1990
