"""Groups of people on the eve of what becomes of them: `python -m tests.faults.gathered`, JSON in, JSON out. Half are full, the
time of the others is over; nobody has been told yet."""

import asyncio
import json
import sys
from typing import Any

from perkhub.campaigns.circles import lapse_overdue
from perkhub.kit import db
from perkhub_schema.runtime import running
from tests.campaigns.circles.groups import Group
from tests.factories import Shop

SEATS = 3
ITS_TIME = "UPDATE circle SET closes_at = opened_at + interval '1 microsecond' WHERE state = 'open'"


async def gather(wanted: dict[str, Any]) -> dict[str, Any]:
    """So many groups of each kind: full ones of three, and such as lack one, whom somebody has not paid."""
    shop, groups = Shop(), wanted["groups"]
    async with running(application="perkhub faults", queue=False):
        group = await Group.of(await shop.variant(codes=2 * SEATS * groups), seats=SEATS)
        for number in range(2 * groups):
            people = await shop.customers(SEATS, wallet="100.00")
            circle = await group.buy(people[0])
            await group.buy(people[1], circle)
            if number < groups:
                await group.buy(people[2], circle)
            else:
                await group.place(people[2], circle)
        await db.value(ITS_TIME)
        assert await lapse_overdue() == groups
    return {"campaign": str(group.campaign.id)}


if __name__ == "__main__":
    json.dump(asyncio.run(gather(json.load(sys.stdin))), sys.stdout)
