"""What a supplier believes that it sold us, against our orders and our ledger: whatever differs waits for a person."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub.kit.clock import now, shift
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.jobs import drain
from perkhub.plugin.supplier import (
    Cost,
    Delivered,
    Echo,
    Rejected,
    StatementLine,
    SupplierUnanswered,
    Unknown,
)
from perkhub.suppliers import (
    Difference,
    DifferenceClosed,
    DifferenceKind,
    SupplierOrder,
    SyncState,
    account_by_id,
    close_difference,
    latest_statements,
    list_differences,
    request_statement,
)
from perkhub.suppliers.statements.read import request_statements
from tests.factories import Shop
from tests.fulfilment.scripted import Script, Scripted, codes, offered, scripted
from tests.fulfilment.sourcing import Sourcing, attempts

K = DifferenceKind


class Telling(scripted("telling")):  # type: ignore[misc]
    """Tells its statement, by day; an exception ends it there."""

    told: dict[str, list[StatementLine | Exception]] = {}

    async def statement(self, day: str) -> AsyncIterator[StatementLine]:
        for line in self.told.get(day, []):
            if isinstance(line, Exception):
                raise line
            yield line


@pytest.fixture
def script(house: None) -> Iterator[Script]:
    with offered(Telling, scripted("mute")):
        yield Scripted.scripts["statement"]
    Telling.told.clear()


def today() -> date:
    return now().astimezone(UTC).date()


def line(reference: str | None, theirs: str, amount: str, kind: str = "purchase", currency: str = "CNY") -> StatementLine:
    return StatementLine(reference, theirs, now(), Cost(Decimal(amount), currency), kind)


async def bought(shop: Shop, sourcing: Sourcing, script: Script, *answers: Any) -> tuple[UUID, list[SupplierOrder]]:
    """An order for each answer; the account, and the attempts."""
    variant = await shop.variant(codes=0, price="30.00")
    account = await sourcing.account("telling", {"script": "statement"})
    await sourcing.offer(account, variant.id, "sku", cost="20.00")
    for answer in answers:
        script.places.append(answer)
        script.looks.extend([Unknown("still")] * 3)
        await sourcing.buy(await shop.customer(wallet="100.00"), (variant, 1))
        await drain()
    return account, await attempts()


def delivered(reference: str, cost: str = "19.00") -> Delivered:
    return Delivered(Echo(cost=Cost(Decimal(cost), "CNY")), reference, codes=codes(1))


async def read(account: UUID, day: date) -> SyncState:
    known = await account_by_id(account)
    await transact(lambda tx: request_statement(tx, known, day))
    await drain()
    return (await latest_statements(account))[0].state


async def still_open(account: UUID) -> list[Difference]:
    return await list_differences(account=account, is_open=True)


def shown(found: list[Difference]) -> set[tuple[str, DifferenceKind, int, int]]:
    return {(one.subject, one.kind, one.ours, one.theirs) for one in found}


async def test_what_agrees_is_no_difference(shop: Shop, sourcing: Sourcing, script: Script):
    account, [one, two] = await bought(shop, sourcing, script, delivered("R1"), delivered("R2"))
    Telling.told[f"{today():%F}"] = [
        line(one.reference, "R1", "19.00"),
        line(None, "R2", "19.00"),
        line(None, "deposit 7", "5000.00", "deposit"),
    ]
    assert await read(account, today()) is SyncState.DONE
    assert await list_differences(account=account) == []
    assert await db.value("SELECT count(*) FROM supplier_statement_line") == 3
    assert await read(account, today()) is SyncState.DONE
    # The last reading of a day keeps its lines, and no other one.
    assert await db.value("SELECT count(*) FROM supplier_statement_line") == 3
    assert two.review_since is None


async def test_each_kind_of_difference(shop: Shop, sourcing: Sourcing, script: Script):
    answers = (delivered("R1"), delivered("R2"), Rejected("no", elsewhere=False), delivered("R4"))
    account, [dear, fine, refused, missing] = await bought(shop, sourcing, script, *answers)
    day = today()
    Telling.told[f"{day:%F}"] = [
        line(dear.reference, "R1", "19.50"),
        line(fine.reference, "R2", "19.00"),
        line(refused.reference, "R3", "20.00"),
        line(None, "R9", "7.00"),
        line("SOMEBODYELSES0000000000", "R8", "3.00"),
    ]
    await read(account, day)
    expected = {
        (dear.reference, K.AMOUNT, 1900, 1950),
        (refused.reference, K.AMOUNT, 0, 2000),
        ("R9", K.UNKNOWN_HERE, 0, 700),
        ("R8", K.UNKNOWN_HERE, 0, 300),
    }
    assert shown(await still_open(account)) == expected
    # Whether it is missing is known when the days around it were read: the supplier's calendar may be another.
    await read(account, day + timedelta(days=1))
    assert shown(await still_open(account)) == expected | {(missing.reference, K.MISSING_THERE, 1900, 0)}
    assert {one.reference for one in await attempts() if one.review_since is not None} == {
        dear.reference,
        refused.reference,
        missing.reference,
    }


async def test_it_closes_by_itself_when_both_agree(shop: Shop, sourcing: Sourcing, script: Script):
    account, [dear] = await bought(shop, sourcing, script, delivered("R1"))
    day = f"{today():%F}"
    Telling.told[day] = [line(dear.reference, "R1", "25.00"), line(None, "R9", "7.00")]
    await read(account, today())
    assert len(await still_open(account)) == 2
    Telling.told[day] += [line(dear.reference, "R1b", "6.00", "refund"), line(None, "R9", "7.00", "refund")]
    await read(account, today())
    assert await still_open(account) == []
    assert {one.closed_by for one in await list_differences(account=account)} == {"system"}


async def test_what_a_person_closed_is_not_raised_again_as_it_was(shop: Shop, sourcing: Sourcing, script: Script):
    account, [dear] = await bought(shop, sourcing, script, delivered("R1"))
    day = f"{today():%F}"
    Telling.told[day] = [line(dear.reference, "R1", "25.00")]
    await read(account, today())
    [found] = await still_open(account)
    with pytest.raises(InvalidInput):
        await transact(lambda tx: close_difference(tx, found.id, reason=" ", by="staff:one"))
    await transact(lambda tx: close_difference(tx, found.id, reason="a fee, agreed", by="staff:one"))
    with pytest.raises(DifferenceClosed):
        await transact(lambda tx: close_difference(tx, found.id, reason="again", by="staff:two"))
    await read(account, today())
    assert await still_open(account) == []
    Telling.told[day] = [line(dear.reference, "R1", "26.00")]
    await read(account, today())
    assert shown(await still_open(account)) == {(dear.reference, K.AMOUNT, 1900, 2600)}


ENDED_EARLY = [
    (SupplierUnanswered("timeout"), "timeout"),
    (ValueError("secret"), "raised_ValueError"),
    ("no line", "odd_line"),
    (line(None, "R", "NaN"), "odd_line"),
    (line(None, "R", "1", currency="???"), "odd_line"),
    (line(None, "R\x00", "1"), "odd_line"),
]


@pytest.mark.parametrize("at", range(len(ENDED_EARLY)))
async def test_a_part_of_a_statement_says_nothing(shop: Shop, sourcing: Sourcing, script: Script, at: int):
    said, failure = ENDED_EARLY[at]
    account, [one] = await bought(shop, sourcing, script, delivered("R1"))
    Telling.told[f"{today():%F}"] = [line(one.reference, "R1", "99.00"), said]  # type: ignore[list-item]
    assert await read(account, today()) is SyncState.FAILED
    assert (await latest_statements(account))[0].failure == failure
    assert (await list_differences(account=account), await db.value("SELECT count(*) FROM supplier_statement_line")) == ([], 0)


async def test_yesterdays_is_read_by_itself_once(shop: Shop, sourcing: Sourcing, script: Script):
    account, _ = await bought(shop, sourcing, script)
    await sourcing.account("mute", {"script": "statement"})
    for _ in range(2):
        await request_statements()
        await drain()
    [first] = await latest_statements(account)
    assert (first.state, first.day) == (
        SyncState.DONE,
        (now() - timedelta(hours=14)).astimezone(UTC).date() - timedelta(days=1),
    )
    shift(timedelta(days=1))
    await request_statements()
    await drain()
    assert [one.day - first.day for one in await latest_statements(account)] == [timedelta(days=1), timedelta()]
    assert await db.value("SELECT count(*) FROM supplier_statement") == 2
