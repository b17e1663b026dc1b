"""Signing in: one answer for whatever is wrong, limits, and a block that no sign-in slips past."""

import asyncio
from contextvars import copy_context
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from perkhub.accounts import (
    CodePurpose,
    block_customer,
    change_password,
    ensure_not_blocked,
    refresh_session,
    reset_password,
    sign_in_with_code,
    sign_in_with_password,
    unblock_customer,
)
from perkhub.accounts.errors import (
    CodeExpired,
    CustomerBlocked,
    PasswordTooWeak,
    SessionEnded,
    SignInFailed,
)
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact, transaction
from perkhub.kit.errors import TooFast
from perkhub.kit.ids import new_id
from tests.accounts.people import PASSWORD, a_code, a_customer, all_at_once, an_email, tally

pytestmark = pytest.mark.usefixtures("accounts")
NEW = "a wholly new password"


async def test_by_password():
    person = await a_customer(password=PASSWORD)
    assert (await sign_in_with_password(person.contact, PASSWORD, source="192.0.2.1")).subject_id == person.party_id


async def test_whatever_is_wrong_sounds_the_same():
    person, without, blocked = await a_customer(password=PASSWORD), await a_customer(), await a_customer(password=PASSWORD)
    await transact(lambda tx: block_customer(tx, blocked.party_id))
    told = set()
    for contact, password in [
        (person.contact, "wrong horse battery"),
        (person.contact, ""),
        (without.contact, PASSWORD),
        (an_email(), PASSWORD),
        (blocked.contact, PASSWORD),
    ]:
        with pytest.raises(SignInFailed) as failed:
            await sign_in_with_password(contact, password)
        told.add((failed.value.message("en"), failed.value.path, str(failed.value.data)))
    assert len(told) == 1
    assert await db.value("SELECT count(*) FROM sign_in_session") == 0


async def test_by_code():
    person = await a_customer()
    code = await a_code(person.contact, CodePurpose.SIGN_IN)
    assert (await sign_in_with_code(person.contact, code)).subject_id == person.party_id
    with pytest.raises(CodeExpired):
        await sign_in_with_code(person.contact, code)


async def test_a_blocked_customer_does_not_come_in_by_code_either():
    person = await a_customer()
    code = await a_code(person.contact, CodePurpose.SIGN_IN)
    await transact(lambda tx: block_customer(tx, person.party_id))
    with pytest.raises(SignInFailed):
        await sign_in_with_code(person.contact, code)
    assert await db.value("SELECT count(*) FROM sign_in_session") == 0


async def test_attempts_are_limited_per_contact_and_per_source():
    person = await a_customer(password=PASSWORD)
    for _ in range(20):
        with pytest.raises(SignInFailed):
            await sign_in_with_password(person.contact, "")
    with pytest.raises(TooFast):
        await sign_in_with_password(person.contact, PASSWORD)
    other = await a_customer(password=PASSWORD)
    await sign_in_with_password(other.contact, PASSWORD, source="192.0.2.1")
    results = tally(await all_at_once(sign_in_with_password(an_email(), "x" * 300, source="192.0.2.9") for _ in range(210)))
    assert results == {"SignInFailed": 200, "TooFast": 10}


async def test_a_block_ends_sessions_and_stops_at_money():
    person = await a_customer(password=PASSWORD)
    signed_in = await sign_in_with_password(person.contact, PASSWORD)
    await ensure_not_blocked(person.party_id)
    await transact(lambda tx: block_customer(tx, person.party_id))
    with pytest.raises(CustomerBlocked):
        await ensure_not_blocked(person.party_id)
    async with transaction():
        with pytest.raises(CustomerBlocked):
            await ensure_not_blocked(person.party_id)
    with pytest.raises(SessionEnded):
        await refresh_session(signed_in.refresh_token)
    await transact(lambda tx: unblock_customer(tx, person.party_id))
    await ensure_not_blocked(person.party_id)
    await sign_in_with_password(person.contact, PASSWORD)
    await ensure_not_blocked(new_id())  # an organisation is not a customer, and so not blocked


async def test_a_block_in_the_middle_of_a_sign_in_wins():
    """A competitor at an exact point: the block is written, not yet committed, when the sign-in wants its session."""
    person = await a_customer(password=PASSWORD)
    outside = copy_context()  # a task begun inside would share the transaction
    async with transaction() as tx:
        await block_customer(tx, person.party_id)
        signing_in = asyncio.create_task(sign_in_with_password(person.contact, PASSWORD), context=outside)
        await asyncio.sleep(0.3)
        assert not signing_in.done()
    with pytest.raises(SignInFailed):
        await signing_in
    assert await db.value("SELECT count(*) FROM sign_in_session WHERE revoked_at IS NULL") == 0


async def test_a_reset_in_the_middle_of_a_sign_in_wins():
    person = await a_customer(password=PASSWORD)
    code = await a_code(person.contact, CodePurpose.RESET)
    results = await all_at_once(
        [reset_password(person.contact, code, NEW), *(sign_in_with_password(person.contact, PASSWORD) for _ in range(15))]
    )
    assert set(tally(results)) <= {"SignedIn", "SignInFailed"}
    live = await db.rows("SELECT id FROM sign_in_session WHERE revoked_at IS NULL")
    assert [row["id"] for row in live] == [results[0].session_id], "only the session of the reset itself stands"


async def test_reset_by_code_ends_every_session():
    person = await a_customer(password=PASSWORD)
    before = [await sign_in_with_password(person.contact, PASSWORD) for _ in range(3)]
    code = await a_code(person.contact, CodePurpose.RESET)
    with pytest.raises(PasswordTooWeak):
        await reset_password(person.contact, code, "short")
    after = await reset_password(person.contact, code, NEW)
    for session in before:
        with pytest.raises(SessionEnded):
            await refresh_session(session.refresh_token)
    await refresh_session(after.refresh_token)
    with pytest.raises(SignInFailed):
        await sign_in_with_password(person.contact, PASSWORD)
    await sign_in_with_password(person.contact, NEW)


async def test_nobody_unknown_or_blocked_resets():
    unknown, blocked = an_email(), await a_customer(password=PASSWORD)
    code = await a_code(blocked.contact, CodePurpose.RESET)
    await transact(lambda tx: block_customer(tx, blocked.party_id))
    with pytest.raises(SignInFailed):
        await reset_password(blocked.contact, code, NEW)
    with pytest.raises(CodeExpired):
        await reset_password(unknown, "123456", NEW)
    await transact(lambda tx: unblock_customer(tx, blocked.party_id))
    await sign_in_with_password(blocked.contact, PASSWORD)


async def test_change_needs_the_old_password_and_ends_other_sessions():
    person, without = await a_customer(password=PASSWORD), await a_customer()
    before = await sign_in_with_password(person.contact, PASSWORD)
    for party_id, old in [(person.party_id, "wrong horse battery"), (without.party_id, PASSWORD), (new_id(), PASSWORD)]:
        with pytest.raises(SignInFailed) as failed:
            await change_password(party_id, old=old, new=NEW)
        assert failed.value.path == ("old",)
    after = await change_password(person.party_id, old=PASSWORD, new=NEW)
    with pytest.raises(SessionEnded):
        await refresh_session(before.refresh_token)
    await refresh_session(after.refresh_token)
    await sign_in_with_password(person.contact, NEW)


async def test_of_two_changes_at_once_one_wins():
    person = await a_customer(password=PASSWORD)
    results = tally(
        await all_at_once(change_password(person.party_id, old=PASSWORD, new=f"{NEW} {number}") for number in range(8))
    )
    assert results == {"SignedIn": 1, "SignInFailed": 7}


async def test_guesses_at_the_old_password_are_limited():
    person = await a_customer(password=PASSWORD)
    for _ in range(10):
        with pytest.raises(SignInFailed):
            await change_password(person.party_id, old="", new=NEW)
    with pytest.raises(TooFast):
        await change_password(person.party_id, old=PASSWORD, new=NEW)


async def test_an_old_hash_is_renewed_at_sign_in():
    person = await a_customer(password=PASSWORD)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await db.value("UPDATE customer SET password_hash = $1", weak)
    session = await sign_in_with_password(person.contact, PASSWORD)
    assert "m=19456,t=2,p=1" in await db.value("SELECT password_hash FROM customer")
    await refresh_session(session.refresh_token)
    with travel(timedelta(minutes=1)):
        await sign_in_with_password(person.contact, PASSWORD)
