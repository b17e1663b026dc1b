"""Watching an order, over real sockets to a server process, while the order changes in another process: ours."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from time import monotonic
from uuid import UUID

import aiohttp
import pytest
import redis.asyncio as aioredis
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from perkhub.accounts import Permission, tokens
from perkhub.kit.clock import now
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.orders import Order, apply_order_payment
from perkhub.payments.gateway import apply_outcome
from perkhub.plugin.payment import Paid
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.watching import LOOK_AGAIN_SECONDS, MOST_PER_VIEWER
from tests.factories import Person, Shop
from tests.orders import desk
from tests.processes.installation import Web
from tests.schema.orders.conftest import ELSEWHERE
from tests.schema.orders.listening import PROTOCOL, WATCH, socket, stream, watching
from tests.schema.people import claims_of, signed, spoilt
from tests.schema.standing import Standing

# Well before a watcher would look again by itself.
AT_ONCE = LOOK_AGAIN_SECONDS / 2


async def unpaid(buyer: Person) -> tuple[Order, str]:
    order = await desk.place(buyer, await Shop().variant())
    return order, global_id(Kind.ORDER, order.id)


async def a_buyer() -> Person:
    return await Shop().customer(wallet="100.00")


async def test_a_payment_elsewhere_is_seen_at_once(web: Web):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    async with watching(web, told, buyer.token) as watched:
        assert await watched.state() == "PLACED"
        await desk.pay(buyer, order)
        assert await watched.state(AT_ONCE) == "PAID"
        await desk.refund(buyer, order)
        assert await watched.state(AT_ONCE) == "REFUNDED"
        await watched.say({"type": "complete", "id": "1"})
        await watched.say({"type": "ping"})
        assert (await watched.hear())["type"] == "pong"


async def test_the_token_may_come_in_the_header(web: Web):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    async with socket(web, token=buyer.token) as watched:
        await watched.begin()
        await watched.ask(WATCH, {"id": told})
        assert await watched.state() == "PLACED"
        await desk.cancel(buyer, order)
        assert await watched.state(AT_ONCE) == "CANCELLED"


async def test_server_sent_events_tell_the_same(web: Web):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    async with stream(web, told, buyer.token) as watched:
        assert await watched.state() == "PLACED"
        await desk.pay(buyer, order)
        assert await watched.state(AT_ONCE) == "PAID"


async def test_money_that_a_gateway_brought_is_seen_at_once(web: Web):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    payment = await desk.start_payment(order)
    async with watching(web, told, buyer.token) as watched:
        assert await watched.state() == "PLACED"
        paid = Paid(payment.amount.minor, "CNY", gateway_reference="g1", paid_at=now())
        await transact(lambda tx: apply_outcome(tx, payment, paid))
        await transact(lambda tx: apply_order_payment(tx, payment.id))
        assert await watched.state(AT_ONCE) == "PAID"
    await drain()


async def test_staff_watch_by_their_permission(web: Web):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    reader = await Shop().staff(Permission.READ_ORDERS)
    async with watching(web, told, reader.token) as watched:
        assert await watched.state() == "PLACED"
        await desk.pay(buyer, order)
        assert await watched.state(AT_ONCE) == "PAID"


async def test_nobody_else_watches(web: Web):
    buyer, other = await a_buyer(), await a_buyer()
    _, told = await unpaid(buyer)
    staff = await Shop().staff(*(set(Permission) - {Permission.READ_ORDERS}))
    refused: dict[str, list[str | None]] = {
        "NOT_FOUND": [other.token],
        "NOT_ALLOWED": [staff.token],
        "NOT_SIGNED_IN": [None, *spoilt(buyer.token).values()],
    }
    for code, bad_tokens in refused.items():
        for token in bad_tokens:
            async with socket(web) as watched:
                await watched.begin(token)
                await watched.ask(WATCH, {"id": told})
                assert await watched.refusal() == code
            async with stream(web, told, token) as events:
                assert (await events.event())[1]["errors"][0]["extensions"]["code"] == code
                assert (await events.event())[0] == "complete"


@pytest.mark.parametrize("wrong", ["", "ord_", "x" * 9999, "\x00", global_id(Kind.VARIANT, UUID(int=1))])
async def test_what_is_no_order_is_refused(web: Web, wrong: str):
    async with watching(web, wrong, (await a_buyer()).token) as watched:
        assert await watched.refusal() == "INVALID_INPUT"


async def test_watching_ends_with_the_token(web: Web, standing: Standing):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    # Servers' clocks may differ by some seconds: for these the token is still good.
    ending = now() - timedelta(seconds=tokens.SKEW_SECONDS - 2)
    token = signed({**claims_of(buyer.token), "exp": int(ending.timestamp())})
    async with watching(web, told, token) as watched, stream(web, told, token) as events:
        assert (await watched.state(), await events.state()) == ("PLACED", "PLACED")
        await asyncio.sleep(3)
        await desk.pay(buyer, order)
        assert await watched.refusal() == "NOT_SIGNED_IN"
        assert (await events.event())[1]["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
        assert (await events.event())[0] == "complete"


async def test_without_redis_it_takes_some_seconds(web_without_redis: Web):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    async with watching(web_without_redis, told, buyer.token) as watched:
        assert await watched.state() == "PLACED"
        await desk.pay(buyer, order)
        begun = monotonic()
        assert await watched.state(LOOK_AGAIN_SECONDS + 3) == "PAID"
        assert monotonic() - begun < LOOK_AGAIN_SECONDS + 2


async def patterns(standing: Standing) -> int:
    """How many connections of any process listen to orders."""
    async with aioredis.Redis.from_url(standing.redis_url) as client:
        heard: int = await client.pubsub_numpat()
        return heard


# What can be watched: one connection hears of all.
KINDS = 4


async def eventually(standing: Standing, wanted: int) -> None:
    async with asyncio.timeout(10):
        while await patterns(standing) != wanted:  # noqa: ASYNC110 - another process will not set an event
            await asyncio.sleep(0.05)


async def test_one_viewer_watches_only_so_much_and_all_share_one_connection(web: Web, standing: Standing):
    buyer = await a_buyer()
    order, told = await unpaid(buyer)
    await eventually(standing, 0)
    async with watching(web, told, buyer.token) as watched:
        for name in range(2, MOST_PER_VIEWER + 1):
            await watched.ask(WATCH, {"id": told}, str(name))
        assert {await watched.state() for _ in range(MOST_PER_VIEWER)} == {"PLACED"}
        assert await patterns(standing) == KINDS
        # One more on this connection, and one more on another.
        await watched.ask(WATCH, {"id": told}, "more")
        assert (await watched.hear())["type"] == "error"
        async with watching(web, told, buyer.token) as another:
            assert await another.refusal() == "TOO_MANY_WATCHED"
        async with watching(web, (await unpaid(other := await a_buyer()))[1], other.token) as others:
            assert await others.state() == "PLACED"
        await desk.pay(buyer, order)
        assert [await watched.state(AT_ONCE) for _ in range(MOST_PER_VIEWER)] == ["PAID"] * MOST_PER_VIEWER
    # Whoever hangs up, in whatever way, leaves nothing behind.
    await eventually(standing, 0)
    async with AsyncExitStack() as streams:
        for _ in range(3):
            assert await (await streams.enter_async_context(stream(web, told, buyer.token))).state() == "PAID"
        assert await patterns(standing) == KINDS
    await eventually(standing, 0)


SHOP = "{ shop { channel } }"
# What no client of the protocol says, and the code with which the connection ends.
ODD_MESSAGES = [
    ("nope", 4400),
    ("[]", 4400),
    ("5", 4400),
    ("null", 4400),
    ("[" * 5000, 4400),
    (b'{"type": "ping"}', 4400),
    ({"type": "nothing"}, 4400),
    ({"type": 5}, 4400),
    ({"id": "1"}, 4400),
    ({"type": "subscribe", "id": 1, "payload": {"query": SHOP}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": "query"}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": 5}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": SHOP, "variables": [1]}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": SHOP, "operationName": {}}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": SHOP, "variables": {"x": "x" * 2_000_000}}}, 4400),
    ({"type": "connection_init", "payload": {}}, 4429),
]


@pytest.mark.parametrize(("message", "code"), ODD_MESSAGES, ids=lambda given: str(given)[:40])
async def test_what_is_no_message_ends_that_connection_alone(web: Web, message: object, code: int):
    async with socket(web) as other, socket(web) as odd:
        for one in (other, odd):
            await one.begin()
        await odd.say(message)
        assert await odd.closed() == code
        await other.ask(SHOP, {})
        assert (await other.hear())["payload"]["data"] == {"shop": {"channel": "retail"}}


async def test_nothing_is_answered_before_the_handshake(web: Web):
    async with socket(web) as hasty:
        await hasty.ask(SHOP, {})
        assert await hasty.closed() == 4401


ODD_OPERATIONS = {
    '{ shop(key: "PLANTED-7731-SECRET") { channel } }': "GRAPHQL_VALIDATION_FAILED",
    "query a { me { id } } query b { me { id } }": "GRAPHQL_VALIDATION_FAILED",
    '{ product(slug "PLANTED-7731-SECRET") { id } }': "GRAPHQL_PARSE_FAILED",
    "{": "GRAPHQL_PARSE_FAILED",
}


async def test_an_odd_operation_ends_alone_and_tells_no_value(web: Web):
    async with socket(web) as opened:
        await opened.begin()
        for query, code in ODD_OPERATIONS.items():
            await opened.ask(query, {})
            message = await opened.hear()
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", code)
            assert "PLANTED" not in str(message)
        await opened.ask(SHOP, {})
        assert (await opened.hear())["type"] == "next"


async def test_each_operation_over_a_socket_is_asked_for_anew(web: Web):
    buyer = await a_buyer()
    ending = now() - timedelta(seconds=tokens.SKEW_SECONDS - 2)
    token = signed({**claims_of(buyer.token), "exp": int(ending.timestamp())})
    async with socket(web) as opened:
        await opened.begin(token)
        await opened.ask("{ me { id } }", {})
        assert (await opened.hear())["payload"]["data"]["me"] is not None
        assert (await opened.hear())["type"] == "complete"
        await asyncio.sleep(3)
        await opened.ask("{ me { id } }", {}, "2")
        assert (await opened.hear())["payload"]["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


async def shakes_hands(web: Web, origin: str) -> bool:
    address = web.url.replace("http", "ws") + "/graphql"
    try:
        async with connect(address, subprotocols=[PROTOCOL], origin=origin):  # type: ignore[list-item, arg-type]
            return True
    except InvalidStatus as refused:
        return refused.response.status_code != 403


async def test_a_page_elsewhere_opens_no_websocket(web: Web):
    """Browsers ask no leave for one, and bring their cookies."""
    assert [await shakes_hands(web, origin) for origin in (web.url, ELSEWHERE)] == [True, True]
    strangers = ("https://shop.example.com.evil.example", "http://shop.example.com", "null")
    assert [await shakes_hands(web, origin) for origin in strangers] == [False] * 3


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, multipart/mixed", "text/event-stream"),
        ("text/event-stream, application/json", "text/event-stream"),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", "application/json"),
        ("*/*", "application/json"),
    ],
)
async def test_a_stream_is_for_who_asks_for_one_first(web: Web, accept: str, kind: str):
    """urql and others name the stream with every query, behind the JSON that they want."""
    asked = {"json": {"query": SHOP}, "headers": {"Accept": accept}}
    async with aiohttp.ClientSession() as http, http.post(f"{web.url}/graphql", **asked) as answer:
        assert (answer.status, answer.content_type) == (200, kind)
        body = await answer.text()
    assert '"channel":"retail"' in body
    assert "\r" not in body, "some clients look for two line feeds between events"
