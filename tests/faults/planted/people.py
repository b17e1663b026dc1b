"""Registering, signing in, failing to, and resetting: with planted contacts and passwords."""

from dataclasses import dataclass
from typing import Any

from tests.faults.planted.needles import marked
from tests.faults.planted.visitor import Visitor

ADMIN = "admin@example.com"  # typed into a command line, where everybody on the machine may read it
EDDY = f"{marked('Eddy')}@example.com"
ANNA = {"email": f"{marked('Anna')}@example.com"}
BORIS = {"phone": "13869204471"}
CARLA = {"email": f"{marked('Carla')}@example.com"}
# Comes with the shop: whoever registers has just got a code, and must wait a minute for one to reset with.
DORA = {"email": f"{marked('Dora')}@example.com"}
PHONES = {"phone": "13869204471", "further phone": "13869204482"}
PASSWORD = marked(" a first password")
NEW_PASSWORD = marked(" a second password")

ERRORS = "errors { code message path }"
SESSION = f"accessToken refreshToken customer {{ id contacts {{ id masked }} }} {ERRORS}"
STAFF_SIGN_IN = f"mutation ($input: StaffSignInInput!) {{ staffSignIn(input: $input) {{ accessToken refreshToken {ERRORS} }} }}"
STAFF_CREATE = f"mutation ($input: StaffCreateInput!) {{ staffCreate(input: $input) {{ staff {{ maskedEmail }} {ERRORS} }} }}"
CODE_REQUEST = f"mutation ($input: OneTimeCodeRequestInput!) {{ oneTimeCodeRequest(input: $input) {{ expiresAt {ERRORS} }} }}"
REGISTER = f"mutation ($input: CustomerRegisterInput!) {{ customerRegister(input: $input) {{ {SESSION} }} }}"
SIGN_IN = f"mutation ($input: SignInInput!) {{ signIn(input: $input) {{ {SESSION} }} }}"
REFRESH = f"mutation ($input: TokenRefreshInput!) {{ tokenRefresh(input: $input) {{ {SESSION} }} }}"
RESET = f"mutation ($input: PasswordResetInput!) {{ passwordReset(input: $input) {{ {SESSION} }} }}"
CHANGE = f"mutation ($input: PasswordChangeInput!) {{ passwordChange(input: $input) {{ {SESSION} }} }}"
CONTACT_ADD = f"mutation ($input: ContactAddInput!) {{ contactAdd(input: $input) {{ contact {{ masked }} {ERRORS} }} }}"
FIND = "query ($input: ContactInput!) { customer(contact: $input) { id contacts { id masked } } }"
UNMASK = f"mutation ($input: ContactUnmaskInput!) {{ contactUnmask(input: $input) {{ value {ERRORS} }} }}"


@dataclass
class People:
    """Who is signed in."""

    staff: str
    anna: str
    boris: str


def come_in(visitor: Visitor) -> People:
    """An administrator by the command line; customers by e-mail and by phone."""
    visitor.run("admin", "create", ADMIN, typed=f"{PASSWORD}\n{PASSWORD}\n")
    visitor.ask(STAFF_SIGN_IN, {"email": ADMIN, "password": NEW_PASSWORD})
    staff = visitor.signed_in(STAFF_SIGN_IN, {"email": ADMIN, "password": PASSWORD})
    visitor.ask(STAFF_CREATE, {"email": EDDY, "password": PASSWORD, "groupIds": []}, token=staff)
    visitor.ask(STAFF_CREATE, {"email": EDDY, "password": PASSWORD, "groupIds": []}, token=staff)  # taken
    visitor.signed_in(STAFF_SIGN_IN, {"email": EDDY, "password": PASSWORD})
    code = visitor.one_time_code(CODE_REQUEST, ANNA, "VERIFY")
    visitor.ask(CODE_REQUEST, {"contact": ANNA, "purpose": "VERIFY"})  # too soon
    visitor.ask(REGISTER, {"contact": ANNA, "code": "000000" if code != "000000" else "1" * 6, "password": PASSWORD})
    anna = visitor.signed_in(REGISTER, {"contact": ANNA, "code": code, "password": PASSWORD})
    visitor.ask(REGISTER, {"contact": ANNA, "code": code, "password": PASSWORD})  # used up
    code = visitor.one_time_code(CODE_REQUEST, BORIS, "VERIFY")
    boris = visitor.signed_in(REGISTER, {"contact": BORIS, "code": code})
    return People(staff, anna, boris)


def change_passwords(visitor: Visitor, people: People) -> None:
    """Wrong ones, a stolen refresh token, a further contact, a reset by it."""
    visitor.ask(SIGN_IN, {"contact": ANNA, "password": NEW_PASSWORD})
    visitor.ask(SIGN_IN, {"contact": CARLA, "password": PASSWORD})
    visitor.ask(SIGN_IN, {"contact": {"email": marked("no-address")}, "password": PASSWORD})
    visitor.signed_in(SIGN_IN, {"contact": ANNA, "password": PASSWORD})
    stolen = visitor.tokens[max(name for name in visitor.tokens if name.startswith("refresh"))]
    visitor.signed_in(REFRESH, {"refreshToken": stolen})
    visitor.ask(REFRESH, {"refreshToken": stolen})
    further = {"phone": PHONES["further phone"]}
    code = visitor.one_time_code(CODE_REQUEST, further, "VERIFY")
    visitor.ask(CONTACT_ADD, {"contact": further, "code": code}, token=people.anna)
    code = visitor.one_time_code(CODE_REQUEST, CARLA, "VERIFY")
    carla = visitor.signed_in(REGISTER, {"contact": CARLA, "code": code, "password": PASSWORD})
    visitor.ask(CHANGE, {"old": NEW_PASSWORD, "new": PASSWORD}, token=carla)
    visitor.signed_in(CHANGE, {"old": PASSWORD, "new": NEW_PASSWORD}, token=carla)
    visitor.ask(RESET, {"contact": ANNA, "code": "123456", "password": NEW_PASSWORD})
    code = visitor.one_time_code(CODE_REQUEST, DORA, "RESET")
    visitor.signed_in(RESET, {"contact": DORA, "code": code, "password": NEW_PASSWORD})


def be_looked_up(visitor: Visitor, people: People) -> None:
    """Staff finds a customer by a contact, sees it masked, and reads it in clear, which alone is rightful."""
    found: Any = visitor.ask(FIND, ANNA, token=people.staff)
    for contact in found["contacts"]:
        shown = visitor.ask(UNMASK, {"contactId": contact["id"], "reason": "help"}, token=people.staff, rightful=True)
        assert shown["errors"] == [], shown["errors"]
