"""Identity providers as operators set them up: who vouches for customers; and for staff, by those who manage staff."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import strawberry

from perkhub.accounts import ProviderChanges, ProviderDraft, archive_provider, create_provider, update_provider
from perkhub.kit.db import transact
from perkhub_schema.accounts.claims import ClaimMappingInput
from perkhub_schema.accounts.identity_providers import (
    MANAGE_SIGN_IN,
    AudienceEnum,
    IdentityProviderType,
    load_providers,
    to_provider,
)
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT, NEVER_KEPT
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.graphql.texts import LocalizedTextInput

READ_VERSION = "`identityProvider.version` as you read it; refused if it has moved since."
ISSUER = "Its issuer, an https address to the letter; its configuration is found below it."
DOMAINS = "Only people with a verified e-mail of these domains, at most 100; for staff one at least."
LINKS = "It owns these domains: a verified e-mail opens the customer's account that has the same. Never an account of staff."
GROUPS = "Groups that staff get when they first sign in with it, at most 50; none that may more than you."


@strawberry.input(description="A provider that people shall sign in with.")
class IdentityProviderCreateInput:
    key: str = strawberry.field(description="Its name in addresses: 2 to 40 of a-z, 0-9 and '-'; for good.", metadata=KEPT)
    name: LocalizedTextInput = strawberry.field(description="For the button, at most 60 characters.")
    audience: AudienceEnum = strawberry.field(description="Who signs in with it; for good.")  # type: ignore[valid-type]
    issuer: str = strawberry.field(description=ISSUER, metadata=KEPT)
    client_id: str = strawberry.field(description="What we are called there.", metadata=KEPT)
    client_secret: str | None = strawberry.field(
        default=None, description="Our secret there; kept sealed and told to nobody.", metadata=NEVER_KEPT
    )
    scopes: list[str] = strawberry.field(
        default_factory=lambda: ["openid", "email", "profile"], description="What is asked for.", metadata=KEPT
    )
    claims: ClaimMappingInput | None = strawberry.field(default=None, description="Which claims tell who somebody is.")
    email_domains: list[str] = strawberry.field(default_factory=list, description=DOMAINS, metadata=KEPT)
    links_by_email: bool = strawberry.field(default=False, description=LINKS)
    group_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description=GROUPS)

    def to_draft(self) -> ProviderDraft:
        """The domain's draft."""
        return ProviderDraft(
            key=self.key,
            name=self.name.to_texts(),
            audience=self.audience,
            issuer=self.issuer,
            client_id=self.client_id,
            client_secret=self.client_secret,
            scopes=self.scopes,
            claims=(self.claims or ClaimMappingInput()).to_mapping(),
            email_domains=self.email_domains,
            links_by_email=self.links_by_email,
            group_ids=_groups(self.group_ids),
        )


@strawberry.input(description="Changes of an identity provider. What is left out stays as it is.")
class IdentityProviderUpdateInput:
    identity_provider_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description=READ_VERSION)
    name: strawberry.Maybe[LocalizedTextInput] = strawberry.field(description="For the button, in all its languages.")
    issuer: strawberry.Maybe[str] = strawberry.field(description=f"{ISSUER} Another one unlinks everybody.", metadata=KEPT)
    client_id: strawberry.Maybe[str] = strawberry.field(description="What we are called there.", metadata=KEPT)
    client_secret: strawberry.Maybe[str | None] = strawberry.field(
        description="Our secret there; null takes it away.", metadata=NEVER_KEPT
    )
    scopes: strawberry.Maybe[list[str]] = strawberry.field(description="What is asked for.", metadata=KEPT)
    claims: strawberry.Maybe[ClaimMappingInput] = strawberry.field(description="Which claims tell who somebody is.")
    email_domains: strawberry.Maybe[list[str]] = strawberry.field(description=DOMAINS, metadata=KEPT)
    links_by_email: strawberry.Maybe[bool] = strawberry.field(description=LINKS)
    group_ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(description=GROUPS)

    def to_changes(self) -> ProviderChanges:
        """What was given, null included."""
        given: dict[str, Any] = {}
        for name in ProviderChanges.__annotations__:
            if (change := getattr(self, name)) is not None:
                given[name] = READERS[name](change.value) if name in READERS else change.value
        return cast("ProviderChanges", given)


@strawberry.input(description="An identity provider with which nobody shall sign in any more; or again.")
class IdentityProviderArchiveInput:
    identity_provider_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(description=READ_VERSION)
    archived: bool = strawberry.field(default=True, description="False opens it again: its people are who they were.")


@strawberry.type(description="The identity provider after the change.")
class IdentityProviderPayload:
    identity_provider: IdentityProviderType | None = strawberry.field(default=None, description="The provider as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_SIGN_IN, "Let people sign in with a provider. One for staff takes MANAGE_STAFF, too.")
async def identity_provider_create(info: Info, input: IdentityProviderCreateInput) -> IdentityProviderPayload:
    draft, by = input.to_draft(), info.context.identity
    return await _provider(info.context, await transact(lambda tx: create_provider(tx, draft, by=by)))


@mutation(MANAGE_SIGN_IN, "Change an identity provider. One for staff takes MANAGE_STAFF, too.")
async def identity_provider_update(info: Info, input: IdentityProviderUpdateInput) -> IdentityProviderPayload:
    provider, by = _provider_id(input.identity_provider_id), info.context.identity
    changes, version = input.to_changes(), input.expected_version
    await transact(lambda tx: update_provider(tx, provider, changes, expected_version=version, by=by))
    return await _provider(info.context, provider)


@mutation(MANAGE_SIGN_IN, "Let nobody sign in with a provider any more. One for staff takes MANAGE_STAFF, too.")
async def identity_provider_archive(info: Info, input: IdentityProviderArchiveInput) -> IdentityProviderPayload:
    provider, by = _provider_id(input.identity_provider_id), info.context.identity
    version, archived = input.expected_version, input.archived
    await transact(lambda tx: archive_provider(tx, provider, expected_version=version, archived=archived, by=by))
    return await _provider(info.context, provider)


def _groups(given: list[strawberry.ID]) -> list[UUID]:
    return [local_id(Kind.PERMISSION_GROUP, one, "groupIds", str(place)) for place, one in enumerate(given)]


READERS: dict[str, Callable[[Any], Any]] = {
    "name": LocalizedTextInput.to_texts,
    "claims": ClaimMappingInput.to_mapping,
    "group_ids": _groups,
}


def _provider_id(given: strawberry.ID) -> UUID:
    return local_id(Kind.IDENTITY_PROVIDER, given, "identityProviderId")


async def _provider(context: Context, provider: UUID) -> IdentityProviderPayload:
    return IdentityProviderPayload(identity_provider=to_provider(await context.loader(load_providers).load(provider)))


@strawberry.type
class IdentityProviderMutations:
    identity_provider_create = identity_provider_create
    identity_provider_update = identity_provider_update
    identity_provider_archive = identity_provider_archive
