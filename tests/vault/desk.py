"""An operator's desk: uploads and imports as the edge asks for them, and what came of them, read from the tables."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextvars import Context
from csv import writer
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.jobs import drain
from perkhub.kit.keys import KeyRing, LocalKeys, set_keyring
from perkhub.kit.uploads import receive_upload
from perkhub.vault import (
    CredentialKind,
    ImportRequest,
    ImportView,
    OutOfStock,
    Waiting,
    claim_codes,
    read_import,
    read_sealed,
    request_import,
    take_stock,
    unseal_credentials,
)
from perkhub.vault.claim import DealtCode
from tests.fixtures.workbooks import workbook

T = TypeVar("T")
OPERATOR = "staff:operator"
HEADER = ("卡号", "密码", "有效期")


async def open_keys() -> None:
    """The same keys in every process of a test."""
    ring = KeyRing(LocalKeys({"tests": b"k" * 32}))
    await ring.open()
    set_keyring(ring)


def numbered(first: int, count: int, *, expiry: str = "2099-12-31") -> list[tuple[str, str, str]]:
    """Rows of a table with this header: a card number, its PIN, and when it expires."""
    return [(f"62220000{number:08}", f"{number * 7919 % 1_000_000:06}", expiry) for number in range(first, first + count)]


def xlsx(rows: Iterable[Sequence[Any]], *, header: Sequence[str] = HEADER) -> bytes:
    return workbook([header, *rows])


def csv(
    rows: Iterable[Sequence[Any]], *, header: Sequence[str] = HEADER, encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    out = io.StringIO()
    writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue().encode(encoding)


async def in_pieces(content: bytes, *, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def upload(content: bytes, *, name: str = "codes.xlsx", actor: str = OPERATOR) -> UUID:
    return await receive_upload(name, in_pieces(content), actor=actor)


def a_request(upload_id: UUID, variant: UUID, **changes: Any) -> ImportRequest:
    asked: dict[str, Any] = {
        "upload_id": upload_id,
        "variant_id": variant,
        "issuer": "Acme",
        "unit_cost": Decimal("9.5"),
        "currency": "CNY",
        "actor": OPERATOR,
    }
    return ImportRequest(**(asked | changes))


async def ask(upload_id: UUID, variant: UUID, **changes: Any) -> UUID:
    """Ask for an import; it waits for a worker."""
    request = a_request(upload_id, variant, **changes)
    return await transact(lambda tx: request_import(tx, new_id(), request))


async def found(import_id: UUID) -> ImportView:
    view = await read_import(import_id)
    assert view is not None
    return view


async def bring_in(content: bytes, variant: UUID, *, name: str = "codes.xlsx", **changes: Any) -> ImportView:
    """Upload, ask, and let the worker do it."""
    import_id = await ask(await upload(content, name=name), variant, **changes)
    await drain()
    return await found(import_id)


async def opened(variant: UUID) -> list[dict[CredentialKind, str]]:
    """Every code of the variant in clear, in the order in which they came in."""
    ids = [row["id"] for row in await db.rows("SELECT id FROM code WHERE variant_id = $1 ORDER BY id", variant)]
    sealed = {code.code_id: code for code in await transact(lambda tx: read_sealed(tx, ids))}
    return [{one.kind: one.value for one in await unseal_credentials(sealed[code])} for code in ids]


async def claim(variant: UUID, count: int, *, usable_at: datetime) -> list[DealtCode]:
    """Deal so many codes to new entitlements, in one transaction."""
    waiting = [Waiting(new_id(), variant, usable_at) for _ in range(count)]
    return list((await transact(lambda tx: claim_codes(tx, waiting, actor="tests"))).values())


async def buy(variant: UUID, *, quantity: int = 1, usable_at: datetime | None = None) -> list[DealtCode]:
    """What a purchase does to the vault: claim, then lower the counter."""

    async def work(tx: Transaction) -> list[DealtCode]:
        waiting = [Waiting(new_id(), variant, usable_at or now()) for _ in range(quantity)]
        dealt = await claim_codes(tx, waiting, actor="tests")
        if len(dealt) < quantity:
            raise OutOfStock
        # A round trip, as a purchase has several: competitors come in between.
        await tx.value("SELECT 1")
        await take_stock(tx, {variant: quantity})
        return list(dealt.values())

    return await transact(work)


async def elsewhere(work: Coroutine[Any, Any, T]) -> T:
    """Do it on a connection of its own, while this task has a transaction open."""
    return await asyncio.create_task(work, context=Context())


async def count_of(table: str) -> int:
    counted: int = await db.value(f"SELECT count(*) FROM {table}")
    return counted


async def states(variant: UUID) -> Counter[str]:
    """How many codes of the variant are in which state."""
    rows = await db.rows("SELECT state, count(*) AS codes FROM code WHERE variant_id = $1 GROUP BY state", variant)
    return Counter({row["state"]: row["codes"] for row in rows})


async def books() -> dict[str, int]:
    """The balance of every book."""
    return {row["book"]: int(row["sum"]) for row in await db.rows("SELECT book, sum(amount) FROM ledger_entry GROUP BY book")}


async def ensure_counters_agree() -> None:
    """Counters equal rows, every code has its fingerprint and its touches, money sums to zero."""
    for row in await db.rows(
        """SELECT s.variant_id, s.available,
                  (SELECT count(*) FROM code c WHERE c.variant_id = s.variant_id AND c.state = 'available') AS codes
           FROM stock s"""
    ):
        assert row["available"] == row["codes"]
    for row in await db.rows("SELECT l.quantity, (SELECT count(*) FROM code c WHERE c.lot_id = l.id) AS codes FROM lot l"):
        assert row["quantity"] == row["codes"]
    assert await db.value("SELECT count(*) FROM code c LEFT JOIN fingerprint f ON f.code_id = c.id WHERE f.value IS NULL") == 0
    assert await count_of("fingerprint") == await count_of("code")
    arrivals = await db.value("SELECT count(*) FROM custody WHERE action = 'in'")
    assert arrivals == await count_of("code")
    assert sum((await books()).values()) == 0
