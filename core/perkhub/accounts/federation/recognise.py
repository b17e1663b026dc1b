"""Users of a host application, recognised by the tokens that it signs for them. Whom nobody has seen yet becomes a customer.

A token is verified once and then remembered, by its hash, until it expires. What may end it before is looked at all the
time: the issuer's configuration is at most a second old, and whether the customer is blocked is asked again each minute
(money and codes are guarded besides by `ensure_not_blocked`, which asks at once).
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from perkhub.accounts.federation.claims import Vouched, read_claims
from perkhub.accounts.federation.errors import ProviderUnavailable
from perkhub.accounts.federation.identities import FIND as FIND_IDENTITY
from perkhub.accounts.federation.identities import Source, SourceKind, lock_identity, make_customer, tell_groups
from perkhub.accounts.federation.issuers import TrustedIssuerRecord, live_issuer
from perkhub.accounts.federation.verify import (
    LEEWAY_SECONDS,
    TokenRefused,
    current_keys,
    read_header,
    said_issuer,
    verified_claims,
)
from perkhub.accounts.identity import Identity, IdentityKind
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import NotSignedIn
from perkhub.kit.logging import get_logger

log = get_logger(__name__)

WELCOME = """
    SELECT cu.blocked_at IS NULL AND p.erased_at IS NULL FROM customer cu JOIN party p ON p.id = cu.party_id
    WHERE cu.party_id = $1
"""
REMEMBERED = 20_000
LOOKED_AT_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class _Known:
    """A token that was verified: whose it is, under which configuration, and until when."""

    party: UUID
    issuer: str
    issuer_id: UUID
    issuer_version: int
    expires: float
    looked_at: datetime


_known: OrderedDict[bytes, _Known] = OrderedDict()


async def identify_host_user(token: str) -> Identity:
    """The customer whom this token of a host application stands for.

    Raises:
        NotSignedIn: of nobody we trust, forged, expired, for others; or the customer is blocked.
    """
    place = sha256(token.encode("utf-8", "surrogatepass")).digest()
    known = _known.get(place)
    if known is None or known.expires <= now().timestamp() or not await _still_holds(known):
        _known.pop(place, None)
        known = await _recognise(token)
    elif not timedelta() <= now() - known.looked_at < LOOKED_AT_FOR:
        await _ensure_welcome(known.party)
        known = replace(known, looked_at=now())
    _known[place] = known
    _known.move_to_end(place)
    if len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return Identity(IdentityKind.CUSTOMER, id=known.party, party_id=known.party)


def forget_host_users() -> None:
    """Verify every token anew."""
    _known.clear()


async def _still_holds(known: _Known) -> bool:
    issuer = await live_issuer(known.issuer)
    return issuer is not None and (issuer.id, issuer.version) == (known.issuer_id, known.issuer_version)


async def _recognise(token: str) -> _Known:
    try:
        header = read_header(token)
        issuer = await live_issuer(said_issuer(token) or "")
        if issuer is None:
            raise TokenRefused("issuer")
        said = issuer.draft
        keys = issuer.keys if said.jwks_url is None else await current_keys(said.jwks_url, header)
        claims = verified_claims(token, keys or (), issuer=said.issuer, audience=said.audience, algorithms=said.algorithms)
        vouched = _vouched(claims, issuer)
    except (TokenRefused, ProviderUnavailable) as refused:
        log.info("host_token_refused", reason=str(refused))
        raise NotSignedIn from None
    party = await _customer(Source(SourceKind.ISSUER, issuer.id), vouched, told_at=_issued_at(claims))
    expires = float(claims["exp"]) + LEEWAY_SECONDS
    return _Known(party, said.issuer, issuer.id, issuer.version, expires, now())


def _vouched(claims: dict[str, Any], issuer: TrustedIssuerRecord) -> Vouched:
    try:
        vouched = read_claims(claims, issuer.draft.claims)
    except ValueError:
        raise TokenRefused("subject") from None
    if not vouched.subject.startswith(issuer.draft.subject_prefix):
        raise TokenRefused("subject prefix")
    return vouched


def _issued_at(claims: dict[str, Any]) -> datetime:
    said = claims.get("iat")
    return datetime.fromtimestamp(said, UTC) if isinstance(said, int | float) and said < now().timestamp() else now()


async def _customer(source: Source, vouched: Vouched, *, told_at: datetime) -> UUID:
    found = await db.row(FIND_IDENTITY, source.id, source.index_of(vouched.subject))
    news = found is not None and vouched.groups is not None and list(vouched.groups) != list(found["told_groups"])
    if found is None or (news and told_at > found["told_at"]):
        found = await transact(lambda tx: _see(tx, source, vouched, told_at))
    if found["blocked"]:
        raise NotSignedIn
    party: UUID = found["party_id"]
    return party


async def _see(tx: Transaction, source: Source, vouched: Vouched, told_at: datetime) -> db.Row:
    found = await lock_identity(tx, source, vouched.subject)
    if found is None:
        await make_customer(tx, source, vouched)
        found = await tx.row(FIND_IDENTITY, source.id, source.index_of(vouched.subject))
    assert found is not None
    if vouched.groups is not None:
        await tell_groups(tx, source, found["id"], found["party_id"], groups=vouched.groups, told_at=told_at)
    return found


async def _ensure_welcome(party: UUID) -> None:
    if not await db.value(WELCOME, party):
        raise NotSignedIn
