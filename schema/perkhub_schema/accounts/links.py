"""Linking a provider to the account that is signed in, and unlinking it.

A browser that goes to the provider carries no access token. So `identityLink`, which does, gives it a ticket in the address
and a secret in a cookie that belong together: a link that somebody else made is worth nothing in this browser, and nobody
is led to link their own sign-in to a stranger's account.
"""

import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import strawberry
from starlette.requests import Request
from starlette.responses import Response

from perkhub.accounts import (
    IdentityKind,
    LinkedIdentity,
    LinkTo,
    ProviderAudience,
    ProviderRecord,
    SignInRefused,
    linked_identities,
    live_providers,
    unlink_identity,
)
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.settings import settings
from perkhub_schema.accounts.cookies import is_secure
from perkhub_schema.graphql.access import SIGNED_IN
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.http.flows import LINK_COOKIE, PATH, opened, return_address, sealed

LIFE = timedelta(minutes=5)


@strawberry.type(
    name="LinkedIdentity", description="That somebody can sign in with a provider, or comes from a host application."
)
class LinkedIdentityType(Node):
    linked: strawberry.Private[LinkedIdentity]

    @strawberry.field(description="The provider's key; null for a host application.")
    def provider(self) -> str | None:
        return self.linked.provider_key

    @strawberry.field(description="What people call the provider, or the host application.")
    def name(self, info: Info) -> str:
        return info.context.say(self.linked.name)

    @strawberry.field(description='Who one is there, masked: "z••••@example.com".')
    def label(self) -> str:
        return self.linked.label

    @strawberry.field(description="Since when.")
    def created_at(self) -> datetime:
        return self.linked.created_at


async def load_linked(owners: list[UUID]) -> list[list[LinkedIdentity]]:
    """Linked identities by customer's party or member of staff."""
    found = await linked_identities(owners)
    return [found[owner] for owner in owners]


async def linked_of(context: Context, owner: UUID) -> list[LinkedIdentityType]:
    """Those of one person, on the wire."""
    found: list[LinkedIdentity] = await context.loader(load_linked).load(owner)
    return [LinkedIdentityType(id=global_id(Kind.LINKED_IDENTITY, one.id), linked=one) for one in found]


@strawberry.input(description="A provider to be linked to one's account.")
class IdentityLinkInput:
    provider: str = strawberry.field(description="Its key, as in `signInMethods`.", metadata=KEPT)
    return_to: str | None = strawberry.field(
        default=None, description="The page to come back to, with `linked` or `sign_in_error` in its address.", metadata=KEPT
    )


@strawberry.input(description="A linked sign-in to be taken away.")
class IdentityUnlinkInput:
    identity_id: strawberry.ID = strawberry.field(description="Which of one's own.")


@strawberry.type(description="Where to go on.")
class IdentityLinkPayload:
    url: str | None = strawberry.field(
        default=None, description="Send this browser there, within five minutes; the answer set a cookie that goes with it."
    )
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="What is still linked.")
class IdentityUnlinkPayload:
    identities: list[LinkedIdentityType] | None = strawberry.field(default=None, description="Of one's own account.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(SIGNED_IN, "Begin to link a provider to one's account, so that one can sign in with it.")
async def identity_link(info: Info, input: IdentityLinkInput) -> IdentityLinkPayload:
    context = info.context
    provider = (await live_providers()).get(input.provider)
    staff = context.identity.kind is IdentityKind.STAFF
    if provider is None or (provider.draft.audience is ProviderAudience.STAFF) is not staff:
        raise NotFound("identity provider", "身份提供方", path=("provider",))
    address = return_address(input.return_to)
    if address is None:
        reason = "Not an address of a page that browsers may be sent back to."
        raise InvalidInput(path=("returnTo",), reason=reason, reason_zh="返回地址不在允许范围内。")
    if not isinstance(context.response, Response) or context.identity.session_id is None:
        reason = "Only in a browser, over HTTP, after signing in here."
        raise InvalidInput(path=("provider",), reason=reason, reason_zh="仅支持已在本站登录的浏览器通过 HTTP 操作。")
    url = f"{settings().public_url.rstrip('/')}/auth/{provider.draft.key}/start"
    return IdentityLinkPayload(url=f"{url}?{urlencode({'return_to': address, 'link': _ticket(context, provider)})}")


@mutation(SIGNED_IN, "Take a linked sign-in away from one's account; the last way to sign in stays.")
async def identity_unlink(info: Info, input: IdentityUnlinkInput) -> IdentityUnlinkPayload:
    who, identity = info.context.identity, local_id(Kind.LINKED_IDENTITY, input.identity_id, "identityId")
    await transact(lambda tx: unlink_identity(tx, who, identity))
    assert who.id is not None
    return IdentityUnlinkPayload(identities=await linked_of(info.context, who.id))


def take_link(request: Request, provider: ProviderRecord) -> LinkTo | None:
    """To whose account the provider shall be linked; None where somebody just signs in.

    Raises:
        SignInRefused: the ticket is of another browser, of another provider, or too old.
    """
    ticket = request.query_params.get("link")
    if ticket is None:
        return None
    told, secret = opened(ticket, "link"), request.cookies.get(LINK_COOKIE, "")
    if (
        told is None
        or told["until"] < now().timestamp()
        or told["provider"] != str(provider.id)
        or not secrets.compare_digest(told["secret"].encode(), secret.encode("utf-8", "surrogatepass"))
    ):
        raise SignInRefused
    return LinkTo(IdentityKind(told["kind"]), UUID(told["id"]), UUID(told["session"]))


def _ticket(context: Context, provider: ProviderRecord) -> str:
    """For this browser alone: half of it is in the address, half in a cookie."""
    secret, who = secrets.token_urlsafe(24), context.identity
    assert isinstance(context.response, Response)
    context.response.set_cookie(
        LINK_COOKIE,
        secret,
        max_age=int(LIFE.total_seconds()),
        path=PATH,
        secure=is_secure(context.request),
        httponly=True,
        samesite="lax",
    )
    told = {"provider": str(provider.id), "kind": str(who.kind), "id": str(who.id), "session": str(who.session_id)}
    return sealed({**told, "secret": secret, "until": (now() + LIFE).timestamp()}, "link")


@strawberry.type
class LinkMutations:
    identity_link = identity_link
    identity_unlink = identity_unlink
