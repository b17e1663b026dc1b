"""Signing in with a provider, and linking and unlinking one. What is safe is said, with its reasons, in `providers`."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from perkhub.accounts.attempts import count_attempt_from
from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.errors import SessionEnded, SignInFailed
from perkhub.accounts.federation.claims import Vouched, domain_of, read_claims
from perkhub.accounts.federation.discovery import Endpoints
from perkhub.accounts.federation.errors import (
    AccountExists,
    EmailNotAccepted,
    IdentityTaken,
    LastWayIn,
    SignInRefused,
)
from perkhub.accounts.federation.identities import (
    Source,
    SourceKind,
    add_identity,
    lock_identity,
    make_customer,
    tell_groups,
)
from perkhub.accounts.federation.providers import ProviderAudience, ProviderRecord
from perkhub.accounts.federation.verify import ALGORITHMS, TokenRefused, current_keys, read_header, verified_claims
from perkhub.accounts.identity import Identity, IdentityKind
from perkhub.accounts.personal import index_of, staff_index
from perkhub.accounts.sessions import SignedIn, open_session
from perkhub.accounts.staff import create_staff
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction, transact
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.logging import get_logger

log = get_logger(__name__)

IDENTITIES_AT_MOST = 10

# The share lock makes a block or a deactivation wait until the session stands, and then end it.
CUSTOMER_WELCOME = "SELECT 1 FROM customer WHERE party_id = $1 AND blocked_at IS NULL FOR SHARE"
STAFF_WELCOME = "SELECT 1 FROM staff WHERE id = $1 AND active FOR SHARE"
WITH_CONTACT = "SELECT party_id, verified_at IS NOT NULL AS verified FROM contact WHERE kind = $1 AND blind_index = $2"
STAFF_WITH_EMAIL = "SELECT 1 FROM staff WHERE blind_index = $1"
SESSION_STANDS = "SELECT 1 FROM sign_in_session WHERE id = $1 AND subject_id = $2 AND revoked_at IS NULL FOR SHARE"
LINKED = "SELECT count(*) FROM external_identity WHERE party_id = $1 OR staff_id = $1"
LOCK_CUSTOMER = "SELECT password_hash IS NOT NULL AS password FROM customer WHERE party_id = $1 FOR NO KEY UPDATE"
OTHER_WAYS = """
    SELECT (SELECT count(*) FROM contact WHERE party_id = $1 AND verified_at IS NOT NULL)
         + (SELECT count(*) FROM external_identity e JOIN identity_provider p ON p.id = e.source_id
            WHERE e.party_id = $1 AND e.id <> $2 AND p.archived_at IS NULL)
"""
UNLINK = "DELETE FROM external_identity WHERE id = $1 AND source_kind = 'provider' AND (party_id = $2 OR staff_id = $2)"


@dataclass(frozen=True)
class LinkTo:
    """To whose account a provider's identity shall be linked: who asked for it, in which session."""

    kind: IdentityKind
    id: UUID
    session_id: UUID


async def read_id_token(provider: ProviderRecord, endpoints: Endpoints, token: str, *, nonce: str) -> Vouched:
    """Who somebody is, by the ID token that the provider gave for this very sign-in.

    Raises:
        SignInRefused, ProviderUnavailable.
    """
    said = provider.draft
    try:
        header = read_header(token)
        keys = await current_keys(endpoints.keys, header)
        claims = verified_claims(token, keys, issuer=said.issuer, audience=said.client_id, algorithms=ALGORITHMS)
        _ensure_for_this(claims, nonce=nonce, client_id=said.client_id)
        return read_claims(claims, said.claims)
    except (TokenRefused, ValueError) as refused:
        log.warning("id_token_refused", provider=said.key, reason=str(refused))
        raise SignInRefused from None


async def sign_in_with_provider(provider: ProviderRecord, vouched: Vouched, *, source: str | None = None) -> SignedIn:
    """Begin a session for whom the provider vouches for; who is new becomes a customer, or a member of staff.

    Raises:
        AccountExists, EmailNotAccepted, SignInFailed, TooFast.
    """
    await count_attempt_from(source)
    _ensure_email(provider, vouched)
    find = _staff if provider.draft.audience is ProviderAudience.STAFF else _customer
    return await transact(lambda tx: find(tx, provider, vouched))


async def link_provider(provider: ProviderRecord, vouched: Vouched, to: LinkTo) -> None:
    """Let somebody who is signed in here sign in with the provider from now on.

    Raises:
        IdentityTaken, EmailNotAccepted, SessionEnded, InvalidInput.
    """
    _ensure_email(provider, vouched)
    if (provider.draft.audience is ProviderAudience.STAFF) is not (to.kind is IdentityKind.STAFF):
        raise SignInRefused
    await transact(lambda tx: _link(tx, _source(provider), vouched, to))


async def unlink_identity(tx: Transaction, who: Identity, identity: UUID) -> None:
    """Let somebody sign in with a provider no more.

    Raises:
        NotFound: none, or not theirs. LastWayIn.
    """
    held = await tx.row(LOCK_CUSTOMER, who.id) if who.kind is IdentityKind.CUSTOMER else None
    if await tx.execute(UNLINK, identity, who.id) == 0:
        raise NotFound("linked sign-in", "绑定的登录方式", path=("identityId",))
    if held is not None and not held["password"] and await tx.value(OTHER_WAYS, who.id, identity) == 0:
        raise LastWayIn(path=("identityId",))


def _ensure_for_this(claims: dict[str, Any], *, nonce: str, client_id: str) -> None:
    """Besides what every token must say: that it answers our very question, and was given to us."""
    said = claims.get("nonce")
    if not isinstance(said, str) or not secrets.compare_digest(said.encode(), nonce.encode()):
        raise TokenRefused("nonce")
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if others else client_id) != client_id:
        raise TokenRefused("azp")
    if not isinstance(claims.get("iat"), int | float):
        raise TokenRefused("iat")


def _ensure_email(provider: ProviderRecord, vouched: Vouched) -> None:
    domains, email = provider.draft.email_domains, vouched.verified_email
    if domains and (email is None or domain_of(email) not in domains):
        raise EmailNotAccepted


def _source(provider: ProviderRecord) -> Source:
    return Source(SourceKind.PROVIDER, provider.id)


async def _customer(tx: Transaction, provider: ProviderRecord, vouched: Vouched) -> SignedIn:
    source = _source(provider)
    found = await lock_identity(tx, source, vouched.subject)
    party = found["party_id"] if found is not None else await _first_sight(tx, provider, vouched)
    if await tx.value(CUSTOMER_WELCOME, party) is None:
        raise SignInFailed
    if vouched.groups is not None:
        known = found or await lock_identity(tx, source, vouched.subject)
        assert known is not None
        await tell_groups(tx, source, known["id"], party, groups=vouched.groups, told_at=now())
    return await open_session(tx, IdentityKind.CUSTOMER, party)


async def _first_sight(tx: Transaction, provider: ProviderRecord, vouched: Vouched) -> UUID:
    email = vouched.verified_email
    owner = await _owner(tx, email) if email is not None else None
    if owner is None:
        return await make_customer(tx, _source(provider), vouched)
    if not provider.draft.links_by_email or not owner["verified"]:
        raise AccountExists
    party: UUID = owner["party_id"]
    await add_identity(tx, _source(provider), vouched, party=party)
    return party


async def _owner(tx: Transaction, email: ContactPoint) -> Row | None:
    return await tx.row(WITH_CONTACT, str(email.kind), index_of(email))


async def _staff(tx: Transaction, provider: ProviderRecord, vouched: Vouched) -> SignedIn:
    source, email = _source(provider), vouched.verified_email
    assert email is not None  # a provider of staff has domains
    found = await lock_identity(tx, source, vouched.subject)
    member = found["staff_id"] if found is not None else None
    if member is None:
        if await tx.value(STAFF_WITH_EMAIL, staff_index(email)) is not None:
            raise AccountExists
        # Nobody knows the password: who came by a provider comes by it, until a colleague sets another one.
        fresh = secrets.token_urlsafe(32)
        groups = provider.draft.group_ids
        member = await create_staff(tx, email=email.value, password=fresh, groups=groups, name=vouched.name, by=None)
        await add_identity(tx, source, vouched, staff=member)
    if await tx.value(STAFF_WELCOME, member) is None:
        raise SignInFailed
    return await open_session(tx, IdentityKind.STAFF, member)


async def _link(tx: Transaction, source: Source, vouched: Vouched, to: LinkTo) -> None:
    found = await lock_identity(tx, source, vouched.subject)
    if await tx.value(SESSION_STANDS, to.session_id, to.id) is None:
        raise SessionEnded
    staff = to.kind is IdentityKind.STAFF
    if found is not None:
        if (found["staff_id"] if staff else found["party_id"]) != to.id:
            raise IdentityTaken
        return
    await tx.advisory_lock(f"identities of:{to.id}")
    if await tx.value(LINKED, to.id) >= IDENTITIES_AT_MOST:
        reason, reason_zh = f"At most {IDENTITIES_AT_MOST} are linked.", f"最多绑定 {IDENTITIES_AT_MOST} 个登录方式。"
        raise InvalidInput(path=(), reason=reason, reason_zh=reason_zh)
    await add_identity(tx, source, vouched, **{"staff" if staff else "party": to.id})
