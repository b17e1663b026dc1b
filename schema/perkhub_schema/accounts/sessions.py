"""Registering, signing in and out, refreshing, and passwords: whatever begins or ends a session."""

from datetime import datetime

import strawberry

from perkhub.accounts import (
    IdentityKind,
    SessionEnded,
    SignedIn,
    change_password,
    change_staff_password,
    refresh_session,
    register_customer,
    request_code,
    reset_password,
    sign_in_staff,
    sign_in_with_code,
    sign_in_with_password,
    sign_out,
)
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub_schema.accounts.colleagues import StaffMemberType, to_staff
from perkhub_schema.accounts.cookies import browser_key, forget_cookie, keep_in_cookie, token_in_cookie, wants_cookie
from perkhub_schema.accounts.customers import CustomerType, to_customer
from perkhub_schema.accounts.inputs import (
    CustomerRegisterInput,
    OneTimeCodeRequestInput,
    PasswordChangeInput,
    PasswordResetInput,
    SignInInput,
    StaffSignInInput,
    TokenRefreshInput,
)
from perkhub_schema.accounts.loaders import load_customers, load_staff
from perkhub_schema.graphql.access import CUSTOMER, PUBLIC, SIGNED_IN, STAFF
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.mutations import mutation

LOCALES = {"zh": "zh-CN", "en": "en"}


@strawberry.type(description="Tokens of a session, or why there is none. Send the access token as `Authorization: Bearer …`.")
class AuthPayload:
    signed_in: strawberry.Private[SignedIn | None] = None
    in_cookie: strawberry.Private[bool] = False
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")

    @strawberry.field(description="Good for some minutes; keep it in memory only.")
    def access_token(self) -> str | None:
        return self.signed_in.access_token if self.signed_in else None

    @strawberry.field(description="When to refresh at the latest.")
    def access_expires_at(self) -> datetime | None:
        return self.signed_in.access_expires_at if self.signed_in else None

    @strawberry.field(description="Good for one tokenRefresh, a second one ends the session; null where it is in a cookie.")
    def refresh_token(self) -> str | None:
        return self.signed_in.refresh_token if self.signed_in and not self.in_cookie else None

    @strawberry.field(description="When one has to sign in again, unless the session is refreshed before.")
    def refresh_expires_at(self) -> datetime | None:
        return self.signed_in.refresh_expires_at if self.signed_in else None

    @strawberry.field(description="Who signed in; null for staff.")
    async def customer(self, info: Info) -> CustomerType | None:
        if self.signed_in is None or self.signed_in.subject_kind is not IdentityKind.CUSTOMER:
            return None
        return to_customer(await info.context.loader(load_customers).load(self.signed_in.subject_id), own=True)

    @strawberry.field(description="The member of staff who signed in; null for customers.")
    async def staff(self, info: Info) -> StaffMemberType | None:
        if self.signed_in is None or self.signed_in.subject_kind is not IdentityKind.STAFF:
            return None
        return to_staff(await info.context.loader(load_staff).load(self.signed_in.subject_id))


@strawberry.type(description="What holds for every request, known contact or not.")
class OneTimeCodePayload:
    expires_at: datetime | None = strawberry.field(default=None, description="Until when the code is good.")
    resend_at: datetime | None = strawberry.field(default=None, description="When another may be asked for.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The session has ended; its access token lasts some minutes more.")
class SignOutPayload:
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Always empty.")


@mutation(PUBLIC, "Send a one-time code. The answer tells nobody whether the contact belongs to an account.")
async def one_time_code_request(info: Info, input: OneTimeCodeRequestInput) -> OneTimeCodePayload:
    contact = input.contact.to_contact("contact")
    locale = input.locale or info.context.say(LOCALES)
    requested = await request_code(contact, input.purpose, locale=locale, source=info.context.source_address)
    return OneTimeCodePayload(expires_at=requested.expires_at, resend_at=requested.resend_at)


@mutation(PUBLIC, "Become a customer with a contact and the code that was sent to it, and be signed in.")
async def customer_register(info: Info, input: CustomerRegisterInput) -> AuthPayload:
    signed_in = await register_customer(
        input.contact.to_contact("contact"),
        input.code,
        password=input.password,
        locale=input.locale or info.context.say(LOCALES),
        source=info.context.source_address,
    )
    return _begun(info.context, signed_in)


@mutation(PUBLIC, "Sign in as a customer, by password or by code.")
async def sign_in(info: Info, input: SignInInput) -> AuthPayload:
    contact, source = input.contact.to_contact("contact"), info.context.source_address
    if input.code is not None and input.password is None:
        signed_in = await sign_in_with_code(contact, input.code, source=source)
    elif input.password is not None and input.code is None:
        signed_in = await sign_in_with_password(contact, input.password, source=source)
    else:
        reason_zh = "请提供密码或验证码之一。"
        raise InvalidInput(path=("password",), reason="Give either a password or a code.", reason_zh=reason_zh)
    return _begun(info.context, signed_in)


@mutation(PUBLIC, "Trade a refresh token, or the cookie that holds it, for a new pair.")
async def token_refresh(info: Info, input: TokenRefreshInput | None = None) -> AuthPayload:
    given = input or TokenRefreshInput()
    if given.refresh_token is not None:
        return _begun(info.context, await refresh_session(given.refresh_token))
    kind = IdentityKind.STAFF if given.staff else IdentityKind.CUSTOMER
    token = token_in_cookie(info.context, kind)
    if token is None and not wants_cookie(info.context):
        raise InvalidInput(path=("refreshToken",), reason="Give the refresh token.", reason_zh="请提供刷新令牌。")
    try:
        return _begun(info.context, await refresh_session(token or "", browser=browser_key(info.context)))
    except SessionEnded:
        forget_cookie(info.context, kind)
        raise


@mutation(SIGNED_IN, "End this session: its refresh token works no more.")
async def end_session(info: Info) -> SignOutPayload:
    identity = info.context.identity
    await transact(lambda tx: sign_out(tx, identity))
    forget_cookie(info.context, identity.kind)
    return SignOutPayload()


@mutation(PUBLIC, "Set a new password by a code; ends every session and begins a new one.")
async def password_reset(info: Info, input: PasswordResetInput) -> AuthPayload:
    contact = input.contact.to_contact("contact")
    signed_in = await reset_password(contact, input.code, input.password, source=info.context.source_address)
    return _begun(info.context, signed_in)


@mutation(CUSTOMER, "Set a new password by the old one; ends every session and begins a new one.")
async def password_change(info: Info, input: PasswordChangeInput) -> AuthPayload:
    context = info.context
    signed_in = await change_password(context.party, old=input.old, new=input.new, source=context.source_address)
    return _begun(context, signed_in)


@mutation(PUBLIC, "Sign in as a member of staff.")
async def staff_sign_in(info: Info, input: StaffSignInInput) -> AuthPayload:
    signed_in = await sign_in_staff(input.email, input.password, source=info.context.source_address)
    return _begun(info.context, signed_in)


@mutation(STAFF, "Set one's own new password by the old one; ends every session and begins a new one.")
async def staff_password_change(info: Info, input: PasswordChangeInput) -> AuthPayload:
    context = info.context
    assert context.identity.id is not None
    signed_in = await change_staff_password(context.identity.id, old=input.old, new=input.new, source=context.source_address)
    return _begun(context, signed_in)


def _begun(context: Context, signed_in: SignedIn) -> AuthPayload:
    """The tokens, with the refresh token where this client keeps it."""
    in_cookie = wants_cookie(context)
    if in_cookie:
        keep_in_cookie(context, signed_in)
    return AuthPayload(signed_in=signed_in, in_cookie=in_cookie)


@strawberry.type
class SessionMutations:
    one_time_code_request = one_time_code_request
    customer_register = customer_register
    sign_in = sign_in
    token_refresh = token_refresh
    sign_out = end_session
    password_reset = password_reset
    password_change = password_change
    staff_sign_in = staff_sign_in
    staff_password_change = staff_password_change
