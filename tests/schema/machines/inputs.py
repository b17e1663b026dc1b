"""What the fields of machine clients, and of those who vouch for people, are given."""

import json
from typing import Any
from uuid import UUID

from perkhub.accounts import (
    IdentityKind,
    IssuerDraft,
    ProviderAudience,
    ProviderDraft,
    Vouched,
    create_provider,
    create_trusted_issuer,
)
from perkhub.accounts.federation.identities import Source, SourceKind, add_identity
from perkhub.kit.db import transact
from perkhub_schema.graphql.global_ids import Kind, global_id
from tests.accounts.keys import EC, jwks
from tests.factories import Person, Shop
from tests.schema.making import Given, Making, a_name, also, as_id, nothing

_shop = Shop()


async def machine_id(_: Person) -> Given:
    return {"machineClientId": global_id(Kind.MACHINE_CLIENT, (await _shop.machine()).id)}


ACME: dict[str, Any] = {"issuer": "https://login.example.com", "client_id": "perkhub"}
HOST: dict[str, Any] = {"name": "Host", "audience": "perkhub", "pinned_keys": jwks(EC)}


async def issuer_id(_: Person) -> Given:
    made = await transact(
        lambda tx: create_trusted_issuer(tx, IssuerDraft(issuer=f"https://{a_name('host')}.example.com", **HOST))
    )
    return {"trustedIssuerId": global_id(Kind.TRUSTED_ISSUER, made)}


async def provider_id(_: Person) -> Given:
    return {"identityProviderId": global_id(Kind.IDENTITY_PROVIDER, (await _provider(ProviderAudience.CUSTOMER))[1])}


async def provider_key(by: Person) -> Given:
    staff = by.identity.kind is IdentityKind.STAFF
    return {"provider": (await _provider(ProviderAudience.STAFF if staff else ProviderAudience.CUSTOMER))[0]}


async def linked_id(by: Person) -> Given:
    """That somebody at a provider is this very person."""
    source = Source(SourceKind.PROVIDER, (await _provider(ProviderAudience.CUSTOMER))[1])
    owner = {"staff" if by.identity.kind is IdentityKind.STAFF else "party": by.id}
    made = await transact(lambda tx: add_identity(tx, source, Vouched(a_name("subject")), **owner))
    return {"identityId": global_id(Kind.LINKED_IDENTITY, made)}


async def _provider(audience: ProviderAudience) -> tuple[str, UUID]:
    draft = ProviderDraft(a_name("acme"), {"en": "Acme"}, audience, email_domains=["example.com"], **ACME)
    return draft.key, await transact(lambda tx: create_provider(tx, draft, by=None))


MACHINES: dict[str, Making] = {
    "Mutation.identityLink": provider_key,
    "Mutation.identityProviderArchive": also(provider_id, expectedVersion=1),
    "Mutation.identityProviderCreate": also(
        nothing, key=lambda: a_name("acme"), name={"en": "Acme"}, issuer=ACME["issuer"], clientId="perkhub"
    ),
    "Mutation.identityProviderUpdate": also(provider_id, expectedVersion=1, clientId="another"),
    "Mutation.identityUnlink": linked_id,
    "Query.identityProvider": as_id(provider_id),
    "Mutation.machineClientCreate": also(nothing, name="Walker", scopes=[]),
    "Mutation.machineClientRevoke": machine_id,
    "Mutation.machineClientRotate": machine_id,
    "Mutation.machineClientUpdate": also(machine_id, expectedVersion=1, name="Another"),
    "Mutation.trustedIssuerArchive": also(issuer_id, expectedVersion=1),
    "Mutation.trustedIssuerCreate": also(
        nothing, issuer=lambda: f"https://{a_name('host')}.example.com", pinnedKeys=json.dumps(jwks(EC))
    ),
    "Mutation.trustedIssuerUpdate": also(issuer_id, expectedVersion=1, name="Another"),
    "Query.trustedIssuer": as_id(issuer_id),
    "Query.machineClient": as_id(machine_id),
}
