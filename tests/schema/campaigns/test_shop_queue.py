"""The shop's own waiting in a rush, run as the browser runs it, against the API: it follows the queue until something is bought
or refused, or the customer leaves."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest
from graphql import concat_ast, parse, print_ast
from graphql.utilities import separate_operations

from perkhub.campaigns import CampaignQueued
from perkhub.campaigns.rush import doors, enter, leave, tickets
from perkhub.kit import db
from perkhub.pricing import BasketLine, Chosen
from tests.campaigns.making import flash_sale
from tests.factories import Person, Shop
from tests.fixtures.shop_modules import SHOP, node_command
from tests.schema.api import Api
from tests.schema.campaigns.asking import taking_part, told
from tests.schema.orders.till import WALLET, basket

WRITTEN = [parse(path.read_text(encoding="utf-8")) for path in (SHOP / "src/api").glob("*.graphql")]
PLACE = print_ast(separate_operations(concat_ast(WRITTEN))["Place"])
# The module asks us, and hears what the API says; it leaves at the place that it is told.
RUN = """
import { createInterface } from "node:readline";
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (what) => console.log(JSON.stringify(what));
const away = new AbortController();
const send = async (ticket) => {
  say({ send: ticket ?? null });
  return JSON.parse((await lines.next()).value);
};
const tell = (place) => {
  say({ place });
  if (String(place.position) === process.argv[1]) setTimeout(() => away.abort(), 20);
};
say({ came: await inTurn({ send, placeIn: ({ errors }) => placeOf(errors), tell, left: away.signal }) });
process.stdin.destroy();
"""
Send = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
AT_ONCE = 3


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `house`, which reads it. Nobody loses a place before the shop has started, however slow the machine is."""
    monkeypatch.setenv("PERKHUB_CAMPAIGN_ORDERS_AT_ONCE", str(AT_ONCE))
    monkeypatch.setattr(doors, "LEASE_SECONDS", 60)
    for module in (doors, tickets):
        monkeypatch.setattr(module, "PATIENCE_SECONDS", 60)


@dataclass
class Waited:
    """What the shop sent and told, in its order, and how long it paused before each repetition."""

    tickets: list[str | None] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    came: dict[str, Any] | None = None


async def waits(send: Send, given: dict[str, Any], *, leaves_at: int = 0) -> Waited:
    """The shop with one order."""
    command = node_command("src/api/queue.ts", "inTurn, placeOf", RUN, str(leaves_at))
    shop = await asyncio.create_subprocess_exec(*command, cwd=SHOP, stdin=PIPE, stdout=PIPE)
    assert shop.stdin is not None
    assert shop.stdout is not None
    waited, answered = Waited(), 0.0
    async with asyncio.timeout(60):
        while said := await shop.stdout.readline():
            [(what, fact)] = json.loads(said).items()
            if what == "came":
                waited.came = fact
            elif what == "place":
                waited.places.append(fact)
            else:
                if waited.tickets:
                    waited.pauses.append(monotonic() - answered)
                waited.tickets.append(fact)
                answer = await send(given if fact is None else {**given, "ticket": fact})
                shop.stdin.write(json.dumps(answer).encode() + b"\n")
                answered = monotonic()
        assert await shop.wait() == 0
    return waited


@dataclass
class Rush:
    """A sale whose door is full, and who is inside; each time that the shop asks, one thing happens before."""

    api: Api
    buyer: Person
    inside: list[Any]
    before: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def send(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.before:
            await self.before.pop(0)()
        return await told(self.api, PLACE, {"input": given}, self.buyer)

    async def nothing(self) -> None: ...

    async def one_leaves(self) -> None:
        leave(self.inside.pop())


async def a_rush(api: Api, shop: Shop, *, wallet: str) -> tuple[Rush, list[BasketLine], dict[str, Any]]:
    variant = await shop.variant(codes=3)
    sale = await flash_sale(variant, quantity=3, limit=1)
    buyer, other = await shop.customer(wallet=wallet), await shop.customer()
    lines = [BasketLine(variant.id, 1, campaign=Chosen(sale.id))]
    inside = [await enter(lines, other.party_id, key="key") for _ in range(AT_ONCE)]
    return Rush(api, buyer, inside), lines, basket(taking_part(variant, sale), pay=WALLET)


async def test_it_moves_up_and_buys_by_itself(api: Api, shop: Shop):
    rush, lines, given = await a_rush(api, shop, wallet="20.00")
    first = (await shop.customer()).party_id
    with pytest.raises(CampaignQueued) as queued:
        await enter(lines, first, key="key")

    async def the_first_comes_in() -> None:
        await rush.one_leaves()
        rush.inside.append(await enter(lines, first, key="key", ticket=queued.value.data["ticket"]))

    rush.before = [rush.nothing, the_first_comes_in, rush.one_leaves]
    waited = await waits(rush.send, given)
    assert [place["position"] for place in waited.places] == [2, 1]
    assert waited.tickets == [None, *(place["ticket"] for place in waited.places)]
    for pause, place in zip(waited.pauses, waited.places, strict=True):
        assert place["retryAfterMs"] / 1000 - 0.01 <= pause < tickets.PATIENCE_SECONDS
    assert waited.came is not None
    assert (waited.came["errors"], waited.came["order"]["state"]) == ([], "PAID")
    assert await db.value("SELECT count(*) FROM orders") == 1
    # Under the same key all along: sent once more, it is the same order.
    assert (await rush.send(given))["order"] == waited.came["order"]


async def test_a_refusal_ends_it(api: Api, shop: Shop):
    rush, _, given = await a_rush(api, shop, wallet="1.00")
    rush.before = [rush.nothing, rush.one_leaves]
    waited = await waits(rush.send, given)
    assert waited.came is not None
    assert [error["code"] for error in waited.came["errors"]] == ["INSUFFICIENT_FUNDS"]
    assert len(waited.tickets) == 2


async def test_who_leaves_is_silent(api: Api, shop: Shop):
    rush, _, given = await a_rush(api, shop, wallet="20.00")
    waited = await waits(rush.send, given, leaves_at=1)
    assert (len(waited.tickets), len(waited.places), waited.came) == (1, 1, None)
    assert await db.value("SELECT count(*) FROM orders") == 0
