"""Identity providers on the wire, and reading them; to everybody, with what they can sign in."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.accounts import (
    Permission,
    ProviderAudience,
    ProviderRecord,
    list_providers,
    live_providers,
    providers_by_id,
)
from perkhub.kit.settings import settings
from perkhub_schema.accounts.claims import ClaimMappingType, to_claim_mapping
from perkhub_schema.accounts.colleagues import PermissionGroupType, to_group
from perkhub_schema.accounts.loaders import load_groups
from perkhub_schema.graphql.access import PUBLIC, requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id
from perkhub_schema.graphql.texts import LocalizedText, to_localized

MANAGE_SIGN_IN = requires(Permission.MANAGE_SIGN_IN)

AudienceEnum = described(
    ProviderAudience,
    "Who signs in with a provider.",
    {ProviderAudience.CUSTOMER: "Customers, in the shop.", ProviderAudience.STAFF: "Staff, in the console."},
    name="ProviderAudience",
)


@strawberry.type(name="IdentityProvider", description="An OpenID Connect provider that people sign in with.")
class IdentityProviderType(Node):
    record: strawberry.Private[ProviderRecord]

    @strawberry.field(description="Its name in addresses: /auth/{key}/start.")
    def key(self) -> str:
        return self.record.draft.key

    @strawberry.field(description="What people call it, on the button.")
    def name(self) -> LocalizedText:
        return to_localized(self.record.draft.name)

    @strawberry.field(description="Who signs in with it.")
    def audience(self) -> AudienceEnum:  # type: ignore[valid-type]
        return self.record.draft.audience

    @strawberry.field(description="Its issuer, below which its configuration is found.")
    def issuer(self) -> str:
        return self.record.draft.issuer

    @strawberry.field(description="What we are called there.")
    def client_id(self) -> str:
        return self.record.draft.client_id

    @strawberry.field(description="Whether we have a secret there; the secret itself is told to nobody.")
    def has_client_secret(self) -> bool:
        return self.record.sealed_secret is not None

    @strawberry.field(description="The address to be allowed there: it sends browsers back to it.")
    def callback_url(self) -> str:
        return f"{settings().public_url.rstrip('/')}/auth/{self.record.draft.key}/callback"

    @strawberry.field(description="What is asked for: openid, email, profile …")
    def scopes(self) -> list[str]:
        return list(self.record.draft.scopes)

    @strawberry.field(description="Which claims tell who somebody is.")
    def claims(self) -> ClaimMappingType:
        return to_claim_mapping(self.record.draft.claims)

    @strawberry.field(description="Only people with a verified e-mail of these domains; empty: all.")
    def email_domains(self) -> list[str]:
        return list(self.record.draft.email_domains)

    @strawberry.field(description="Whether it owns these domains: a verified e-mail opens the customer's account that has it.")
    def links_by_email(self) -> bool:
        return self.record.draft.links_by_email

    @strawberry.field(description="Groups that staff get when they first sign in with it.")
    async def groups(self, info: Info) -> list[PermissionGroupType]:
        found = await info.context.loader(load_groups).load_many(list(self.record.draft.group_ids))
        return [to_group(group) for group in found if group is not None]

    @strawberry.field(description="Grows with each change; give it as `expectedVersion`.")
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="Since when nobody signs in with it any more; null while people do.")
    def archived_at(self) -> datetime | None:
        return self.record.archived_at

    @strawberry.field(description="When it was set up.")
    def created_at(self) -> datetime:
        return self.record.created_at


@strawberry.type(description="A provider that one can sign in with.")
class SignInMethod:
    provider: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="For the button, in the request's language.")
    audience: AudienceEnum = strawberry.field(description="Who signs in with it.")  # type: ignore[valid-type]
    start_url: str = strawberry.field(
        description="Send the browser there, with `return_to`: the page to come back to. It comes back with `signed_in` or "
        "`sign_in_error` in its address, and with a refresh token in its cookie for `tokenRefresh`."
    )


def to_provider(record: ProviderRecord) -> IdentityProviderType:
    """The provider on the wire."""
    return IdentityProviderType(id=global_id(Kind.IDENTITY_PROVIDER, record.id), record=record)


async def load_providers(ids: list[UUID]) -> list[ProviderRecord | None]:
    """Identity providers by id."""
    found = await providers_by_id(ids)
    return [found.get(key) for key in ids]


@strawberry.type
class IdentityProviderQueries:
    @query(MANAGE_SIGN_IN, "An identity provider; null when there is none.")
    async def identity_provider(self, info: Info, id: strawberry.ID) -> IdentityProviderType | None:
        found = await info.context.loader(load_providers).load(local_id(Kind.IDENTITY_PROVIDER, id, "id"))
        return None if found is None else to_provider(found)

    @query(MANAGE_SIGN_IN, "Every identity provider, newest first, archived ones too.")
    async def identity_providers(self, first: int | None = None, after: str | None = None) -> Connection[IdentityProviderType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_providers(first=limit, after=before),
            to_node=to_provider,
            to_cursor=lambda provider: provider.id.hex,
        )

    @query(PUBLIC, "The providers that one can sign in with, besides passwords and codes.")
    async def sign_in_methods(self, info: Info) -> list[SignInMethod]:
        base = settings().public_url.rstrip("/")
        return [
            SignInMethod(
                provider=key,
                name=info.context.say(provider.draft.name),
                audience=provider.draft.audience,
                start_url=f"{base}/auth/{key}/start",
            )
            for key, provider in (await live_providers()).items()
        ]
