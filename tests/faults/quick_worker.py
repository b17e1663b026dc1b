"""A worker as `perkhub worker` runs it, but with short rhythms: what a killed one leaves behind goes on after seconds."""

import uvloop

from perkhub.kit.jobs import Timing, run_worker
from perkhub.kit.settings import settings
from perkhub_schema.runtime import running

QUICK = Timing(lease=2, beat=0.5, sweep=0.3, stale=2, outage=1)


async def work() -> None:
    """Until it is told to stop."""
    async with running(application="perkhub worker"):
        await run_worker(settings(), timing=QUICK)


if __name__ == "__main__":
    uvloop.run(work())
