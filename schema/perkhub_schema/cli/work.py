"""The command that works off jobs."""

import uvloop

from perkhub.kit.jobs import run_worker
from perkhub.kit.settings import settings
from perkhub_schema.runtime import rest_collector, running


def worker() -> None:
    """Run jobs: imports, refunds, expiry, notices. Any number of workers share the work."""
    uvloop.run(_work())


async def _work() -> None:
    async with running(application="perkhub worker"):
        rest_collector()
        await run_worker(settings())
