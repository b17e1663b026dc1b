"""Trusted issuers as operators set them up. Whoever may, can let others in as customers: it is a right to give with care."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import orjson
import strawberry

from perkhub.accounts import (
    SIGNING_ALGORITHMS,
    IssuerChanges,
    IssuerDraft,
    archive_trusted_issuer,
    create_trusted_issuer,
    update_trusted_issuer,
)
from perkhub.kit.db import transact
from perkhub_schema.accounts.claims import ClaimMappingInput
from perkhub_schema.accounts.trusted_issuers import (
    MANAGE_SIGN_IN,
    TrustedIssuerType,
    load_trusted_issuers,
    to_trusted_issuer,
)
from perkhub_schema.graphql.context import Context, Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT
from perkhub_schema.graphql.mutations import mutation

KEYS_URL = "Where its public keys are, as a JSON Web Key Set over https; or give `pinnedKeys`."
PINNED = "Its public keys, the text of a JSON Web Key Set; or give `jwksUrl`."
READ_VERSION = "`trustedIssuer.version` as you read it; refused if it has moved since."
CHOICES = "Algorithms it may sign with, among RS256, ES256 and EdDSA."


@strawberry.input(description="A host application to be trusted.")
class TrustedIssuerCreateInput:
    name: str = strawberry.field(description="For colleagues, at most 80 characters.", metadata=KEPT)
    issuer: str = strawberry.field(description="The claim `iss` of its tokens, to the letter.", metadata=KEPT)
    audience: str = strawberry.field(description="What must be in the claim `aud` of a token for us.", metadata=KEPT)
    jwks_url: str | None = strawberry.field(default=None, description=KEYS_URL, metadata=KEPT)
    pinned_keys: str | None = strawberry.field(default=None, description=PINNED)
    algorithms: list[str] = strawberry.field(
        default_factory=lambda: list(SIGNING_ALGORITHMS), description=f"{CHOICES} All, if left out.", metadata=KEPT
    )
    subject_prefix: str = strawberry.field(
        default="", description="Only subjects that begin so are people, where it also signs for others.", metadata=KEPT
    )
    claims: ClaimMappingInput | None = strawberry.field(default=None, description="Which claims tell who somebody is.")

    def to_draft(self) -> IssuerDraft:
        """The domain's draft."""
        return IssuerDraft(
            name=self.name,
            issuer=self.issuer,
            audience=self.audience,
            jwks_url=self.jwks_url,
            pinned_keys=_parsed(self.pinned_keys),
            algorithms=self.algorithms,
            subject_prefix=self.subject_prefix,
            claims=(self.claims or ClaimMappingInput()).to_mapping(),
        )


@strawberry.input(description="Changes of a trusted issuer. What is left out stays as it is.")
class TrustedIssuerUpdateInput:
    trusted_issuer_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(
        description="`trustedIssuer.version` as you read it; refused if it has moved since."
    )
    name: strawberry.Maybe[str] = strawberry.field(description="For colleagues, at most 80 characters.", metadata=KEPT)
    issuer: strawberry.Maybe[str] = strawberry.field(description="The claim `iss` of its tokens, to the letter.", metadata=KEPT)
    audience: strawberry.Maybe[str] = strawberry.field(description="What must be in the claim `aud`.", metadata=KEPT)
    jwks_url: strawberry.Maybe[str] = strawberry.field(description=f"{KEYS_URL} It takes their place.", metadata=KEPT)
    pinned_keys: strawberry.Maybe[str] = strawberry.field(description=f"{PINNED} They take its place.")
    algorithms: strawberry.Maybe[list[str]] = strawberry.field(description=CHOICES, metadata=KEPT)
    subject_prefix: strawberry.Maybe[str] = strawberry.field(
        description="Only subjects that begin so are people.", metadata=KEPT
    )
    claims: strawberry.Maybe[ClaimMappingInput] = strawberry.field(description="Which claims tell who somebody is.")

    def to_changes(self) -> IssuerChanges:
        """What was given."""
        names = ("name", "issuer", "audience", "jwks_url", "pinned_keys", "algorithms", "subject_prefix", "claims")
        given: dict[str, Any] = {}
        for name in names:
            if (change := getattr(self, name)) is not None:
                given[name] = READERS[name](change.value) if name in READERS else change.value
        return cast("IssuerChanges", given)


@strawberry.input(description="A trusted issuer that shall be trusted no more; or again.")
class TrustedIssuerArchiveInput:
    trusted_issuer_id: strawberry.ID = strawberry.field(description="Which.")
    expected_version: int = strawberry.field(
        description="`trustedIssuer.version` as you read it; refused if it has moved since."
    )
    archived: bool = strawberry.field(default=True, description="False trusts it again: its people are who they were.")


@strawberry.type(description="The trusted issuer after the change.")
class TrustedIssuerPayload:
    trusted_issuer: TrustedIssuerType | None = strawberry.field(default=None, description="The issuer as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_SIGN_IN, "Trust a host application's word about who its users are: they become customers here.")
async def trusted_issuer_create(info: Info, input: TrustedIssuerCreateInput) -> TrustedIssuerPayload:
    draft = input.to_draft()
    made = await transact(lambda tx: create_trusted_issuer(tx, draft))
    return await _issuer(info.context, made)


@mutation(MANAGE_SIGN_IN, "Change a trusted issuer; tokens that are out are looked at again within a second.")
async def trusted_issuer_update(info: Info, input: TrustedIssuerUpdateInput) -> TrustedIssuerPayload:
    issuer, changes, version = _issuer_id(input.trusted_issuer_id), input.to_changes(), input.expected_version
    await transact(lambda tx: update_trusted_issuer(tx, issuer, changes, expected_version=version))
    return await _issuer(info.context, issuer)


@mutation(
    MANAGE_SIGN_IN, "Trust an issuer no more: its tokens are refused within a second. Its customers stay, with what they own."
)
async def trusted_issuer_archive(info: Info, input: TrustedIssuerArchiveInput) -> TrustedIssuerPayload:
    issuer, version, archived = _issuer_id(input.trusted_issuer_id), input.expected_version, input.archived
    await transact(lambda tx: archive_trusted_issuer(tx, issuer, expected_version=version, archived=archived))
    return await _issuer(info.context, issuer)


def _parsed(text: str | None) -> Any:
    """What the text says; what is no JSON is no set of keys either, and refused as such."""
    try:
        return None if text is None else orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


READERS: dict[str, Callable[[Any], Any]] = {"claims": ClaimMappingInput.to_mapping, "pinned_keys": _parsed}


def _issuer_id(given: strawberry.ID) -> UUID:
    return local_id(Kind.TRUSTED_ISSUER, given, "trustedIssuerId")


async def _issuer(context: Context, issuer: UUID) -> TrustedIssuerPayload:
    return TrustedIssuerPayload(trusted_issuer=to_trusted_issuer(await context.loader(load_trusted_issuers).load(issuer)))


@strawberry.type
class TrustedIssuerMutations:
    trusted_issuer_create = trusted_issuer_create
    trusted_issuer_update = trusted_issuer_update
    trusted_issuer_archive = trusted_issuer_archive
