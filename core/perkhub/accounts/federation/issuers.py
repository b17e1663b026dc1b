"""Trusted issuers: host applications whose own users are customers here. Set up, read, and remembered for a second at most."""

import re
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import orjson

from perkhub.accounts.federation.claims import USUAL, ClaimMapping
from perkhub.accounts.federation.errors import IssuerTrusted
from perkhub.accounts.federation.keys import Keys, holds_private_keys, read_keys
from perkhub.accounts.federation.verify import ALGORITHMS
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.public_addresses import parse_remote_url
from perkhub.kit.texts import refuse_odd_text

SUBJECT = "trusted_issuer"
NAME_LENGTH, ISSUER_LENGTH, AUDIENCE_LENGTH, PREFIX_LENGTH = 80, 500, 300, 60
LARGEST_SET = 64 * 1024
LIVE_AT_MOST = 200
REMEMBERED_SECONDS = 1.0
SPACE = re.compile(r"\s")

COLUMNS = """id, name, issuer, audience, jwks_url, pinned_keys, algorithms, subject_prefix, claims, version, archived_at,
    created_at"""
ADD = """
    INSERT INTO trusted_issuer (id, name, issuer, audience, jwks_url, pinned_keys, algorithms, subject_prefix, claims, version,
                                created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10)
    ON CONFLICT (issuer) WHERE archived_at IS NULL DO NOTHING
"""
LOCK = f"SELECT {COLUMNS} FROM trusted_issuer WHERE id = $1 FOR NO KEY UPDATE"
TAKEN = "SELECT 1 FROM trusted_issuer WHERE issuer = $1 AND id <> $2 AND archived_at IS NULL"
CHANGE = """
    UPDATE trusted_issuer SET name = $2, issuer = $3, audience = $4, jwks_url = $5, pinned_keys = $6, algorithms = $7,
        subject_prefix = $8, claims = $9, version = version + 1
    WHERE id = $1
"""
ARCHIVE = "UPDATE trusted_issuer SET archived_at = $2, version = version + 1 WHERE id = $1"
LIVE = f"SELECT {COLUMNS} FROM trusted_issuer WHERE archived_at IS NULL ORDER BY id LIMIT {LIVE_AT_MOST}"


@dataclass(frozen=True)
class IssuerDraft:
    """A trusted issuer as it shall be; its keys are at an address, or given here."""

    name: str
    issuer: str
    audience: str
    jwks_url: str | None = None
    pinned_keys: dict[str, Any] | None = None
    algorithms: Sequence[str] = ALGORITHMS
    subject_prefix: str = ""
    claims: ClaimMapping = USUAL


class IssuerChanges(TypedDict, total=False):
    """What a trusted issuer becomes; what is left out stays."""

    name: str
    issuer: str
    audience: str
    jwks_url: str | None
    pinned_keys: dict[str, Any] | None
    algorithms: Sequence[str]
    subject_prefix: str
    claims: ClaimMapping


@dataclass(frozen=True)
class TrustedIssuerRecord:
    """A trusted issuer as it stands; `keys` are those that are pinned."""

    id: UUID
    draft: IssuerDraft
    keys: Keys | None
    version: int
    archived_at: datetime | None
    created_at: datetime


async def create_trusted_issuer(tx: Transaction, draft: IssuerDraft) -> UUID:
    """Trust a host application's word about who its users are, from now on.

    Raises:
        InvalidInput, IssuerTrusted.
    """
    _ensure_fit(draft)
    issuer_id = new_id()
    if await tx.execute(ADD, issuer_id, *_columns(draft), now()) == 0:
        raise IssuerTrusted(path=("issuer",))
    tx.note_change(SUBJECT, issuer_id, after=_shown(draft))
    _look_afresh_after(tx)
    return issuer_id


async def update_trusted_issuer(tx: Transaction, issuer_id: UUID, changes: IssuerChanges, *, expected_version: int) -> None:
    """Say something else of an issuer; tokens that were taken before are looked at again within a second.

    Raises:
        NotFound, VersionMoved, InvalidInput, IssuerTrusted.
    """
    before = await _locked(tx, issuer_id, expected_version)
    changed = replace(before.draft, **changes)
    if changes.get("jwks_url") is not None and "pinned_keys" not in changes:
        changed = replace(changed, pinned_keys=None)
    elif changes.get("pinned_keys") is not None and "jwks_url" not in changes:
        changed = replace(changed, jwks_url=None)
    _ensure_fit(changed)
    await _ensure_only_one(tx, issuer_id, changed, live=before.archived_at is None)
    await tx.execute(CHANGE, issuer_id, *_columns(changed))
    tx.note_change(SUBJECT, issuer_id, before=_shown(before.draft), after=_shown(changed))
    _look_afresh_after(tx)


async def archive_trusted_issuer(tx: Transaction, issuer_id: UUID, *, expected_version: int, archived: bool = True) -> None:
    """Trust an issuer no more: within a second its tokens are refused everywhere. Or trust it again, its people as before.

    Raises:
        NotFound, VersionMoved, IssuerTrusted.
    """
    before = await _locked(tx, issuer_id, expected_version)
    if (before.archived_at is not None) == archived:
        return
    await _ensure_only_one(tx, issuer_id, before.draft, live=not archived)
    await tx.execute(ARCHIVE, issuer_id, now() if archived else None)
    tx.note_change(SUBJECT, issuer_id, before={"archived": not archived}, after={"archived": archived})
    _look_afresh_after(tx)


async def trusted_issuers_by_id(ids: Iterable[UUID]) -> dict[UUID, TrustedIssuerRecord]:
    """The issuers with these ids, archived ones too."""
    rows = await db.rows(f"SELECT {COLUMNS} FROM trusted_issuer WHERE id = ANY($1)", list(ids))
    return {row["id"]: _record(row) for row in rows}


async def list_trusted_issuers(*, first: int = 20, after: UUID | None = None) -> list[TrustedIssuerRecord]:
    """Every issuer, newest first, from below `after` on."""
    start = "WHERE id < $2" if after is not None else "WHERE $2::uuid IS NULL"
    rows = await db.rows(f"SELECT {COLUMNS} FROM trusted_issuer {start} ORDER BY id DESC LIMIT $1", first, after)
    return [_record(row) for row in rows]


class _Memory:
    live: dict[str, TrustedIssuerRecord] = {}
    until = 0.0


async def live_issuer(issuer: str) -> TrustedIssuerRecord | None:
    """The live configuration of this issuer, at most a second old."""
    if time.monotonic() >= _Memory.until:
        _Memory.live = {row["issuer"]: _record(row) for row in await db.rows(LIVE)}
        _Memory.until = time.monotonic() + REMEMBERED_SECONDS
    return _Memory.live.get(issuer)


def forget_issuers() -> None:
    """Read again on next use."""
    _Memory.until = 0.0


async def _locked(tx: Transaction, issuer_id: UUID, expected_version: int) -> TrustedIssuerRecord:
    row = await tx.row(LOCK, issuer_id)
    if row is None:
        raise NotFound("trusted issuer", "可信签发方", path=("trustedIssuerId",))
    if row["version"] != expected_version:
        raise VersionMoved(version=row["version"])
    return _record(row)


async def _ensure_only_one(tx: Transaction, issuer_id: UUID, draft: IssuerDraft, *, live: bool) -> None:
    # Two who look at once both find nothing: the unique index then refuses the second, but not in words.
    await tx.advisory_lock(f"trusted issuer:{draft.issuer}")
    if live and await tx.value(TAKEN, draft.issuer, issuer_id) is not None:
        raise IssuerTrusted(path=("issuer",))


def _ensure_fit(draft: IssuerDraft) -> None:
    _ensure_text(draft.name, "name", longest=NAME_LENGTH)
    _ensure_text(draft.issuer, "issuer", longest=ISSUER_LENGTH, spaces=False)
    _ensure_text(draft.audience, "audience", longest=AUDIENCE_LENGTH)
    refuse_odd_text(draft.subject_prefix, "subjectPrefix", longest=PREFIX_LENGTH)
    draft.claims.checked("claims")
    if not draft.algorithms or not set(draft.algorithms) <= set(ALGORITHMS):
        reason, reason_zh = f"Choose among {', '.join(ALGORITHMS)}.", f"须从 {', '.join(ALGORITHMS)} 中选择。"
        raise InvalidInput(path=("algorithms",), reason=reason, reason_zh=reason_zh)
    if (draft.jwks_url is None) == (draft.pinned_keys is None):
        reason, reason_zh = "Give either the address of the keys or the keys.", "请提供密钥地址或固定密钥之一。"
        raise InvalidInput(path=("jwksUrl",), reason=reason, reason_zh=reason_zh)
    if draft.jwks_url is not None:
        parse_remote_url(draft.jwks_url, "jwksUrl")
    else:
        _ensure_keys(draft.pinned_keys)


def _ensure_text(text: str, field: str, *, longest: int, spaces: bool = True) -> None:
    refuse_odd_text(text, field, longest=longest)
    if not text.strip() or (not spaces and SPACE.search(text)):
        raise InvalidInput(path=(field,), reason="Say it; an issuer has no spaces.", reason_zh="不能为空;签发方不能包含空格。")


def _ensure_keys(given: Any) -> None:
    if holds_private_keys(given) or len(orjson.dumps(given)) > LARGEST_SET:
        reason = "Public keys alone, of at most 64 KiB: what is private stays with the issuer."
        raise InvalidInput(path=("pinnedKeys",), reason=reason, reason_zh="只能包含公钥(不超过 64 KiB),私钥须由签发方保管。")
    try:
        read_keys(given)
    except ValueError:
        reason = "A JSON Web Key Set with a key for RS256 (2048 bits and more), ES256 or EdDSA."
        reason_zh = "须为 JWK Set,且至少包含一个 RS256(不少于 2048 位)、ES256 或 EdDSA 公钥。"
        raise InvalidInput(path=("pinnedKeys",), reason=reason, reason_zh=reason_zh) from None


def _columns(draft: IssuerDraft) -> list[Any]:
    pinned = None if draft.pinned_keys is None else orjson.dumps(draft.pinned_keys).decode()
    algorithms: Collection[str] = sorted(set(draft.algorithms))
    claims = orjson.dumps(asdict(draft.claims)).decode()
    return [draft.name, draft.issuer, draft.audience, draft.jwks_url, pinned, algorithms, draft.subject_prefix, claims]


def _shown(draft: IssuerDraft) -> dict[str, Any]:
    """For the activity log, in which long lists have no place."""
    return {**vars(draft), "claims": asdict(draft.claims), "pinned_keys": draft.pinned_keys is not None}


def _record(row: Row) -> TrustedIssuerRecord:
    pinned = None if row["pinned_keys"] is None else orjson.loads(row["pinned_keys"])
    draft = IssuerDraft(
        name=row["name"],
        issuer=row["issuer"],
        audience=row["audience"],
        jwks_url=row["jwks_url"],
        pinned_keys=pinned,
        algorithms=tuple(row["algorithms"]),
        subject_prefix=row["subject_prefix"],
        claims=ClaimMapping(**orjson.loads(row["claims"])),
    )
    keys = None if pinned is None else read_keys(pinned)
    return TrustedIssuerRecord(row["id"], draft, keys, row["version"], row["archived_at"], row["created_at"])


def _look_afresh_after(tx: Transaction) -> None:
    async def forget() -> None:
        forget_issuers()

    tx.after_commit(forget)
