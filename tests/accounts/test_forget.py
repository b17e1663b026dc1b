"""What accounts forget by themselves, chunk by chunk."""

from datetime import timedelta

import pytest

from perkhub.accounts import CodePurpose, codes, forget_what_is_over, request_code, sign_in_with_password
from perkhub.kit import db
from perkhub.kit.clock import travel
from tests.accounts.people import PASSWORD, a_customer, an_email

pytestmark = pytest.mark.usefixtures("accounts")


async def test_old_codes_and_sessions_go_and_young_ones_stay(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(codes.forget_old_codes, "__kwdefaults__", {"at_most": 2})
    person = await a_customer(password=PASSWORD)
    for _ in range(5):
        await request_code(an_email(), CodePurpose.VERIFY)
        await sign_in_with_password(person.contact, PASSWORD)
    with travel(timedelta(days=38)):
        await request_code(an_email(), CodePurpose.VERIFY)
        await sign_in_with_password(person.contact, PASSWORD)
        await forget_what_is_over()
    for table in ("one_time_code", "refresh_token", "sign_in_session"):
        assert await db.value(f"SELECT count(*) FROM {table}") == 1
