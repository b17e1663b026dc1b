"""A process that does waiting imports, to be killed: `python -m tests.catalog.sheets.import_process DATABASE_URL`."""

import asyncio
import sys

from perkhub.catalog.sheets import batches
from perkhub.domains import model_modules
from perkhub.kit import db
from perkhub.kit.jobs import drain
from perkhub.reactions import register_reactions
from tests.vault.desk import open_keys


async def main(database_url: str) -> None:
    await db.connect(database_url, models=model_modules(), application="perkhub to be killed")
    await open_keys()
    register_reactions()
    batches.PRODUCTS_AT_ONCE = 50
    await drain()
    await db.disconnect()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
