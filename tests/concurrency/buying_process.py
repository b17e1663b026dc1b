"""One of several processes that want the same at the same moment; what to buy, and when, comes by stdin."""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from perkhub.channels import Channel, channel_by_key
from perkhub.kit.embedded import Servers
from perkhub.kit.settings import settings
from perkhub_schema.runtime import connected
from tests.factories import Person, StockedVariant
from tests.orders import desk


@dataclass(frozen=True)
class Buyer:
    """What the till needs of a customer."""

    party_id: UUID


@dataclass(frozen=True)
class Sold:
    """What the till needs of a variant."""

    id: UUID
    channel: Channel


async def main(told: dict[str, Any]) -> None:
    """Say that all is ready, wait for the word, buy for every buyer at once, and tell how that ended."""
    servers = Servers(told["database_url"], told["redis_url"])
    async with connected(servers, settings(), application="buying process", queue=False):
        variant = cast("StockedVariant", Sold(UUID(told["variant"]), await channel_by_key("retail")))
        buyers = [cast("Person", Buyer(UUID(party))) for party in told["parties"]]
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(await desk.at_once([desk.buy(buyer, variant) for buyer in buyers])), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.stdin.readline())))
