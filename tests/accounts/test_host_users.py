"""Users of a host application: known by its tokens alone, made customers once, refused within a second of its end."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from perkhub.accounts import (
    ClaimMapping,
    CustomerGroupDraft,
    IdentityKind,
    add_group_members,
    block_customer,
    create_customer_group,
    customers_by_id,
    erase_customer,
    find_customer,
    groups_of,
    identify,
)
from perkhub.accounts.federation import identities, recognise
from perkhub.accounts.federation.issuers import forget_issuers
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from tests.accounts.hosts import archive, change, is_refused, trusted
from tests.accounts.keys import BY_EC, BY_ED, BY_RSA, STRANGE, Signing, claims, jwks, signed
from tests.accounts.people import a_customer, all_at_once, an_email, tally

pytestmark = pytest.mark.usefixtures("accounts")

CUSTOMERS = "SELECT count(*) FROM customer"
A_MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("by", [BY_RSA, BY_EC, BY_ED], ids=lambda by: by.algorithm)
async def test_a_host_user_is_a_customer_and_the_same_one_each_time(by: Signing):
    await trusted()
    first = await identify(signed(claims(), by))
    again = await identify(signed(claims(jti="another"), by))
    other = await identify(signed(claims(sub="user-2"), by))
    assert first.kind is IdentityKind.CUSTOMER
    assert first.id == first.party_id == again.party_id != other.party_id
    assert await db.value(CUSTOMERS) == 2


async def test_a_token_that_was_seen_costs_no_statement():
    await trusted()
    token = signed(claims())
    await identify(token)
    counted = db.statements.set([])
    try:
        for _ in range(50):
            await identify(token)
        assert len(db.statements.get() or ()) <= 1  # the configurations, once a second
    finally:
        db.statements.reset(counted)


async def test_an_issuer_signs_with_what_it_may():
    await trusted(algorithms=["ES256"])
    assert await is_refused(signed(claims()))
    assert not await is_refused(signed(claims(), BY_EC))


async def test_only_subjects_of_people_are_people():
    await trusted(subject_prefix="user|")
    assert await is_refused(signed(claims(sub="service|1")))
    assert not await is_refused(signed(claims(sub="user|1")))


@pytest.mark.parametrize("ended", ["archived", "another audience", "other keys"])
async def test_what_the_issuer_ends_is_over_for_tokens_that_were_taken(ended: str):
    issuer = await trusted()
    token = signed(claims())
    party = (await identify(token)).party_id
    if ended == "archived":
        await archive(issuer)
    else:
        await change(issuer, **({"audience": "moved"} if ended == "another audience" else {"pinned_keys": jwks(STRANGE)}))
    assert await is_refused(token)
    if ended == "archived":
        await archive(issuer, archived=False)
        assert (await identify(token)).party_id == party


async def test_another_process_follows_within_a_second(monkeypatch: pytest.MonkeyPatch):
    await trusted()
    token = signed(claims())
    await identify(token)
    await db.value("UPDATE trusted_issuer SET archived_at = created_at")
    monkeypatch.setattr("perkhub.accounts.federation.issuers.REMEMBERED_SECONDS", 0.0)
    forget_issuers()  # what the second does
    assert await is_refused(token)


async def test_a_blocked_or_erased_customer_is_out_within_a_minute():
    await trusted()
    for sub, end in (("user-1", block_customer), ("user-2", erase_customer)):
        token = signed(claims(sub=sub))
        party = (await identify(token)).party_id
        assert party is not None
        await transact(lambda tx, end=end, party=party: end(tx, party))  # type: ignore[misc]
        with travel(A_MINUTE):
            assert await is_refused(token)
    assert await is_refused(signed(claims(sub="user-1", jti="fresh")))
    assert await db.value("SELECT count(*) FROM external_identity") == 1


async def test_of_many_first_sights_at_once_one_makes_the_account():
    await trusted()
    results = await all_at_once(identify(signed(claims(jti=str(number)))) for number in range(40))
    assert tally(results) == {"Identity": 40}
    assert len({one.party_id for one in results}) == 1
    assert [await db.value(CUSTOMERS), await db.value("SELECT count(*) FROM external_identity")] == [1, 1]


async def test_without_lock_and_index_several_would(monkeypatch: pytest.MonkeyPatch):
    """The test above can fail."""
    await trusted()
    await db.value("ALTER TABLE external_identity DROP CONSTRAINT " + await db.value(UNIQUE))
    barrier = asyncio.Barrier(4)

    async def unlocked(tx: Any, source: identities.Source, subject: str) -> Any:
        found = await tx.row(identities.FIND, source.id, source.index_of(subject))
        await barrier.wait()
        return found

    monkeypatch.setattr(recognise, "lock_identity", unlocked)
    await all_at_once(identify(signed(claims(jti=str(number)))) for number in range(4))
    assert await db.value(CUSTOMERS) > 1


UNIQUE = "SELECT conname FROM pg_constraint WHERE conrelid = 'external_identity'::regclass AND contype = 'u'"


async def test_a_verified_email_is_kept_unless_it_is_somebody_elses():
    await trusted()
    theirs = await a_customer(contact=an_email())
    free, unproved = an_email(), an_email()
    for sub, email, verified in (
        ("taken", theirs.contact, True),
        ("free", free, True),
        ("unproved", unproved, False),
        ("said", unproved, "yes"),
    ):
        identity = await identify(signed(claims(sub=sub, email=email.value.upper(), email_verified=verified)))
        found = await find_customer(email)
        assert (found == identity.party_id) is (sub == "free"), sub
    assert await find_customer(theirs.contact) == theirs.party_id
    assert await db.value(CUSTOMERS) == 5


async def test_odd_claims_count_as_not_said():
    await trusted(claims=ClaimMapping(groups="realm.roles"))
    odd: list[dict[str, Any]] = [
        {"email": 7, "email_verified": True, "locale": ["x"], "realm": "x"},
        {"email": "no address", "email_verified": True, "locale": "x" * 500, "realm": {"roles": [1, None, "x" * 500, "\x00"]}},
        {"email": ["a@example.com"], "email_verified": True, "locale": "en", "realm": {"roles": {"a": 1}}},
    ]
    for number, changed in enumerate(odd):
        assert not await is_refused(signed(claims(sub=f"odd-{number}", **changed)))
    parties = [row["party_id"] for row in await db.rows("SELECT party_id FROM customer")]
    assert {one.locale for one in (await customers_by_id(parties)).values()} == {"zh-CN", "en"}
    assert await db.value("SELECT count(*) FROM contact") == 0


async def test_the_hosts_groups_are_ours_by_their_reference():
    await trusted(claims=ClaimMapping(groups="groups"))
    gold, silver, staff = [
        await transact(lambda tx, name=name: create_customer_group(tx, CustomerGroupDraft(name, external_reference=name)))
        for name in ("gold", "silver", "staff")
    ]

    async def seen(at: int, *groups: str) -> frozenset[Any]:
        identity = await identify(signed(claims(groups=list(groups), iat=claims()["iat"] + at)))
        assert identity.party_id is not None
        await transact(lambda tx: add_group_members(tx, staff, [identity.party_id], actor="tests"))
        return (await groups_of([identity.party_id]))[identity.party_id]

    assert await seen(-50, "gold", "unheard of") == {gold, staff}
    assert await seen(-40, "silver", "gold") == {gold, silver, staff}
    assert await seen(-30) == {staff}
    assert await seen(-45, "gold") == {staff}  # what an older token says is over
    assert await seen(-20, "staff") == {staff}
    assert await seen(-10) == {staff}  # an operator gave that one


async def test_the_subject_is_kept_sealed():
    await trusted()
    await identify(signed(claims(sub="+8613800138000")))
    row = await db.row("SELECT * FROM external_identity")
    assert row is not None
    assert "138001380" not in str(dict(row))
    assert b"138001380" not in row["sealed_subject"] + row["subject_index"]


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recognise, "REMEMBERED", 5)
    await trusted()
    for number in range(12):
        await identify(signed(claims(jti=str(number))))
    assert len(recognise._known) == 5
