"""Our accounts at suppliers: connected with settings that are sealed at once, paused, halted by a refusal, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Row, Transaction
from perkhub.kit.errors import AlreadyNamed, InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import seal, unseal
from perkhub.kit.texts import refuse_odd_text
from perkhub.plugin.configure import checked_settings
from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.registry import registry
from perkhub.plugin.supplier import Supplier
from perkhub.suppliers.errors import SupplierUnknown
from perkhub.suppliers.models import Provenance
from perkhub.suppliers.states import ACCOUNT, AccountState

SUBJECT = "supplier_account"
NAME_LENGTH = 80
LONGEST_SETTING = 8000
HALT = timedelta(minutes=5)

COLUMNS = """id, name, plugin, sealed, provenance, state, retired, halted_until, halted_for, synced_at, answered_at, balance,
             balance_currency, balance_wanted, balance_low_since, version, created_at"""
ADD = """
    INSERT INTO supplier_account (id, name, plugin, sealed, provenance, state, retired, version, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, false, 1, $7) ON CONFLICT (name) DO NOTHING
"""
LOCK = f"SELECT {COLUMNS} FROM supplier_account WHERE id = $1 FOR NO KEY UPDATE"
CHANGE = """
    UPDATE supplier_account SET name = $2, sealed = $3, provenance = $4, version = version + 1,
           halted_until = NULL, halted_for = NULL
    WHERE id = $1 AND NOT EXISTS (SELECT FROM supplier_account o WHERE o.name = $2 AND o.id <> $1)
"""
BY_IDS = f"SELECT {COLUMNS} FROM supplier_account WHERE id = ANY($1)"
LIST = f"SELECT {COLUMNS} FROM supplier_account WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"
END_HALT = """
    UPDATE supplier_account SET halted_until = NULL, halted_for = NULL, version = version + 1 WHERE id = $1
"""
HALT_ACCOUNT = """
    UPDATE supplier_account SET halted_until = $2, halted_for = $3
    WHERE id = $1 AND (halted_until IS NULL OR halted_until < $2)
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Our account at one supplier; its settings only sealed."""

    id: UUID
    name: str
    plugin: str
    sealed: bytes = field(repr=False)
    provenance: Provenance
    state: AccountState
    retired: bool
    halted_until: datetime | None
    halted_for: str | None
    synced_at: datetime | None
    answered_at: datetime | None
    balance: Decimal | None
    balance_currency: str | None
    balance_wanted: Decimal | None
    balance_low_since: datetime | None
    version: int
    created_at: datetime

    @property
    def may_buy(self) -> bool:
        """Whether new orders may go there at this moment."""
        return (
            self.state is AccountState.ACTIVE and not self.retired and (self.halted_until is None or self.halted_until <= now())
        )

    def settings(self) -> dict[str, object]:
        """The plain settings, for the plugin and nobody else."""
        key = keyring().house_key(HouseKey.CREDENTIALS)
        opened: dict[str, object] = orjson.loads(unseal(key, self.sealed, associated=_place(self.id)))
        return opened


def plugin_of(key: str) -> type[Supplier]:
    """The plugin of this key.

    Raises:
        SupplierUnknown.
    """
    known = registry().suppliers
    if key not in known:
        raise SupplierUnknown(available=", ".join(sorted(known)))
    return known[key]


async def connect_account(
    tx: Transaction, *, name: str, plugin: str, settings: Mapping[str, object], provenance: Provenance
) -> UUID:
    """Keep an account. Its settings were checked by the plugin's own model, and are sealed from here on.

    Raises:
        SupplierUnknown, InvalidInput, AlreadyNamed.
    """
    refuse_unfit_settings(plugin, settings)
    account = new_id()
    born = str(ACCOUNT.birth(AccountState.ACTIVE))
    values = (_named(name), plugin, _sealed(account, settings), str(provenance), born, now())
    if not await tx.execute(ADD, account, *values):
        raise AlreadyNamed("name")
    after = {"name": name.strip(), "plugin": plugin, "provenance": provenance}
    tx.note_change(SUBJECT, account, after=after, hidden=("settings",))
    return account


async def update_account(
    tx: Transaction,
    account: UUID,
    *,
    expected_version: int,
    name: str | None = None,
    settings: Mapping[str, object] | None = None,
    provenance: Provenance | None = None,
) -> None:
    """Change what is given; new settings replace the old ones wholly, and end a halt.

    Raises:
        NotFound, VersionMoved, InvalidInput, AlreadyNamed.
    """
    before = await lock_account(tx, account, expected_version=expected_version)
    if settings is not None:
        refuse_unfit_settings(before.plugin, settings)
    sealed = before.sealed if settings is None else _sealed(account, settings)
    after = replace(before, name=before.name if name is None else _named(name), provenance=provenance or before.provenance)
    if not await tx.execute(CHANGE, account, after.name, sealed, str(after.provenance)):
        raise AlreadyNamed("name")
    hidden = () if settings is None else ("settings",)
    tx.note_change(SUBJECT, account, before=_told(before), after=_told(after), hidden=hidden)


async def pause_account(tx: Transaction, account: UUID, *, expected_version: int, paused: bool) -> None:
    """Buy nothing new there; or again, even where a refusal of the account keeps orders away. What is under way is looked
    after in any case.

    Raises:
        NotFound, VersionMoved.
    """
    before = await lock_account(tx, account, expected_version=expected_version)
    state = AccountState.PAUSED if paused else AccountState.ACTIVE
    if before.state is state:
        if before.halted_until is not None and not paused:
            await tx.execute(END_HALT, account)
            tx.note_change(SUBJECT, account, before={"halted_for": before.halted_for}, after={"halted_for": None})
        return
    columns: dict[str, Any] = {"version": before.version + 1, "halted_until": None, "halted_for": None}
    await ACCOUNT.move(tx, account, state, event=None, **columns)
    tx.note_change(SUBJECT, account, before={"state": before.state}, after={"state": state})


async def halt_account(tx: Transaction, account: UUID, reason: str) -> None:
    """The supplier refused the account itself: new orders stay away for a while, in every process."""
    await tx.execute(HALT_ACCOUNT, account, now() + HALT, reason[:60])


async def accounts_by_ids(ids: Sequence[UUID]) -> dict[UUID, Account]:
    """The accounts with these ids."""
    return {row["id"]: _account(row) for row in await db.rows(BY_IDS, list(ids))}


async def account_by_id(account: UUID, *path: str) -> Account:
    """The account.

    Raises:
        NotFound.
    """
    found = (await accounts_by_ids([account])).get(account)
    if found is None:
        raise NotFound("supplier account", "供应商账号", path=path)
    return found


async def list_accounts(*, before: UUID | None = None, limit: int = 20) -> list[Account]:
    """Accounts, newest first."""
    return [_account(row) for row in await db.rows(LIST, before, limit)]


def refuse_unfit_settings(plugin: str, settings: Mapping[str, object]) -> None:
    """Ask the plugin's own model.

    Raises:
        SupplierUnknown.
        InvalidInput: names the field, never its value.
    """
    for name, value in settings.items():
        if isinstance(value, str | list) and len(str(value)) > LONGEST_SETTING:
            reason, reason_zh = f"At most {LONGEST_SETTING} characters.", f"最多 {LONGEST_SETTING} 个字符。"
            raise InvalidInput(path=("settings", plugin, name), reason=reason, reason_zh=reason_zh)
    try:
        checked_settings(plugin_of(plugin), settings)
    except SettingsRefused as refused:
        where, why = refused.faults[0]
        raise InvalidInput(path=("settings", plugin, *where), reason=why.en, reason_zh=why.zh) from None


async def lock_account(tx: Transaction, account: UUID, *, expected_version: int | None = None) -> Account:
    """The account, locked; as it was read, where that is said.

    Raises:
        NotFound, VersionMoved.
    """
    row = await tx.row(LOCK, account)
    if row is None:
        raise NotFound("supplier account", "供应商账号", path=("accountId",))
    if expected_version not in (None, row["version"]):
        raise VersionMoved(version=row["version"])
    return _account(row)


def _named(name: str) -> str:
    refuse_odd_text(name, "name", longest=NAME_LENGTH)
    if not name.strip():
        raise InvalidInput(path=("name",), reason="Give it a name.", reason_zh="请填写名称。")
    return name.strip()


def _told(account: Account) -> dict[str, object]:
    return {"name": account.name, "provenance": account.provenance}


def _sealed(account: UUID, settings: Mapping[str, object]) -> bytes:
    key = keyring().house_key(HouseKey.CREDENTIALS)
    return seal(key, orjson.dumps(dict(settings)), associated=_place(account))


def _place(account: UUID) -> tuple[str, UUID, str]:
    return (SUBJECT, account, "settings")


def _account(row: Row) -> Account:
    told = {name: row[name] for name in Account.__slots__}
    return Account(**{**told, "provenance": Provenance(row["provenance"]), "state": AccountState(row["state"])})
