"""Access tokens for machine clients: traded for a secret, taken back by their owner, forgotten when they are over."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from joserfc import jwt

from perkhub.accounts.machines.networks import comes_from
from perkhub.accounts.machines.recognise import AUDIENCE, KEY_FOR, TYPE, forget_machine_clients, note_use, read_machine_token
from perkhub.accounts.machines.secrets import is_one_of
from perkhub.accounts.permissions import Permission, known_permissions
from perkhub.accounts.tokens import ALGORITHM, ISSUER, signing_key
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput, NotSignedIn
from perkhub.kit.ids import new_id
from perkhub.kit.settings import settings

WITH_SECRETS = """
    SELECT c.scopes, c.networks, c.generation, c.expires_at, c.last_used_at,
           array(SELECT s.secret_hash FROM machine_secret s
                 WHERE s.client_id = c.id AND (s.expires_at IS NULL OR s.expires_at > $2)) AS hashes
    FROM machine_client c
    WHERE c.id = $1 AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $2)
"""
TAKE_BACK = "INSERT INTO revoked_machine_token (id, client_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
FORGET = """
    DELETE FROM revoked_machine_token
    WHERE id IN (SELECT id FROM revoked_machine_token WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)
"""
KEPT = timedelta(hours=1)  # longer than clocks may be apart


@dataclass(frozen=True)
class ProvenClient:
    """A client that has just shown its secret."""

    id: UUID
    scopes: frozenset[Permission]
    generation: int
    expires_at: datetime | None


@dataclass(frozen=True)
class MachineToken:
    """An access token on its way to its client."""

    text: str = field(repr=False)
    expires_in: int
    scopes: frozenset[Permission]


async def prove_machine_client(client_id: UUID, secret: str, *, source: str | None) -> ProvenClient | None:
    """The client, if it is live, the secret one of its own, and the address one it may come from. Not told apart otherwise."""
    found = await db.row(WITH_SECRETS, client_id, now())
    known = is_one_of(secret, found["hashes"] if found is not None else ())
    if found is None or not known or not comes_from(source, found["networks"]):
        return None
    await note_use(client_id, found["last_used_at"])
    return ProvenClient(client_id, known_permissions(found["scopes"]), found["generation"], found["expires_at"])


def issue_machine_token(client: ProvenClient, *, scopes: Collection[str] | None = None) -> MachineToken:
    """A token for some of the client's scopes, or for all of them.

    Raises:
        InvalidInput: a scope that is none of the client's.
    """
    wanted = client.scopes if scopes is None else known_permissions(scopes)
    if scopes is not None and (len(wanted) != len(set(scopes)) or not wanted or not wanted <= client.scopes):
        raise InvalidInput(path=("scope",), reason="Only scopes of the client.", reason_zh="超出该客户端的权限范围。")
    issued = now()
    expires = issued + timedelta(seconds=settings().access_token_seconds)
    expires = min(expires, client.expires_at or expires)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(client.id),
        "gen": client.generation,
        "scope": " ".join(sorted(wanted)),
        "jti": str(new_id()),
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
    }
    token = jwt.encode({"alg": ALGORITHM, "typ": TYPE}, claims, signing_key(KEY_FOR))
    return MachineToken(token, int(expires.timestamp()) - int(issued.timestamp()), wanted)


async def take_back_machine_token(tx: Transaction, client_id: UUID, token: str) -> bool:
    """End one of the client's own tokens before its time; whether it was its own. What is no live token needs no ending."""
    try:
        claims = read_machine_token(token)
    except NotSignedIn:
        return True
    if claims.client_id != client_id:
        return False
    await tx.execute(TAKE_BACK, claims.token_id, client_id, datetime.fromtimestamp(claims.expires, now().tzinfo))

    async def forget() -> None:
        forget_machine_clients(client_id)

    tx.after_commit(forget)
    return True


async def forget_old_machine_tokens(tx: Transaction, *, at_most: int = 1000) -> int:
    """Delete what was noted of tokens that are long over; how many went."""
    return await tx.execute(FORGET, now() - KEPT, at_most)
