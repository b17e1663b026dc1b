"""Who may use a field: said in the schema by a directive, enforced before the resolver runs. What says nothing is refused."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import strawberry
from graphql import GraphQLSchema
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from perkhub.accounts import IdentityKind, Permission, ensure_customer, ensure_permission, ensure_permission_somewhere
from perkhub.kit.errors import NotAllowed, NotSignedIn
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.described import described

PermissionEnum = described(
    Permission,
    "What a staff group or a machine client may do.",
    {permission: f"{permission.meaning}." for permission in Permission},
)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="public", description="Anyone may use this field, signed in or not."
)
class Public:
    pass


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="customer", description="Only a signed-in customer, for what is their own."
)
class Customers:
    pass


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="staff", description="Any signed-in member of staff, for what is their own."
)
class StaffOnly:
    pass


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="signedIn", description="Any signed-in person: a customer or a member of staff."
)
class SignedInOnly:
    pass


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requires",
    description=(
        "Only staff and machine clients who hold the permission everywhere. What belongs to no channel asks for it so: "
        "a group that is limited to channels does not do."
    ),
)
class Requires:
    permission: PermissionEnum  # type: ignore[valid-type]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresInChannel",
    description=(
        "Only staff and machine clients who hold the permission in the channel of the thing that is shown or changed: "
        "everywhere, or by a group limited to channels of which it is one. A list shows the things of those channels alone."
    ),
)
class RequiresInChannel:
    permission: PermissionEnum  # type: ignore[valid-type]


class Access(FieldExtension):
    """Guards one root field: its directive, and the check that the directive promises."""

    def __init__(self, directive: object, check: Callable[[Context], None]) -> None:
        self.directive = directive
        self.check = check

    @property
    def of_operators(self) -> bool:
        """Whether it is for those who run the shop: what they do stands in the activity log."""
        return isinstance(self.directive, Requires | RequiresInChannel | StaffOnly)

    def apply(self, field: StrawberryField) -> None:
        """Print the rule in the schema."""
        field.directives = [*field.directives, self.directive]

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any) -> Any:
        """Check, then resolve."""
        self.allow(info)
        return await next_(source, info, **kwargs)

    def allow(self, info: Info) -> None:
        """Go on, or raise what was refused.

        Raises:
            AccessError.
        """
        if info.context.refused is not None:
            raise info.context.refused
        self.check(info.context)


def _anyone(context: Context) -> None:
    """Nothing to check."""


def _customer(context: Context) -> None:
    ensure_customer(context.identity)


def _staff(context: Context) -> None:
    if context.identity.kind is IdentityKind.ANONYMOUS:
        raise NotSignedIn
    if context.identity.kind is not IdentityKind.STAFF:
        raise NotAllowed(needs="a staff account")


def _signed_in(context: Context) -> None:
    if context.identity.kind is IdentityKind.ANONYMOUS:
        raise NotSignedIn
    if context.identity.kind not in (IdentityKind.CUSTOMER, IdentityKind.STAFF):
        raise NotAllowed(needs="a customer's or a staff account")


PUBLIC: Final = Access(Public(), _anyone)
CUSTOMER: Final = Access(Customers(), _customer)
STAFF: Final = Access(StaffOnly(), _staff)
SIGNED_IN: Final = Access(SignedInOnly(), _signed_in)


def requires(permission: Permission) -> Access:
    """Only who holds the permission everywhere."""
    return Access(Requires(permission=permission), lambda context: ensure_permission(context.identity, permission))


def requires_in_channel(permission: Permission) -> Access:
    """Who holds the permission in any channel. The resolver goes on by `ensure_permission(…, channel=…)`, or lists by
    `identity.channels_of`: only it knows which channel the thing belongs to."""
    directive = RequiresInChannel(permission=permission)
    return Access(directive, lambda context: ensure_permission_somewhere(context.identity, permission))


DIRECTIVES = (Public, Customers, StaffOnly, SignedInOnly, Requires, RequiresInChannel)


def refuse_unguarded(schema: GraphQLSchema) -> None:
    """Default deny: a root field that does not say who may use it, or says it and does not check it, stops the start.

    A subscription checks by itself, each time it looks.
    """
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in root.fields.items() if root is not None else ():
            told: StrawberryField = field.extensions["strawberry-definition"]
            said = [directive for directive in told.directives if isinstance(directive, DIRECTIVES)]
            checked = [extension for extension in told.extensions if isinstance(extension, Access)]
            if len(said) != 1 or (len(checked) != 1 and root is not schema.subscription_type):
                raise RuntimeError(f"the field {name!r} must say once who may use it: give it an access")
