"""One-time codes: who gets one, how often, what a guess costs, and that nothing of one lies about."""

from datetime import timedelta

import pytest

from perkhub.accounts import CodePurpose, forget_plain_code, open_for_delivery, request_code
from perkhub.accounts.block import block_customer
from perkhub.accounts.codes import forget_old_codes, prove_code, spend_code
from perkhub.accounts.errors import CodeExpired, CodeWrong, TooManyCodes
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact, transaction
from perkhub.kit.errors import InvalidInput, TooFast
from tests.accounts.people import a_code, a_customer, a_phone, an_email, another_than, newest_code_id

pytestmark = pytest.mark.usefixtures("accounts")


async def test_the_right_code_is_used_once():
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    proven = await prove_code(contact, CodePurpose.VERIFY, code)
    await transact(lambda tx: spend_code(tx, proven))
    with pytest.raises(CodeExpired):
        await transact(lambda tx: spend_code(tx, proven))
    with pytest.raises(CodeExpired):
        await prove_code(contact, CodePurpose.VERIFY, code)


async def test_five_wrong_guesses_end_a_code():
    contact = a_phone()
    code = await a_code(contact, CodePurpose.VERIFY)
    left = []
    for guess in [another_than(code), "", "x" * 1000, "\ud800", "１２３"]:
        with pytest.raises(CodeWrong) as wrong:
            await prove_code(contact, CodePurpose.VERIFY, guess)
        left.append(wrong.value.data["attempts_left"])
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeExpired):
        await prove_code(contact, CodePurpose.VERIFY, code)


async def test_a_guess_stays_counted_whatever_the_caller_does():
    """The guard: inside a transaction that could roll the count back, nobody may guess at all."""
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    with pytest.raises(CodeWrong):
        await prove_code(contact, CodePurpose.VERIFY, another_than(code))
    assert await db.value("SELECT attempts FROM one_time_code") == 1
    async with transaction():
        with pytest.raises(RuntimeError, match="must not be called inside a transaction"):
            await prove_code(contact, CodePurpose.VERIFY, code)
    assert await db.value("SELECT attempts FROM one_time_code") == 1


async def test_full_width_digits_and_spaces_are_the_same_code():
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code)
    await prove_code(contact, CodePurpose.VERIFY, f" {wide[:3]} {wide[3:]} ")


async def test_a_code_serves_its_purpose_and_contact_alone():
    contact, other = an_email(), an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    for purpose in (CodePurpose.SIGN_IN, CodePurpose.RESET):
        with pytest.raises(CodeExpired):
            await prove_code(contact, purpose, code)
    with pytest.raises(CodeExpired):
        await prove_code(other, CodePurpose.VERIFY, code)
    assert await db.value("SELECT attempts FROM one_time_code") == 0


async def test_only_the_newest_code_counts():
    contact = an_email()
    first = await a_code(contact, CodePurpose.VERIFY)
    with travel(timedelta(seconds=61)):
        second = await a_code(contact, CodePurpose.VERIFY)
        if first != second:
            with pytest.raises(CodeWrong):
                await prove_code(contact, CodePurpose.VERIFY, first)
        await prove_code(contact, CodePurpose.VERIFY, second)


async def test_a_code_lives_ten_minutes():
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    with travel(timedelta(minutes=10, seconds=1)), pytest.raises(CodeExpired):
        await prove_code(contact, CodePurpose.VERIFY, code)
    proven = await prove_code(contact, CodePurpose.VERIFY, code)
    with travel(timedelta(minutes=10, seconds=1)), pytest.raises(CodeExpired):
        await transact(lambda tx: spend_code(tx, proven))


async def test_one_a_minute_and_five_an_hour():
    contact = an_email()
    await request_code(contact, CodePurpose.VERIFY)
    with pytest.raises(TooManyCodes) as soon:
        await request_code(contact, CodePurpose.RESET)
    assert 55 <= soon.value.data["retry_after"] <= 61
    for minute in range(1, 5):
        with travel(timedelta(minutes=minute, seconds=5)):
            await request_code(contact, CodePurpose.VERIFY)
    with travel(timedelta(minutes=10)):
        with pytest.raises(TooManyCodes) as many:
            await request_code(contact, CodePurpose.VERIFY)
        assert 49 * 60 <= many.value.data["retry_after"] <= 51 * 60
        await request_code(an_email(), CodePurpose.VERIFY)  # another contact has limits of its own
    with travel(timedelta(minutes=61)):
        await request_code(contact, CodePurpose.VERIFY)
    assert await db.value("SELECT count(*) FROM one_time_code") == 7


async def test_one_source_cannot_ask_for_everybody():
    for _ in range(30):
        await request_code(an_email(), CodePurpose.VERIFY, source="192.0.2.1")
    with pytest.raises(TooFast):
        await request_code(an_email(), CodePurpose.VERIFY, source="192.0.2.1")
    await request_code(an_email(), CodePurpose.VERIFY, source="192.0.2.2")
    assert await db.value("SELECT count(*) FROM one_time_code") == 31


async def test_the_answer_does_not_tell_who_is_known():
    """Same answer, same rows, same event: who gets a message is decided where nobody looks."""
    known, unknown = (await a_customer()).contact, an_email()
    for purpose in (CodePurpose.SIGN_IN, CodePurpose.RESET):
        answers = []
        for contact in (known, unknown):
            await db.value("DELETE FROM outbox")
            with travel(timedelta(minutes=10) if purpose is CodePurpose.RESET else timedelta()):
                answer = await request_code(contact, purpose)
                opened = await open_for_delivery(await newest_code_id(contact))
            answers.append((answer.resend_at < answer.expires_at, await db.value("SELECT count(*) FROM outbox")))
            assert (opened is not None) == (contact is known)
        assert answers == [(True, 1), (True, 1)]


async def test_a_blocked_customer_is_sent_no_code_to_sign_in():
    person = await a_customer()
    await request_code(person.contact, CodePurpose.SIGN_IN)
    code_id = await newest_code_id(person.contact)
    assert await open_for_delivery(code_id) is not None
    await transact(lambda tx: block_customer(tx, person.party_id))
    assert await open_for_delivery(code_id) is None


async def test_what_was_sent_is_forgotten():
    contact = a_phone()
    code = await a_code(contact, CodePurpose.VERIFY)
    code_id = await newest_code_id(contact)
    opened = await open_for_delivery(code_id)
    assert opened is not None
    assert opened.contact == contact
    assert code not in repr(opened)
    assert contact.value not in repr(opened)
    await transact(lambda tx: forget_plain_code(tx, code_id))
    assert await open_for_delivery(code_id) is None
    await prove_code(contact, CodePurpose.VERIFY, code)  # it is still good


async def test_rows_and_events_hold_neither_code_nor_contact():
    contact = an_email()
    code = await a_code(contact, CodePurpose.VERIFY)
    dump = str(await db.rows("SELECT t::text FROM one_time_code t")) + str(await db.rows("SELECT o.payload FROM outbox o"))
    for secret in (contact.value, contact.value.encode().hex(), code.encode().hex()):
        assert secret not in dump
    assert f'"{code}"' not in dump


async def test_old_codes_are_deleted():
    await request_code(an_email(), CodePurpose.VERIFY)
    assert await transact(forget_old_codes) == 0
    with travel(timedelta(days=2)):
        assert await transact(forget_old_codes) == 1
    assert await db.value("SELECT count(*) FROM one_time_code") == 0


@pytest.mark.parametrize("locale", ["", "zh_CN; DROP", "x" * 100, "zh-CN\x00", "中文"])
async def test_a_locale_has_a_form(locale: str):
    with pytest.raises(InvalidInput):
        await request_code(an_email(), CodePurpose.VERIFY, locale=locale)
    assert await db.value("SELECT count(*) FROM one_time_code") == 0
