"""What lies at suppliers: asked by turns, and told once for each time that it falls below what shall be there."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from perkhub.kit import db
from perkhub.kit.clock import shift
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, VersionMoved
from perkhub.kit.jobs import drain
from perkhub.plugin.supplier import Balance, Supplier, SupplierUnanswered
from perkhub.suppliers import Account, account_by_id, count_low_balances, pause_account, want_balance
from perkhub.suppliers.balances import ask_balances
from tests.fulfilment.scripted import offered, scripted
from tests.fulfilment.sourcing import Sourcing

LOW = "supplier_account.balance_low"
SAID: list[Balance | Exception] = []


class Telling(scripted("telling")):  # type: ignore[misc]
    """Says what lies there."""

    async def balance(self) -> Balance:
        said = SAID.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


class Silent(scripted("silent")):  # type: ignore[misc]
    """Has no such question."""

    balance = Supplier.balance


@pytest.fixture(autouse=True)
def suppliers(house: None) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(offered(Telling, Silent))
        yield
        SAID.clear()


async def asked(account: UUID, *balances: str | Exception) -> Account:
    """Ten minutes later each."""
    for said in balances:
        SAID.append(said if isinstance(said, Exception) else Balance(Decimal(said), "CNY"))
        shift(timedelta(minutes=11))
        await ask_balances()
        await drain()
        assert SAID == []
    return await account_by_id(account)


async def told() -> int:
    many: int = await db.value("SELECT count(*) FROM outbox WHERE name = $1", LOW)
    return many


async def want(account: UUID, wanted: str | None) -> None:
    version = (await account_by_id(account)).version
    amount = None if wanted is None else Decimal(wanted)
    await transact(lambda tx: want_balance(tx, account, amount, expected_version=version))


async def test_each_fall_is_told_once(sourcing: Sourcing):
    account = await sourcing.account("telling", {"script": "x"})
    assert (await asked(account, "500.00")).balance == 500
    await want(account, "100")
    assert (await asked(account, "100.00")).balance_low_since is None
    low = await asked(account, "99.99")
    assert (low.balance_low_since is not None, await told(), await count_low_balances()) == (True, 1, 1)
    assert (await asked(account, "50.00", "10.00")).balance_low_since == low.balance_low_since
    assert await told() == 1
    assert (await asked(account, "100.00")).balance_low_since is None
    assert (await asked(account, "1.00")).balance_low_since is not None
    assert (await told(), await count_low_balances()) == (2, 1)


async def test_a_threshold_above_what_lies_there_is_told_at_once(sourcing: Sourcing):
    account = await sourcing.account("telling", {"script": "x"})
    await asked(account, "50.00")
    await want(account, "100")
    await want(account, "200")
    assert ((await account_by_id(account)).balance_low_since is not None, await told()) == (True, 1)
    await want(account, None)
    assert ((await account_by_id(account)).balance_low_since, await told()) == (None, 1)
    assert (await asked(account, "0")).balance_low_since is None


async def test_who_does_not_answer_is_asked_by_the_next_turn(sourcing: Sourcing):
    account = await sourcing.account("telling", {"script": "x"})
    await want(account, "100")
    assert (await asked(account, SupplierUnanswered("timeout"), ValueError("secret"))).balance is None
    assert (await asked(account, "5.00")).balance == 5
    assert await told() == 1


async def test_only_those_that_tell_and_are_bought_from_are_asked(sourcing: Sourcing):
    await sourcing.account("silent", {"script": "x"})
    paused = await sourcing.account("telling", {"script": "x"})
    await transact(lambda tx: pause_account(tx, paused, expected_version=1, paused=True))
    await ask_balances()
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'suppliers.balance'") == 0
    # Of several, each once, and not again before its turn.
    for number in range(3):
        await sourcing.account("telling", {"script": str(number)})
    await ask_balances()
    await ask_balances()
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'suppliers.balance'") == 3


@pytest.mark.parametrize("wanted", ["0", "-1", "0.0000001", "1e13", "NaN"])
async def test_odd_thresholds(sourcing: Sourcing, wanted: str):
    account = await sourcing.account("telling", {"script": "x"})
    with pytest.raises(InvalidInput):
        await want(account, wanted)
    with pytest.raises(VersionMoved):
        await transact(lambda tx: want_balance(tx, account, Decimal(1), expected_version=7))
    assert (await account_by_id(account)).balance_wanted is None
