"""Identity providers: OpenID Connect services that customers, or staff, sign in with. Set up, read, remembered for a second.

What is safe, and why:

- A provider proves who somebody is at the provider. It never opens an account that it was not linked to: who signs in for
  the first time and has an e-mail that an account here has already is refused (`AccountExists`), signs in as before, and
  links the two while signed in to both. Else whoever runs a provider, or got an address that was somebody else's, would
  have the account.
- Operators may say that a provider owns the addresses of its domains (`links_by_email`): then a verified e-mail of those
  domains opens the customer's account that has the same one, verified. Never an account of staff.
- A provider for staff names the domains whose people are staff, gives new ones the groups it was set up with, and is set up
  only by who may manage staff, within what they may do themselves.
"""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum, auto
from typing import Any, TypedDict
from uuid import UUID

import orjson

from perkhub.accounts.contacts import ContactKind, parse_contact
from perkhub.accounts.federation.claims import USUAL, ClaimMapping
from perkhub.accounts.groups import ensure_grantable, groups_of
from perkhub.accounts.identity import Identity, ensure_permission
from perkhub.accounts.permissions import Permission
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import AlreadyNamed, InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.public_addresses import parse_remote_url
from perkhub.kit.sealing import seal_text, unseal_text
from perkhub.kit.texts import refuse_odd_text, refuse_odd_texts

SUBJECT = "identity_provider"
KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,80}")  # of RFC 6749
NAME_LENGTH, CLIENT_LENGTH, SECRET_LENGTH = 60, 300, 1000
MOST_SCOPES, MOST_DOMAINS, MOST_GROUPS = 20, 100, 50
LIVE_AT_MOST = 100
REMEMBERED_SECONDS = 1.0
USUAL_SCOPES = ("openid", "email", "profile")

COLUMNS = """id, key, name, audience, issuer, client_id, sealed_client_secret, scopes, claims, email_domains, links_by_email,
    group_ids, version, archived_at, created_at"""
ADD = """
    INSERT INTO identity_provider (id, key, audience, name, issuer, client_id, sealed_client_secret, scopes, claims,
                                   email_domains, links_by_email, group_ids, version, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13) ON CONFLICT (key) DO NOTHING
"""
LOCK = f"SELECT {COLUMNS} FROM identity_provider WHERE id = $1 FOR NO KEY UPDATE"
CHANGE = """
    UPDATE identity_provider SET name = $2, issuer = $3, client_id = $4, sealed_client_secret = $5, scopes = $6, claims = $7,
        email_domains = $8, links_by_email = $9, group_ids = $10, version = version + 1
    WHERE id = $1
"""
ARCHIVE = "UPDATE identity_provider SET archived_at = $2, version = version + 1 WHERE id = $1"
LIVE = f"SELECT {COLUMNS} FROM identity_provider WHERE archived_at IS NULL ORDER BY created_at, id LIMIT {LIVE_AT_MOST}"


class ProviderAudience(StrEnum):
    CUSTOMER = auto()
    STAFF = auto()


@dataclass(frozen=True)
class ProviderDraft:
    """An identity provider as it shall be; its client secret stays out of representations."""

    key: str
    name: dict[str, str]
    audience: ProviderAudience
    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    scopes: Sequence[str] = USUAL_SCOPES
    claims: ClaimMapping = USUAL
    email_domains: Sequence[str] = ()
    links_by_email: bool = False
    group_ids: Sequence[UUID] = ()


class ProviderChanges(TypedDict, total=False):
    """What a provider becomes; what is left out stays. Its key and its audience are for good."""

    name: dict[str, str]
    issuer: str
    client_id: str
    client_secret: str | None
    scopes: Sequence[str]
    claims: ClaimMapping
    email_domains: Sequence[str]
    links_by_email: bool
    group_ids: Sequence[UUID]


@dataclass(frozen=True)
class ProviderRecord:
    """An identity provider as it stands; in the draft there is no secret, but `sealed_secret` may be opened."""

    id: UUID
    draft: ProviderDraft
    sealed_secret: bytes | None = field(repr=False)
    version: int
    archived_at: datetime | None
    created_at: datetime

    def client_secret(self) -> str | None:
        """For the provider itself, and nobody else."""
        if self.sealed_secret is None:
            return None
        return unseal_text(keyring().house_key(HouseKey.CREDENTIALS), self.sealed_secret, associated=_place(self.id))


async def create_provider(tx: Transaction, draft: ProviderDraft, *, by: Identity | None) -> UUID:
    """Let people sign in with a provider, from now on.

    Raises:
        InvalidInput, AlreadyNamed, NotFound. NotAllowed: it would make staff, or give them more than `by` may.
    """
    checked = await _checked(tx, draft, by=by)
    if not KEY.fullmatch(draft.key):
        reason, reason_zh = "2 to 40 of a-z, 0-9 and '-', a letter first.", "须为 2 至 40 个 a-z、0-9 或“-”,以字母开头。"
        raise InvalidInput(path=("key",), reason=reason, reason_zh=reason_zh)
    provider = new_id()
    columns = _columns(checked, _sealed(provider, draft.client_secret))
    if await tx.execute(ADD, provider, draft.key, str(draft.audience), *columns, now()) == 0:
        raise AlreadyNamed("key")
    tx.note_change(SUBJECT, provider, after=_shown(checked), hidden=("client_secret",))
    _look_afresh_after(tx)
    return provider


async def update_provider(
    tx: Transaction, provider: UUID, changes: ProviderChanges, *, expected_version: int, by: Identity | None
) -> None:
    """Say something else of a provider. Who was linked stays linked, unless it moves to another issuer's address.

    Raises:
        NotFound, VersionMoved, InvalidInput, NotAllowed.
    """
    before = await _locked(tx, provider, expected_version, by=by)
    checked = await _checked(tx, replace(before.draft, **changes), by=by)
    sealed = _sealed(provider, changes["client_secret"]) if "client_secret" in changes else before.sealed_secret
    await tx.execute(CHANGE, provider, *_columns(checked, sealed))
    if checked.issuer != before.draft.issuer:
        # Its subjects are others': nobody there is who the same name was elsewhere.
        await tx.execute("DELETE FROM external_identity WHERE source_id = $1", provider)
    hidden = ("client_secret",) if "client_secret" in changes else ()
    tx.note_change(SUBJECT, provider, before=_shown(before.draft), after=_shown(checked), hidden=hidden)
    _look_afresh_after(tx)


async def archive_provider(
    tx: Transaction, provider: UUID, *, expected_version: int, archived: bool = True, by: Identity | None
) -> None:
    """Let nobody sign in with a provider any more; sessions that stand go on. Or let them again, and be who they were.

    Raises:
        NotFound, VersionMoved, NotAllowed.
    """
    before = await _locked(tx, provider, expected_version, by=by)
    if (before.archived_at is not None) == archived:
        return
    await tx.execute(ARCHIVE, provider, now() if archived else None)
    tx.note_change(SUBJECT, provider, before={"archived": not archived}, after={"archived": archived})
    _look_afresh_after(tx)


async def providers_by_id(ids: Iterable[UUID]) -> dict[UUID, ProviderRecord]:
    """The providers with these ids, archived ones too."""
    rows = await db.rows(f"SELECT {COLUMNS} FROM identity_provider WHERE id = ANY($1)", list(ids))
    return {row["id"]: _record(row) for row in rows}


async def list_providers(*, first: int = 20, after: UUID | None = None) -> list[ProviderRecord]:
    """Every provider, newest first, from below `after` on."""
    start = "WHERE id < $2" if after is not None else "WHERE $2::uuid IS NULL"
    rows = await db.rows(f"SELECT {COLUMNS} FROM identity_provider {start} ORDER BY id DESC LIMIT $1", first, after)
    return [_record(row) for row in rows]


class _Memory:
    live: dict[str, ProviderRecord] = {}
    until = 0.0


async def live_providers() -> dict[str, ProviderRecord]:
    """Every provider that people can sign in with, by its key, in the order they were set up; at most a second old."""
    if time.monotonic() >= _Memory.until:
        _Memory.live = {row["key"]: _record(row) for row in await db.rows(LIVE)}
        _Memory.until = time.monotonic() + REMEMBERED_SECONDS
    return _Memory.live


def forget_providers() -> None:
    """Read again on next use."""
    _Memory.until = 0.0


async def _locked(tx: Transaction, provider: UUID, expected_version: int, *, by: Identity | None) -> ProviderRecord:
    row = await tx.row(LOCK, provider)
    if row is None:
        raise NotFound("identity provider", "身份提供方", path=("identityProviderId",))
    found = _record(row)
    await _ensure_within(tx, found.draft, by)
    if found.version != expected_version:
        raise VersionMoved(version=found.version)
    return found


async def _ensure_within(tx: Transaction, draft: ProviderDraft, by: Identity | None) -> None:
    """Who may make staff by hand may let a provider make them, and with no more. The groups are there."""
    if draft.audience is ProviderAudience.STAFF and by is not None:
        ensure_permission(by, Permission.MANAGE_STAFF)
    for group in await groups_of(tx, draft.group_ids):
        ensure_grantable(by, group.permissions, group.channel_ids)


async def _checked(tx: Transaction, draft: ProviderDraft, *, by: Identity | None) -> ProviderDraft:
    refuse_odd_texts(draft.name, "name", longest=NAME_LENGTH, needed=True)
    # What a token says must be the same to the letter, so nothing is taken from its end here.
    parse_remote_url(draft.issuer, "issuer")
    refuse_odd_text(draft.client_id, "clientId", longest=CLIENT_LENGTH)
    if not draft.client_id.strip():
        raise InvalidInput(path=("clientId",), reason="Say it.", reason_zh="不能为空。")
    refuse_odd_text(draft.client_secret or "", "clientSecret", longest=SECRET_LENGTH)
    draft.claims.checked("claims")
    scopes = list(dict.fromkeys(["openid", *draft.scopes]))
    if len(scopes) > MOST_SCOPES or not all(SCOPE.fullmatch(scope) for scope in scopes):
        reason, reason_zh = f"At most {MOST_SCOPES} names without spaces.", f"最多 {MOST_SCOPES} 个,不能包含空格。"
        raise InvalidInput(path=("scopes",), reason=reason, reason_zh=reason_zh)
    checked = replace(draft, scopes=scopes, email_domains=_domains(draft.email_domains), group_ids=_groups(draft))
    _ensure_safe(checked)
    await _ensure_within(tx, checked, by)
    return checked


def _ensure_safe(draft: ProviderDraft) -> None:
    if draft.audience is ProviderAudience.STAFF and not draft.email_domains:
        reason = "Name the e-mail domains whose people are staff: else whoever has an account there would be."
        raise InvalidInput(path=("emailDomains",), reason=reason, reason_zh="请填写员工邮箱域名,否则任何人都可能成为员工。")
    if draft.links_by_email and (draft.audience is ProviderAudience.STAFF or not draft.email_domains):
        reason = "Only for customers, and only with the e-mail domains that the provider owns."
        raise InvalidInput(path=("linksByEmail",), reason=reason, reason_zh="仅限客户登录,且须填写该提供方拥有的邮箱域名。")
    if draft.group_ids and draft.audience is not ProviderAudience.STAFF:
        raise InvalidInput(path=("groupIds",), reason="Only staff have groups.", reason_zh="仅员工可设置权限组。")


def _domains(given: Sequence[str]) -> list[str]:
    if len(given) > MOST_DOMAINS:
        raise InvalidInput(path=("emailDomains",), reason=f"At most {MOST_DOMAINS}.", reason_zh=f"最多 {MOST_DOMAINS} 个。")
    found = []
    for place, domain in enumerate(given):
        try:
            found.append(parse_contact(ContactKind.EMAIL, f"x@{domain.strip()}").value.partition("@")[2])
        except InvalidInput:
            reason, reason_zh = "Not a domain such as example.com.", "须为域名,例如 example.com。"
            raise InvalidInput(path=("emailDomains", str(place)), reason=reason, reason_zh=reason_zh) from None
    return list(dict.fromkeys(found))


def _groups(draft: ProviderDraft) -> list[UUID]:
    if len(draft.group_ids) > MOST_GROUPS:
        raise InvalidInput(path=("groupIds",), reason=f"At most {MOST_GROUPS}.", reason_zh=f"最多 {MOST_GROUPS} 个。")
    return list(dict.fromkeys(draft.group_ids))


def _place(provider: UUID) -> tuple[str, UUID, str]:
    return ("identity_provider", provider, "client_secret")


def _sealed(provider: UUID, secret: str | None) -> bytes | None:
    key = keyring().house_key(HouseKey.CREDENTIALS)
    return seal_text(key, secret, associated=_place(provider)) if secret else None


def _columns(draft: ProviderDraft, sealed: bytes | None) -> list[Any]:
    name, claims = orjson.dumps(draft.name).decode(), orjson.dumps(asdict(draft.claims)).decode()
    whom = [list(draft.email_domains), draft.links_by_email, list(draft.group_ids)]
    return [name, draft.issuer, draft.client_id, sealed, list(draft.scopes), claims, *whom]


def _shown(draft: ProviderDraft) -> dict[str, Any]:
    shown = {name: value for name, value in vars(draft).items() if name != "client_secret"}
    return {**shown, "claims": asdict(draft.claims)}


def _record(row: Row) -> ProviderRecord:
    draft = ProviderDraft(
        key=row["key"],
        name=orjson.loads(row["name"]),
        audience=ProviderAudience(row["audience"]),
        issuer=row["issuer"],
        client_id=row["client_id"],
        scopes=tuple(row["scopes"]),
        claims=ClaimMapping(**orjson.loads(row["claims"])),
        email_domains=tuple(row["email_domains"]),
        links_by_email=row["links_by_email"],
        group_ids=tuple(row["group_ids"]),
    )
    sealed = row["sealed_client_secret"]
    return ProviderRecord(row["id"], draft, sealed, row["version"], row["archived_at"], row["created_at"])


def _look_afresh_after(tx: Transaction) -> None:
    async def forget() -> None:
        forget_providers()

    tx.after_commit(forget)
