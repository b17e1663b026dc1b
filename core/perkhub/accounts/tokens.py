"""Access tokens: short signed statements of who somebody is. Reading one asks no database for a customer.

A revoked session's access token stays good until it expires, ten minutes at most by default: money and codes are
guarded besides by `ensure_not_blocked`, staff by a look at their account that is at most five seconds old.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from perkhub.accounts.identity import Identity, IdentityKind
from perkhub.accounts.rights import Rights, rights_of
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.errors import NotSignedIn
from perkhub.kit.ids import new_id
from perkhub.kit.key_encryption import token_secret
from perkhub.kit.settings import settings

ALGORITHM = "HS256"
ISSUER = AUDIENCE = "perkhub"
SKEW_SECONDS = 5  # how far the clocks of two of our own servers may be apart
LONGEST = 1024
REMEMBERED = 10_000  # some ten megabytes
STAFF_AGE = timedelta(seconds=5)

# A row for each group; one without any has a row of nothing, and who is no longer active has none.
STAFF_NOW = """
    SELECT coalesce(g.permissions, '{}') AS permissions, g.channel_ids
    FROM staff s LEFT JOIN staff_group m ON m.staff_id = s.id LEFT JOIN permission_group g ON g.id = m.group_id
    WHERE s.id = $1 AND s.active
"""


@dataclass(frozen=True)
class _Verified:
    identity: Identity
    expires: float


@dataclass(frozen=True)
class _StaffRights:
    rights: Rights | None  # None: no longer active
    read_at: datetime


# Tokens come back hundreds of times; what was verified once need not be verified again before it expires.
_verified: dict[str, _Verified] = {}
_staff: dict[UUID, _StaffRights] = {}


def issue_access_token(kind: IdentityKind, subject: UUID, *, session_id: UUID) -> tuple[str, datetime]:
    """A signed token and the moment it expires."""
    issued = now()
    expires = issued + timedelta(seconds=settings().access_token_seconds)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(subject),
        "kind": str(kind),
        "party": str(subject) if kind is IdentityKind.CUSTOMER else None,
        "sid": str(session_id),
        "jti": str(new_id()),
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
    }
    return jwt.encode({"alg": ALGORITHM}, claims, signing_key()), expires


async def identify_person(token: str) -> Identity:
    """The customer or the member of staff who bears this token.

    Raises:
        NotSignedIn: forged, expired, not for us, or of staff who are no longer active.
    """
    identity = _remembered(token) or _verify(token)
    return await _with_rights(identity) if identity.kind is IdentityKind.STAFF else identity


def forget_rights(staff_id: UUID | None = None) -> None:
    """Look afresh at what this member of staff (or every one) may do. Other processes follow within five seconds."""
    if staff_id is None:
        _staff.clear()
    else:
        _staff.pop(staff_id, None)


def _remembered(token: str) -> Identity | None:
    known = _verified.get(token)
    return known.identity if known is not None and known.expires > now().timestamp() else None


def _verify(token: str) -> Identity:
    if len(token) > LONGEST or not token.isascii():
        raise NotSignedIn
    try:
        claims = jwt.decode(token, signing_key(), algorithms=[ALGORITHM]).claims
        _claims_due().validate(claims)
        identity = _identity(claims)
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        # From None: the fault's traceback may show the token.
        raise NotSignedIn from fault.with_traceback(None)
    if len(_verified) >= REMEMBERED:
        del _verified[next(iter(_verified))]
    _verified[token] = _Verified(identity, claims["exp"] + SKEW_SECONDS)
    return identity


def _identity(claims: dict[str, object]) -> Identity:
    party = claims.get("party")
    return Identity(
        IdentityKind(str(claims["kind"])),
        id=UUID(str(claims["sub"])),
        party_id=UUID(str(party)) if party is not None else None,
        session_id=UUID(str(claims["sid"])),
    )


async def _with_rights(identity: Identity) -> Identity:
    assert identity.id is not None
    known = _staff.get(identity.id)
    if known is None or now() - known.read_at > STAFF_AGE:
        read_at = now()
        groups = await db.rows(STAFF_NOW, identity.id)
        rights = rights_of((row["permissions"], row["channel_ids"]) for row in groups) if groups else None
        known = _StaffRights(rights, read_at)
        if len(_staff) >= REMEMBERED:
            _staff.clear()
        _staff[identity.id] = known
    if known.rights is None:
        raise NotSignedIn
    return replace(identity, permissions=known.rights.everywhere, in_channels=known.rights.in_channels)


@cache
def _claims_due() -> jwt.JWTClaimsRegistry:
    # Decoding checks the signature only; every claim must be asked for by name.
    return jwt.JWTClaimsRegistry(
        now=lambda: int(now().timestamp()),
        leeway=SKEW_SECONDS,
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        sid={"essential": True},
        kind={"essential": True, "values": [str(IdentityKind.CUSTOMER), str(IdentityKind.STAFF)]},
    )


@cache
def signing_key(use: bytes = b"perkhub access token") -> OctKey:
    """The key that signs tokens of one use. What was signed for another use does not even verify."""
    return OctKey.import_key(HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(token_secret().encode()))
