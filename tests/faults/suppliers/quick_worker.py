"""A worker as `perkhub worker` runs it, with short rhythms and with suppliers that promise more: they answer within two
seconds, are asked again soon, and what they do not know after half a minute was never there; one that does not answer is left
alone for seconds only. Every rule stays as it is.
"""

from dataclasses import replace
from datetime import timedelta

import uvloop

from perkhub.kit.jobs import run_worker
from perkhub.kit.settings import settings
from perkhub.suppliers import breaker
from perkhub_plugins.suppliers.fulu.client import Fulu
from perkhub_plugins.suppliers.reloadly.client import Reloadly
from perkhub_schema.runtime import running
from tests.faults.quick_worker import QUICK

TIMEOUT = timedelta(seconds=2)
POLL_LONGEST = timedelta(seconds=5)
# Long for a request that is on its way to a vendor on the same machine.
NOT_FOUND_AFTER = timedelta(seconds=30)
LONGEST_REST = 4.0


def promise_more() -> None:
    """In this process."""
    breaker.FIRST_REST, breaker.LONGEST_REST = 1.0, LONGEST_REST
    for plugin in (Fulu, Reloadly):
        plugin.capabilities = replace(
            plugin.capabilities, timeout=TIMEOUT, poll_longest=POLL_LONGEST, not_found_after=NOT_FOUND_AFTER
        )


async def work() -> None:
    """Until it is told to stop."""
    async with running(application="perkhub worker"):
        await run_worker(settings(), timing=QUICK)


if __name__ == "__main__":
    promise_more()
    uvloop.run(work())
