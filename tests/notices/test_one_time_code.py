"""Sending one-time codes: once, to whom they are due, tried again when it failed, and leaving nothing behind."""

import asyncio
import traceback
from datetime import timedelta

import pytest

from perkhub.accounts import CodePurpose, ContactPoint, open_for_delivery, request_code, sign_in_with_code
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.correlation import begin_correlation
from perkhub.kit.ids import new_id
from perkhub.notices import send_one_time_code, sending
from perkhub.notices.errors import NoNotifier, NotSent
from perkhub.plugin.notifier import ContactChannel, Message, NotSentYet
from tests.accounts.people import a_customer, a_phone, an_email, newest_code_id
from tests.notices.recorders import Recorder, later, use

pytestmark = pytest.mark.usefixtures("accounts")


async def asked(contact: ContactPoint, purpose: CodePurpose = CodePurpose.VERIFY, locale: str = "zh-CN"):
    use(Recorder)
    await request_code(contact, purpose, locale=locale)
    return await newest_code_id(contact)


async def notice() -> tuple[object, ...] | None:
    found = await db.row("SELECT state, attempts, failure, sent_at IS NOT NULL FROM notice")
    return None if found is None else tuple(found)


async def test_a_phone_gets_a_text_message_in_its_language():
    contact = a_phone()
    code_id = await asked(contact)
    opened = await open_for_delivery(code_id)
    assert opened is not None
    trail = begin_correlation()
    await send_one_time_code(code_id)
    [message] = Recorder.sent
    assert message == Message(
        channel=ContactChannel.SMS,
        destination=contact.value,
        subject="",
        text=f"您的验证码为 {opened.code}。10 分钟内有效。请勿告知他人;如非本人操作,请忽略。",
        locale="zh-CN",
        correlation_id=trail,
    )
    assert await notice() == ("sent", 1, None, True)
    assert await db.value("SELECT correlation_id FROM notice") == trail


async def test_the_code_in_the_message_works():
    person = await a_customer()
    await send_one_time_code(await asked(person.contact, CodePurpose.SIGN_IN, locale="en"))
    [message] = Recorder.sent
    assert (message.channel, message.subject) == (ContactChannel.EMAIL, "Your code")
    code = message.text.removeprefix("Your sign-in code is ")[:6]
    assert (await sign_in_with_code(person.contact, code)).subject_id == person.party_id


async def test_it_is_sent_once_and_then_gone():
    code_id = await asked(an_email())
    for _ in range(3):
        await send_one_time_code(code_id)
    assert len(Recorder.sent) == 1
    assert await notice() == ("sent", 1, None, True)
    assert await db.value("SELECT num_nulls(sealed_code, sealed_destination) FROM one_time_code") == 2


@pytest.mark.parametrize("purpose", [CodePurpose.SIGN_IN, CodePurpose.RESET])
async def test_nobody_unknown_is_written_to(purpose: CodePurpose):
    code_id = await asked(an_email(), purpose)
    await send_one_time_code(code_id)
    assert Recorder.sent == []
    assert await notice() is None
    assert await db.value("SELECT num_nulls(sealed_code, sealed_destination) FROM one_time_code") == 2


async def test_what_failed_is_tried_again():
    code_id = await asked(a_phone())
    Recorder.faults.extend([later(), later()])
    for attempt in (1, 2):
        with pytest.raises(NotSentYet):
            await send_one_time_code(code_id)
        assert await notice() == ("queued", attempt, None, False)
    await send_one_time_code(code_id)
    assert await notice() == ("sent", 3, None, True)
    assert len(Recorder.sent) == 1


async def test_a_code_too_old_to_send_is_given_up():
    code_id = await asked(a_phone())
    Recorder.faults.append(later())
    with pytest.raises(NotSentYet):
        await send_one_time_code(code_id)
    with travel(timedelta(minutes=11)):
        await send_one_time_code(code_id)
    assert Recorder.sent == []
    assert await notice() == ("failed", 1, "code_no_longer_valid", False)
    assert await db.value("SELECT num_nulls(sealed_code, sealed_destination) FROM one_time_code") == 2


async def test_a_broken_notifier_cannot_put_the_code_into_an_error():
    contact = an_email()
    code_id = await asked(contact)
    opened = await open_for_delivery(code_id)
    assert opened is not None
    Recorder.faults.append(ValueError(f"could not send {opened.code} to {contact.value}"))
    with pytest.raises(NotSent) as failed:
        await send_one_time_code(code_id)
    told = "".join(traceback.format_exception(failed.value))
    assert "ValueError" in told
    assert opened.code not in told
    assert contact.value not in told


async def test_a_notifier_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch):
    async def hang(self: Recorder, message: Message) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(Recorder, "send", hang)
    monkeypatch.setattr(sending, "SECONDS_TO_SEND", 0.05)
    code_id = await asked(an_email())
    with pytest.raises(NotSent, match="TimeoutError"):
        await send_one_time_code(code_id)
    assert await notice() == ("queued", 1, None, False)


async def test_without_a_notifier_it_waits():
    code_id = await asked(an_email())
    use()
    with pytest.raises(NoNotifier):
        await send_one_time_code(code_id)
    assert await notice() is None
    use(Recorder)
    await send_one_time_code(code_id)
    assert len(Recorder.sent) == 1


async def test_a_code_that_never_was():
    use(Recorder)
    await send_one_time_code(new_id())
    assert Recorder.sent == []
    assert await notice() is None


async def test_the_notice_keeps_neither_code_nor_contact():
    contact = an_email()
    code_id = await asked(contact)
    await send_one_time_code(code_id)
    [message] = Recorder.sent
    dump = str(await db.rows("SELECT n::text FROM notice n"))
    assert contact.value not in dump
    assert message.text not in dump
    assert contact.value not in repr(message)
    assert message.text not in repr(message)
