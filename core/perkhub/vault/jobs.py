"""What the vault does in the background."""

from functools import cache
from uuid import UUID

from perkhub.kit.jobs import Context, every, job
from perkhub.kit.uploads import spare_uploads
from perkhub.vault.chain import link_custody
from perkhub.vault.expire import expire_codes
from perkhub.vault.import_codes import run_import
from perkhub.vault.request_import import JOB

# What an import still works on stays, however long it waits for a worker.
TAKEN_IN = "SELECT upload_id FROM code_import WHERE state IN ('queued', 'checking', 'stocking')"


@cache
def register_vault_jobs() -> None:
    """Register them, once."""
    job(JOB)(_import)
    every(seconds=60, name="vault.expire")(_expire)
    every(seconds=5, name="vault.link_custody")(_link)
    spare_uploads(TAKEN_IN)


async def _import(context: Context, import_id: UUID) -> None:
    await run_import(context, import_id)


async def _expire() -> None:
    await expire_codes()


async def _link() -> None:
    await link_custody()
