"""A worker for tests that kill it: `perkhub worker` with short rhythms. Run with the environment of the test's house."""

import asyncio
import os

from perkhub.kit.embedded import Servers
from perkhub.kit.jobs import Timing, run_worker
from perkhub.kit.settings import settings
from perkhub_schema.runtime import connected

QUICK = Timing(lease=2, beat=0.5, sweep=0.3, stale=2, outage=1)


async def work() -> None:
    """Until it is told to stop."""
    servers = Servers(os.environ["TEST_DATABASE_URL"], os.environ["TEST_REDIS_URL"])
    async with connected(servers, settings(), application="perkhub worker"):
        await run_worker(settings(), timing=QUICK)


if __name__ == "__main__":
    asyncio.run(work())
