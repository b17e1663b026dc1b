"""What people say when they register, sign in, and change what they sign in with."""

import strawberry

from perkhub.accounts import CodePurpose
from perkhub_schema.accounts.contacts import ContactInput
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.kept import NEVER_KEPT

CodePurposeEnum = described(
    CodePurpose,
    "What a one-time code is for; it is good for nothing else.",
    {
        CodePurpose.VERIFY: "To prove a contact, for customerRegister and contactAdd.",
        CodePurpose.SIGN_IN: "To sign in without a password.",
        CodePurpose.RESET: "To set a new password.",
    },
)


@strawberry.input(description="A one-time code to be sent.")
class OneTimeCodeRequestInput:
    contact: ContactInput = strawberry.field(description="Where to send it.")
    purpose: CodePurposeEnum = strawberry.field(description="What it is for.")  # type: ignore[valid-type]
    locale: str | None = strawberry.field(
        default=None, description="Language of the message, such as zh-CN; the request's if left out."
    )


@strawberry.input(description="A new customer.")
class CustomerRegisterInput:
    contact: ContactInput = strawberry.field(description="Their first contact.")
    code: str = strawberry.field(description="The code that was sent to it with purpose VERIFY.")
    password: str | None = strawberry.field(default=None, description="Leave out to sign in by codes only.")
    locale: str | None = strawberry.field(default=None, description="Language of their messages; the request's if left out.")


@strawberry.input(description="A customer's proof of who they are: a password or a code, exactly one of the two.")
class SignInInput:
    contact: ContactInput = strawberry.field(description="Any verified contact of theirs.")
    password: str | None = strawberry.field(default=None, description="Their password.")
    code: str | None = strawberry.field(default=None, description="The code that was sent with purpose SIGN_IN.")


@strawberry.input(description="A session to go on with.")
class TokenRefreshInput:
    refresh_token: str | None = strawberry.field(
        default=None, description="Leave out with the header `Perkhub-Cookies: 1`: the cookie is used."
    )
    staff: bool = strawberry.field(default=False, description="Use the cookie of staff, where a browser may hold both.")


@strawberry.input(description="A new password by a code.")
class PasswordResetInput:
    contact: ContactInput = strawberry.field(description="Any verified contact of theirs.")
    code: str = strawberry.field(description="The code that was sent to it with purpose RESET.")
    password: str = strawberry.field(description="The new password, at least 10 characters.", metadata=NEVER_KEPT)


@strawberry.input(description="A new password by the old one.")
class PasswordChangeInput:
    old: str = strawberry.field(description="The password until now.", metadata=NEVER_KEPT)
    new: str = strawberry.field(description="The new password, at least 10 characters.")


@strawberry.input(description="A further contact.")
class ContactAddInput:
    contact: ContactInput = strawberry.field(description="Which.")
    code: str = strawberry.field(description="The code that was sent to it with purpose VERIFY.")


@strawberry.input(description="A member of staff's proof of who they are.")
class StaffSignInInput:
    email: str = strawberry.field(description="Their e-mail address.")
    password: str = strawberry.field(description="Their password.")
