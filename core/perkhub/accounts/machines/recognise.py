"""Whose machine token this is, and what its client may do now.

A token is a signed statement, but the client behind it is looked at again each second at the latest: revoked, expired,
narrowed or moved to other networks, it is so for every token that is out, in every process, within a second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError

from perkhub.accounts.identity import Identity, IdentityKind
from perkhub.accounts.machines.networks import comes_from
from perkhub.accounts.permissions import Permission, known_permissions
from perkhub.accounts.rights import rights_of
from perkhub.accounts.tokens import ALGORITHM, ISSUER, LONGEST, SKEW_SECONDS, signing_key
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.errors import NotAllowed, NotSignedIn

TYPE = "machine+jwt"
AUDIENCE = "perkhub machines"  # no token of a person is for it, and no token of a machine for theirs
KEY_FOR = b"perkhub machine token"
REMEMBERED = 4096
LOOKED_AT_FOR = timedelta(seconds=1)
USE_NOTED_EVERY = timedelta(minutes=1)

CLIENT_NOW = """
    SELECT c.scopes, c.channel_ids, c.networks, c.requests_per_minute, c.generation, c.expires_at, c.revoked_at, c.last_used_at,
           array(SELECT r.id FROM revoked_machine_token r WHERE r.client_id = c.id AND r.expires_at > $2) AS taken_back
    FROM machine_client c WHERE c.id = $1
"""
# Of many processes that note it in the same minute, one writes.
NOTE_USE = """
    UPDATE machine_client SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
"""


@dataclass(frozen=True)
class MachineClaims:
    """What a genuine machine token says."""

    token_id: UUID
    client_id: UUID
    generation: int
    scopes: frozenset[Permission]
    expires: float


@dataclass(frozen=True)
class _ClientNow:
    """A client as it stood a moment ago; `generation` is None where it may not do anything."""

    generation: int | None
    scopes: frozenset[Permission]
    channels: frozenset[UUID] | None
    networks: tuple[str, ...]
    requests_per_minute: int | None
    expires_at: datetime | None
    taken_back: frozenset[UUID]
    read_at: datetime


_verified: dict[str, MachineClaims] = {}
_clients: dict[UUID, _ClientNow] = {}


async def identify_machine(token: str, *, source: str | None = None) -> Identity:
    """The client that bears this token, with what both the token and the client's present scopes allow.

    Raises:
        NotSignedIn: forged, expired, taken back, or of a client that is revoked, expired, or has begun anew.
        NotAllowed: the client may not come from this network address.
    """
    claims = read_machine_token(token)
    client = await _client_now(claims.client_id)
    over = client.expires_at is not None and client.expires_at <= now()
    if client.generation != claims.generation or over or claims.token_id in client.taken_back:
        raise NotSignedIn
    if not comes_from(source, client.networks):
        raise NotAllowed(needs="a request from one of the client's allowed networks")
    rights = rights_of([(claims.scopes & client.scopes, client.channels)])
    return Identity(
        IdentityKind.MACHINE,
        id=claims.client_id,
        permissions=rights.everywhere,
        in_channels=rights.in_channels,
        requests_per_minute=client.requests_per_minute,
    )


def read_machine_token(token: str) -> MachineClaims:
    """What the token says, if it is genuine and has not expired. Asks no database.

    Raises:
        NotSignedIn
    """
    known = _verified.get(token)
    if known is not None and known.expires > now().timestamp():
        return known
    claims = _verify(token)
    if len(_verified) >= REMEMBERED:
        del _verified[next(iter(_verified))]
    _verified[token] = claims
    return claims


def forget_machine_clients(client_id: UUID | None = None) -> None:
    """Look afresh at this client, or at every one. Other processes follow within a second."""
    if client_id is None:
        _clients.clear()
        _verified.clear()
    else:
        _clients.pop(client_id, None)


async def note_use(client_id: UUID, last_used_at: datetime | None) -> None:
    """Keep when a client was last there, to the minute: a busy one must not write with each request."""
    at = now()
    if last_used_at is None or last_used_at <= at - USE_NOTED_EVERY:
        await transact(lambda tx: tx.execute(NOTE_USE, client_id, at, at - USE_NOTED_EVERY))


async def _client_now(client_id: UUID) -> _ClientNow:
    known = _clients.get(client_id)
    if known is not None and timedelta() <= now() - known.read_at < LOOKED_AT_FOR:
        return known
    read_at = now()
    row = await db.row(CLIENT_NOW, client_id, read_at)
    if row is None:
        raise NotSignedIn
    client = _ClientNow(
        generation=row["generation"] if row["revoked_at"] is None else None,
        scopes=known_permissions(row["scopes"]),
        channels=None if row["channel_ids"] is None else frozenset(row["channel_ids"]),
        networks=tuple(row["networks"]),
        requests_per_minute=row["requests_per_minute"],
        expires_at=row["expires_at"],
        taken_back=frozenset(row["taken_back"]),
        read_at=read_at,
    )
    if len(_clients) >= REMEMBERED:
        _clients.clear()
    _clients[client_id] = client
    if client.generation is not None:
        await note_use(client_id, row["last_used_at"])
    return client


def _verify(token: str) -> MachineClaims:
    if len(token) > LONGEST or not token.isascii():
        raise NotSignedIn
    try:
        claims = jwt.decode(token, signing_key(KEY_FOR), algorithms=[ALGORITHM]).claims
        _claims_due().validate(claims)
        return MachineClaims(
            token_id=UUID(str(claims["jti"])),
            client_id=UUID(str(claims["sub"])),
            generation=int(claims["gen"]),
            scopes=known_permissions(str(claims["scope"]).split()),
            expires=claims["exp"] + SKEW_SECONDS,
        )
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        # From None: the fault's traceback may show the token.
        raise NotSignedIn from fault.with_traceback(None)


@cache
def _claims_due() -> jwt.JWTClaimsRegistry:
    due = {name: {"essential": True} for name in ("exp", "iat", "sub", "jti", "gen")}
    return jwt.JWTClaimsRegistry(
        now=lambda: int(now().timestamp()),
        leeway=SKEW_SECONDS,
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        **due,  # type: ignore[arg-type]
    )
