"""Many guesses, many requests, many uses of one code at once, over real connections."""

import asyncio

import pytest

from perkhub.accounts import CodePurpose, codes, request_code
from perkhub.accounts.codes import prove_code, spend_code
from perkhub.kit import db
from perkhub.kit.db import Transaction, transact
from tests.accounts.people import a_code, all_at_once, an_email, another_than, tally

pytestmark = pytest.mark.usefixtures("accounts")

# The same statement, but what it compares and adds to was read before it waited for the row.
READ_THEN_WRITE = """
    UPDATE one_time_code c SET attempts = seen.attempts + 1
    FROM (SELECT id, attempts FROM one_time_code
          WHERE contact_kind = $1 AND blind_index = $2 AND purpose = $3 AND attempts < max_attempts AND expires_at > $4
          ORDER BY created_at DESC LIMIT 1) seen
    WHERE c.id = seen.id
    RETURNING c.id, c.code_hash, c.max_attempts - c.attempts AS attempts_left
"""


async def test_a_thousand_guesses_at_once_are_five():
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    wrong = another_than(code)
    results = tally(await all_at_once(prove_code(contact, CodePurpose.VERIFY, wrong) for _ in range(1000)))
    assert results == {"CodeWrong": 5, "CodeExpired": 995}
    assert await db.value("SELECT attempts FROM one_time_code") == 5


async def test_the_guessing_race_is_real(monkeypatch: pytest.MonkeyPatch):
    """Where the count is read before it is written, more than five get to compare: the test above can fail."""
    monkeypatch.setattr(codes, "COUNT_GUESS", READ_THEN_WRITE)
    contact = an_email()
    wrong = another_than(await a_code(contact, CodePurpose.VERIFY))
    results = tally(await all_at_once(prove_code(contact, CodePurpose.VERIFY, wrong) for _ in range(1000)))
    assert results["CodeWrong"] > 5


async def test_of_fifty_requests_at_once_one_is_sent():
    contact = an_email()
    results = tally(await all_at_once(request_code(contact, CodePurpose.VERIFY) for _ in range(50)))
    assert results == {"CodeRequested": 1, "TooManyCodes": 49}
    assert await db.value("SELECT count(*) FROM one_time_code") == 1


async def test_the_request_race_is_real(monkeypatch: pytest.MonkeyPatch):
    """Without the lock each looks before the others have written."""

    async def no_lock(tx: Transaction, name: str) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Transaction, "advisory_lock", no_lock)
    contact = an_email()
    results = tally(await all_at_once(request_code(contact, CodePurpose.VERIFY) for _ in range(50)))
    assert results["CodeRequested"] > 1


async def test_of_many_uses_of_one_proof_one_counts():
    contact = an_email()
    proven = await prove_code(contact, CodePurpose.VERIFY, await a_code(contact, CodePurpose.VERIFY))
    results = tally(await all_at_once(transact(lambda tx: spend_code(tx, proven)) for _ in range(50)))
    assert results == {"NoneType": 1, "CodeExpired": 49}
