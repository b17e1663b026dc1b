"""Trusted issuers on the wire, and reading them."""

from datetime import datetime
from uuid import UUID

import orjson
import strawberry

from perkhub.accounts import Permission, TrustedIssuerRecord, list_trusted_issuers, trusted_issuers_by_id
from perkhub_schema.accounts.claims import ClaimMappingType, to_claim_mapping
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.graphql.mutations import query
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id

MANAGE_SIGN_IN = requires(Permission.MANAGE_SIGN_IN)


@strawberry.type(
    name="TrustedIssuer",
    description="A host application whose own users are customers here: they send its tokens instead of ours, and are known by "
    "issuer and subject. Who is seen for the first time becomes a customer.",
)
class TrustedIssuerType(Node):
    record: strawberry.Private[TrustedIssuerRecord]

    @strawberry.field(description="For colleagues.")
    def name(self) -> str:
        return self.record.draft.name

    @strawberry.field(description="The claim `iss` of its tokens, to the letter.")
    def issuer(self) -> str:
        return self.record.draft.issuer

    @strawberry.field(description="What must be in the claim `aud`: a token for somebody else is none for us.")
    def audience(self) -> str:
        return self.record.draft.audience

    @strawberry.field(description="Where its public keys are fetched; null where they are pinned.")
    def jwks_url(self) -> str | None:
        return self.record.draft.jwks_url

    @strawberry.field(description="Its public keys, the text of a JSON Web Key Set; null where they are fetched.")
    def pinned_keys(self) -> str | None:
        pinned = self.record.draft.pinned_keys
        return None if pinned is None else orjson.dumps(pinned).decode()

    @strawberry.field(description="Algorithms it may sign with: RS256, ES256, EdDSA.")
    def algorithms(self) -> list[str]:
        return list(self.record.draft.algorithms)

    @strawberry.field(description="Only subjects that begin so are people; empty: all are.")
    def subject_prefix(self) -> str:
        return self.record.draft.subject_prefix

    @strawberry.field(description="Which claims tell who somebody is.")
    def claims(self) -> ClaimMappingType:
        return to_claim_mapping(self.record.draft.claims)

    @strawberry.field(description="Grows with each change; give it as `expectedVersion`.")
    def version(self) -> int:
        return self.record.version

    @strawberry.field(description="Since when it is trusted no more; null while it is.")
    def archived_at(self) -> datetime | None:
        return self.record.archived_at

    @strawberry.field(description="When it was set up.")
    def created_at(self) -> datetime:
        return self.record.created_at


def to_trusted_issuer(record: TrustedIssuerRecord) -> TrustedIssuerType:
    """The issuer on the wire."""
    return TrustedIssuerType(id=global_id(Kind.TRUSTED_ISSUER, record.id), record=record)


async def load_trusted_issuers(ids: list[UUID]) -> list[TrustedIssuerRecord | None]:
    """Trusted issuers by id."""
    found = await trusted_issuers_by_id(ids)
    return [found.get(key) for key in ids]


@strawberry.type
class TrustedIssuerQueries:
    @query(MANAGE_SIGN_IN, "A trusted issuer; null when there is none.")
    async def trusted_issuer(self, info: Info, id: strawberry.ID) -> TrustedIssuerType | None:
        found = await info.context.loader(load_trusted_issuers).load(local_id(Kind.TRUSTED_ISSUER, id, "id"))
        return None if found is None else to_trusted_issuer(found)

    @query(MANAGE_SIGN_IN, "Every trusted issuer, newest first, archived ones too.")
    async def trusted_issuers(self, first: int | None = None, after: str | None = None) -> Connection[TrustedIssuerType]:
        before = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: list_trusted_issuers(first=limit, after=before),
            to_node=to_trusted_issuer,
            to_cursor=lambda issuer: issuer.id.hex,
        )
