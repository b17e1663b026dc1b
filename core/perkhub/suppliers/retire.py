"""Accounts whose plugin is not installed: nothing is bought there, and what they brought stays explained."""

from collections.abc import Collection

from perkhub.kit.db import Transaction, transact

# A row that is as it should be is not written.
RETIRE = """
    UPDATE supplier_account SET retired = NOT (plugin = ANY($1))
    WHERE retired = (plugin = ANY($1))
"""


async def retire_accounts(plugins: Collection[str]) -> None:
    """Say of each account whether its plugin is there; a server or worker does when it starts."""

    async def work(tx: Transaction) -> None:
        await tx.execute(RETIRE, list(plugins))

    await transact(work)
