"""The operations that tests of accounts send, and the code that a person would read in their message."""

from typing import Any

from perkhub.accounts import ContactPoint, open_for_delivery
from tests.accounts.people import newest_code_id
from tests.schema.conftest import Api

ERRORS = "errors { __typename code message path ... on CodeWrong { attemptsLeft } ... on TooManyCodes { retryAfter } }"
AUTH = f"accessToken accessExpiresAt refreshToken refreshExpiresAt customer {{ id }} staff {{ id }} {ERRORS}"

REQUEST = f"""mutation ($input: OneTimeCodeRequestInput!) {{
    oneTimeCodeRequest(input: $input) {{ expiresAt resendAt {ERRORS} }} }}"""
REGISTER = f"mutation ($input: CustomerRegisterInput!) {{ customerRegister(input: $input) {{ {AUTH} }} }}"
SIGN_IN = f"mutation ($input: SignInInput!) {{ signIn(input: $input) {{ {AUTH} }} }}"
REFRESH = f"mutation ($input: TokenRefreshInput) {{ tokenRefresh(input: $input) {{ {AUTH} }} }}"
SIGN_OUT = f"mutation {{ signOut {{ {ERRORS} }} }}"
RESET = f"mutation ($input: PasswordResetInput!) {{ passwordReset(input: $input) {{ {AUTH} }} }}"
CHANGE = f"mutation ($input: PasswordChangeInput!) {{ passwordChange(input: $input) {{ {AUTH} }} }}"
ADD_CONTACT = f"""mutation ($input: ContactAddInput!) {{
    contactAdd(input: $input) {{ contact {{ kind masked }} customer {{ contacts {{ masked }} }} {ERRORS} }} }}"""
STAFF_SIGN_IN = f"mutation ($input: StaffSignInInput!) {{ staffSignIn(input: $input) {{ {AUTH} }} }}"
STAFF_CHANGE = f"mutation ($input: PasswordChangeInput!) {{ staffPasswordChange(input: $input) {{ {AUTH} }} }}"
ME = "{ me { id } }"


def given(contact: ContactPoint) -> dict[str, str]:
    """The contact as an input."""
    return {str(contact.kind): contact.value}


async def payload(api: Api, operation: str, told: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """The one mutation's payload; the operation itself was not refused."""
    answer = await api(operation, None if told is None else {"input": told}, **options)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = next(iter(answer["data"].values()))
    return found


async def refusal(api: Api, operation: str, told: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """The one error in the payload; nothing else is in it."""
    answer = await payload(api, operation, told, **options)
    [error] = answer.pop("errors")
    assert [value for value in answer.values() if value not in (None, [])] == []
    return error


async def the_code(contact: ContactPoint) -> str:
    """The code that was asked for last, as its owner reads it."""
    opened = await open_for_delivery(await newest_code_id(contact))
    assert opened is not None
    return opened.code


async def asked_code(api: Api, contact: ContactPoint, purpose: str) -> str:
    """Ask for a code, and read it."""
    answer = await payload(api, REQUEST, {"contact": given(contact), "purpose": purpose})
    assert answer["errors"] == []
    return await the_code(contact)
