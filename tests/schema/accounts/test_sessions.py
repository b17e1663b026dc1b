"""Registering, signing in, refreshing, signing out and passwords, through HTTP."""

from datetime import timedelta

import pytest

from perkhub.accounts import block_customer
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact
from perkhub.notices import send_one_time_code
from tests.accounts.people import another_than, newest_code_id
from tests.factories import PASSWORD, Shop, a_phone, an_email
from tests.schema.accounts.operations import (
    ADD_CONTACT,
    CHANGE,
    ME,
    REFRESH,
    REGISTER,
    REQUEST,
    RESET,
    SIGN_IN,
    SIGN_OUT,
    STAFF_CHANGE,
    STAFF_SIGN_IN,
    asked_code,
    given,
    payload,
    refusal,
)
from tests.schema.conftest import Api

NEW = "a wholly new password"


async def test_from_a_contact_to_a_session_and_back_to_a_new_password(api: Api):
    contact = an_email()
    code = await asked_code(api, contact, "VERIFY")
    registered = await payload(api, REGISTER, {"contact": given(contact), "code": code, "password": PASSWORD})
    assert (await api(ME, token=registered["accessToken"]))["data"]["me"] == registered["customer"]

    signed_in = await payload(api, SIGN_IN, {"contact": given(contact), "password": PASSWORD})
    assert signed_in["customer"] == registered["customer"]
    assert signed_in["staff"] is None

    second = await payload(api, REFRESH, {"refreshToken": signed_in["refreshToken"]})
    assert second["customer"] == registered["customer"]
    reused = await refusal(api, REFRESH, {"refreshToken": signed_in["refreshToken"]})
    assert reused["code"] == "TOKEN_REUSED"
    assert (await refusal(api, REFRESH, {"refreshToken": second["refreshToken"]}))["code"] == "SESSION_ENDED"

    with travel(timedelta(minutes=2)):
        code = await asked_code(api, contact, "RESET")
        reset = await payload(api, RESET, {"contact": given(contact), "code": code, "password": NEW})
    assert reset["customer"] == registered["customer"]
    assert (await refusal(api, REFRESH, {"refreshToken": registered["refreshToken"]}))["code"] == "SESSION_ENDED"
    assert (await refusal(api, SIGN_IN, {"contact": given(contact), "password": PASSWORD}))["code"] == "SIGN_IN_FAILED"
    assert (await payload(api, SIGN_IN, {"contact": given(contact), "password": NEW}))["errors"] == []


async def test_in_by_a_code_to_a_phone(api: Api, shop: Shop):
    person = await shop.customer(contact=a_phone())
    code = await asked_code(api, person.contact, "SIGN_IN")
    signed_in = await payload(api, SIGN_IN, {"contact": given(person.contact), "code": code})
    assert (await api(ME, token=signed_in["accessToken"]))["data"]["me"] == signed_in["customer"]
    again = await refusal(api, SIGN_IN, {"contact": given(person.contact), "code": code})
    assert (again["code"], again["path"]) == ("CODE_EXPIRED", ["input", "code"])


async def test_a_wrong_code_says_how_many_guesses_are_left_and_then_dies(api: Api):
    contact = an_email()
    code = await asked_code(api, contact, "VERIFY")
    wrong = {"contact": given(contact), "code": another_than(code)}
    told = [await refusal(api, REGISTER, wrong) for _ in range(6)]
    assert [error.get("attemptsLeft") for error in told] == [4, 3, 2, 1, 0, None]
    assert {error["__typename"] for error in told[:5]} == {"CodeWrong"}
    assert (await refusal(api, REGISTER, {"contact": given(contact), "code": code}))["code"] == "CODE_EXPIRED"
    assert await db.value("SELECT count(*) FROM party") == 0


async def test_a_code_is_good_for_its_purpose_alone(api: Api, shop: Shop):
    person = await shop.customer()
    code = await asked_code(api, person.contact, "SIGN_IN")
    reset = {"contact": given(person.contact), "code": code, "password": NEW}
    assert (await refusal(api, RESET, reset))["code"] == "CODE_EXPIRED"


async def test_a_second_code_at_once_is_refused_with_the_time_to_wait(api: Api):
    contact = an_email()
    await asked_code(api, contact, "VERIFY")
    error = await refusal(api, REQUEST, {"contact": given(contact), "purpose": "VERIFY"})
    assert (error["__typename"], error["path"]) == ("TooManyCodes", ["input", "contact"])
    assert 0 < error["retryAfter"] <= 61


async def test_a_request_answers_strangers_and_customers_alike(api: Api, shop: Shop):
    known, unknown = (await shop.customer()).contact, an_email()
    answers = [await payload(api, REQUEST, {"contact": given(contact), "purpose": "SIGN_IN"}) for contact in (known, unknown)]
    assert [sorted(answer) for answer in answers] == [["errors", "expiresAt", "resendAt"]] * 2
    assert [answer["errors"] for answer in answers] == [[], []]


async def test_a_contact_that_is_taken_is_told_to_its_owner_alone(api: Api, shop: Shop):
    person = await shop.customer()
    code = await asked_code(api, person.contact, "VERIFY")
    wrong = {"contact": given(person.contact), "code": another_than(code)}
    assert (await refusal(api, REGISTER, wrong))["code"] == "CODE_WRONG"
    taken = await refusal(api, REGISTER, {"contact": given(person.contact), "code": code})
    assert (taken["code"], taken["path"]) == ("CONTACT_TAKEN", ["input", "contact"])
    assert await db.value("SELECT count(*) FROM party") == 1


async def test_the_message_speaks_the_language_of_the_request(api: Api, capsys: pytest.CaptureFixture[str]):
    for language, word in (("zh-CN,zh;q=0.9", "验证码"), ("en", "verification code")):
        contact = an_email()
        await payload(api, REQUEST, {"contact": given(contact), "purpose": "VERIFY"}, language=language)
        await send_one_time_code(await newest_code_id(contact))
        assert word in capsys.readouterr().err


async def test_refusals_speak_the_language_of_the_request(api: Api, shop: Shop):
    told = {"contact": given((await shop.customer()).contact), "password": "no password of theirs"}
    assert (await refusal(api, SIGN_IN, told, language="en"))["message"].startswith("Sign-in failed")
    assert (await refusal(api, SIGN_IN, told, language="zh-CN"))["message"].startswith("登录失败")
    short = {"contact": given(an_email()), "code": "123456", "password": "short"}
    assert (await refusal(api, REGISTER, short, language="zh"))["message"] == "密码强度不足:至少 10 个字符。"


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"contact": {"email": "nobody"}, "password": PASSWORD}, ["input", "contact", "email"]),
        ({"contact": {"email": "a\x00b@example.com"}, "password": PASSWORD}, ["input", "contact", "email"]),
        ({"contact": {"phone": "12"}, "password": PASSWORD}, ["input", "contact", "phone"]),
        ({"contact": {"email": "x" * 100_000}, "password": PASSWORD}, ["input", "contact", "email"]),
        ({"contact": {"email": "a@example.com"}}, ["input", "password"]),
        ({"contact": {"email": "a@example.com"}, "password": PASSWORD, "code": "123456"}, ["input", "password"]),
    ],
)
async def test_bad_input_is_named_and_never_repeated(api: Api, told: dict[str, object], path: list[str]):
    answer = await api.send(SIGN_IN, {"input": told})
    [error] = answer.json()["data"]["signIn"]["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", path)
    assert PASSWORD not in answer.text
    assert "xxxx" not in answer.text


@pytest.mark.parametrize("contact", [{}, {"email": "a@example.com", "phone": "13800138000"}, {"email": None}, None, 7])
async def test_exactly_one_contact(api: Api, contact: object):
    answer = await api(SIGN_IN, {"input": {"contact": contact, "password": PASSWORD}})
    assert answer["data"] is None
    assert PASSWORD not in str(answer)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\x01" * 43, "x" * 1_000_000])
async def test_no_refresh_by_garbage(api: Api, token: str):
    assert (await refusal(api, REFRESH, {"refreshToken": token}))["code"] == "SESSION_ENDED"


async def test_the_block_ends_the_session_and_refuses_a_new_one(api: Api, shop: Shop):
    person = await shop.customer(password=PASSWORD)
    await transact(lambda tx: block_customer(tx, person.party_id))
    assert (await refusal(api, REFRESH, {"refreshToken": person.refresh_token}))["code"] == "SESSION_ENDED"
    told = {"contact": given(person.contact), "password": PASSWORD}
    assert (await refusal(api, SIGN_IN, told))["code"] == "SIGN_IN_FAILED"
    assert await db.value("SELECT count(*) FROM sign_in_session WHERE revoked_at IS NULL") == 0


async def test_signing_out_ends_the_session(api: Api, shop: Shop):
    for person in (await shop.customer(), await shop.staff()):
        assert (await payload(api, SIGN_OUT, token=person.token))["errors"] == []
        assert (await refusal(api, REFRESH, {"refreshToken": person.refresh_token}))["code"] == "SESSION_ENDED"


async def test_a_customer_changes_their_password(api: Api, shop: Shop):
    person = await shop.customer(password=PASSWORD)
    failed = await refusal(api, CHANGE, {"old": "not the old one", "new": NEW}, token=person.token)
    assert (failed["code"], failed["path"]) == ("SIGN_IN_FAILED", ["input", "old"])
    weak = await refusal(api, CHANGE, {"old": PASSWORD, "new": "short"}, token=person.token)
    assert (weak["code"], weak["path"]) == ("PASSWORD_TOO_WEAK", ["input", "new"])
    changed = await payload(api, CHANGE, {"old": PASSWORD, "new": NEW}, token=person.token)
    assert (await payload(api, REFRESH, {"refreshToken": changed["refreshToken"]}))["errors"] == []
    assert (await refusal(api, REFRESH, {"refreshToken": person.refresh_token}))["code"] == "SESSION_ENDED"


async def test_a_customer_adds_a_contact_and_signs_in_by_it(api: Api, shop: Shop):
    person, phone = await shop.customer(password=PASSWORD), a_phone()
    code = await asked_code(api, phone, "VERIFY")
    added = await payload(api, ADD_CONTACT, {"contact": given(phone), "code": code}, token=person.token)
    assert added["contact"] == {"kind": "PHONE", "masked": phone.masked}
    assert len(added["customer"]["contacts"]) == 2
    assert (await payload(api, SIGN_IN, {"contact": given(phone), "password": PASSWORD}))["errors"] == []


async def test_staff_sign_in_by_their_own_door(api: Api, shop: Shop):
    member = await shop.staff()
    told = {"email": member.contact.value, "password": PASSWORD}
    signed_in = await payload(api, STAFF_SIGN_IN, told)
    assert signed_in["customer"] is None
    assert (await api("{ myStaff { id } }", token=signed_in["accessToken"]))["data"]["myStaff"] == signed_in["staff"]
    customers_door = {"contact": given(member.contact), "password": PASSWORD}
    assert (await refusal(api, SIGN_IN, customers_door))["code"] == "SIGN_IN_FAILED"
    changed = await payload(api, STAFF_CHANGE, {"old": PASSWORD, "new": NEW}, token=member.token)
    assert changed["staff"] == signed_in["staff"]
    assert (await refusal(api, STAFF_SIGN_IN, told))["code"] == "SIGN_IN_FAILED"


async def test_too_many_attempts_are_turned_away(api: Api, shop: Shop):
    told = {"contact": given((await shop.customer()).contact), "code": "000000"}
    for _ in range(20):
        await refusal(api, SIGN_IN, told)
    answer = await api(SIGN_IN, {"input": told})
    assert answer["errors"][0]["extensions"]["code"] == "TOO_FAST"
