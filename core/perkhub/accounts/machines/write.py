"""Making, changing, rotating and revoking machine clients. Nobody gives one more than they hold themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from perkhub.accounts.groups import checked_channels, ensure_grantable
from perkhub.accounts.identity import Identity
from perkhub.accounts.machines.errors import MachineClientRevoked, RotationUnderWay
from perkhub.accounts.machines.networks import parse_networks
from perkhub.accounts.machines.recognise import forget_machine_clients
from perkhub.accounts.machines.secrets import FreshSecret, fresh_secret
from perkhub.accounts.permissions import Permission, known_permissions
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id

SUBJECT = "machine_client"
NAME_LENGTH = 80
MOST_REQUESTS = 1_000_000
LONGEST_OVERLAP = 30 * 24 * 60  # minutes
LIVE_SECRETS = 2

ADD = """
    INSERT INTO machine_client (id, name, scopes, channel_ids, networks, requests_per_minute, expires_at, created_by,
                                created_at, generation, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 1)
"""
KEEP_HASH = "INSERT INTO machine_secret (id, client_id, secret_hash, hint, created_at) VALUES ($1, $2, $3, $4, $5)"
# Two who rotate at once do so one after the other, and the second sees the first's secret.
LOCK = """
    SELECT name, scopes, channel_ids, networks, requests_per_minute, expires_at, revoked_at, version
    FROM machine_client WHERE id = $1 FOR NO KEY UPDATE
"""
CHANGE = """
    UPDATE machine_client SET name = $2, scopes = $3, channel_ids = $4, networks = $5, requests_per_minute = $6,
        expires_at = $7, version = version + 1
    WHERE id = $1
"""
LIVE = "SELECT count(*) FROM machine_secret WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2)"
RETIRE = """
    UPDATE machine_secret SET expires_at = least(expires_at, $2)
    WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2)
"""
NEXT_GENERATION = "UPDATE machine_client SET generation = generation + 1 WHERE id = $1"
REVOKE = "UPDATE machine_client SET revoked_at = $2, generation = generation + 1, version = version + 1 WHERE id = $1"


class MachineChanges(TypedDict, total=False):
    """What a machine client becomes; what is left out stays."""

    name: str
    scopes: Iterable[Permission]
    channel_ids: Iterable[UUID] | None
    networks: Sequence[str]
    requests_per_minute: int | None
    expires_at: datetime | None


@dataclass(frozen=True)
class MachineDraft:
    """A machine client as it shall be; where it names channels, its scopes hold in those alone."""

    name: str
    scopes: frozenset[Permission]
    channel_ids: Iterable[UUID] | None = None
    networks: Sequence[str] = ()
    requests_per_minute: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class NewSecret:
    """A secret on its only way out. It stays out of representations, and so out of logs."""

    client_id: UUID
    secret: str = field(repr=False)


async def create_machine_client(tx: Transaction, draft: MachineDraft, *, by: Identity | None) -> NewSecret:
    """A new client and its first secret, which is told only now. `by` is who makes it; None only for setting up.

    Raises:
        InvalidInput.
        NotAllowed: a scope is none of `by`'s own permissions.
    """
    checked = _checked(draft)
    _ensure_within(by, checked)
    _ensure_ahead(checked.expires_at)
    client_id = new_id()
    await tx.execute(ADD, client_id, *_columns(checked), by.actor if by is not None else "setup", now())
    tx.note_change(SUBJECT, client_id, after=checked)
    return await _add_secret(tx, client_id)


async def update_machine_client(
    tx: Transaction, client_id: UUID, changes: MachineChanges, *, expected_version: int, by: Identity | None
) -> None:
    """Change what a client may do, from where, how often and how long; its tokens follow within a second.

    Raises:
        NotFound, MachineClientRevoked, VersionMoved, InvalidInput.
        NotAllowed: it had or would have a scope that `by` does not hold.
    """
    before = await _locked(tx, client_id, by=by)
    if before["version"] != expected_version:
        raise VersionMoved(version=before["version"])
    kept = MachineDraft(
        name=before["name"],
        scopes=known_permissions(before["scopes"]),
        channel_ids=before["channel_ids"],
        networks=before["networks"],
        requests_per_minute=before["requests_per_minute"],
        expires_at=before["expires_at"],
    )
    checked = _checked(MachineDraft(**{**vars(kept), **changes}))
    _ensure_within(by, checked)
    if "expires_at" in changes:
        _ensure_ahead(checked.expires_at)
    await tx.execute(CHANGE, client_id, *_columns(checked))
    tx.note_change(SUBJECT, client_id, before=kept, after=checked)
    _look_afresh_after(tx, client_id)


async def rotate_machine_secret(
    tx: Transaction, client_id: UUID, *, overlap_minutes: int = 24 * 60, by: Identity | None
) -> NewSecret:
    """A further secret; the one before goes on for the overlap. Without an overlap it ends now, as do all tokens that are out.

    Raises:
        NotFound, MachineClientRevoked, RotationUnderWay, InvalidInput, NotAllowed.
    """
    if not 0 <= overlap_minutes <= LONGEST_OVERLAP:
        reason, reason_zh = f"0 to {LONGEST_OVERLAP} minutes.", f"须为 0 至 {LONGEST_OVERLAP} 分钟。"
        raise InvalidInput(path=("overlapMinutes",), reason=reason, reason_zh=reason_zh)
    await _locked(tx, client_id, by=by)
    at = now()
    if overlap_minutes and await tx.value(LIVE, client_id, at) >= LIVE_SECRETS:
        raise RotationUnderWay
    await tx.execute(RETIRE, client_id, at + timedelta(minutes=overlap_minutes))
    if not overlap_minutes:
        await tx.execute(NEXT_GENERATION, client_id)  # whoever stole the secret may hold tokens, too
    tx.note_change(SUBJECT, client_id, after={"old_one_until": at + timedelta(minutes=overlap_minutes)}, hidden=("secret",))
    _look_afresh_after(tx, client_id)
    return await _add_secret(tx, client_id)


async def revoke_machine_client(tx: Transaction, client_id: UUID, *, by: Identity | None) -> None:
    """End a client for good: no token any more, and those that are out end within a second.

    Raises:
        NotFound, NotAllowed. MachineClientRevoked: it was revoked before.
    """
    await _locked(tx, client_id, by=by)
    at = now()
    await tx.execute(REVOKE, client_id, at)
    tx.note_change(SUBJECT, client_id, after={"revoked_at": at})
    _look_afresh_after(tx, client_id)


async def _locked(tx: Transaction, client_id: UUID, *, by: Identity | None) -> Row:
    found = await tx.row(LOCK, client_id)
    if found is None:
        raise NotFound("machine client", "机器客户端", path=("machineClientId",))
    ensure_grantable(by, known_permissions(found["scopes"]), _limit(found["channel_ids"]))
    if found["revoked_at"] is not None:
        raise MachineClientRevoked(path=("machineClientId",))
    return found


async def _add_secret(tx: Transaction, client_id: UUID) -> NewSecret:
    made: FreshSecret = fresh_secret()
    await tx.execute(KEEP_HASH, new_id(), client_id, made.hash, made.hint, now())
    return NewSecret(client_id, made.text)


def _checked(draft: MachineDraft) -> MachineDraft:
    name = draft.name.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        reason, reason_zh = f"Give 1 to {NAME_LENGTH} characters.", f"请输入 1 至 {NAME_LENGTH} 个字符。"
        raise InvalidInput(path=("name",), reason=reason, reason_zh=reason_zh)
    rate = draft.requests_per_minute
    if rate is not None and not 1 <= rate <= MOST_REQUESTS:
        reason, reason_zh = f"1 to {MOST_REQUESTS} a minute.", f"须为每分钟 1 至 {MOST_REQUESTS} 次。"
        raise InvalidInput(path=("requestsPerMinute",), reason=reason, reason_zh=reason_zh)
    channels, networks = checked_channels(draft.channel_ids), parse_networks(draft.networks, path=("allowedNetworks",))
    return MachineDraft(name, frozenset(draft.scopes), channels, networks, rate, draft.expires_at)


def _ensure_within(by: Identity | None, draft: MachineDraft) -> None:
    ensure_grantable(by, draft.scopes, _limit(draft.channel_ids))


def _limit(channels: Iterable[UUID] | None) -> frozenset[UUID] | None:
    return None if channels is None else frozenset(channels)


def _ensure_ahead(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= now():
        raise InvalidInput(path=("expiresAt",), reason="A moment to come.", reason_zh="须为将来的时间。")


def _columns(draft: MachineDraft) -> list[Any]:
    channels = None if draft.channel_ids is None else sorted(draft.channel_ids)
    return [draft.name, sorted(draft.scopes), channels, list(draft.networks), draft.requests_per_minute, draft.expires_at]


def _look_afresh_after(tx: Transaction, client_id: UUID) -> None:
    async def forget() -> None:
        forget_machine_clients(client_id)

    tx.after_commit(forget)
