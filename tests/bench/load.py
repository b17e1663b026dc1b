"""The load generator: `python -m tests.bench.load PLAN OUTCOME`, a process of its own.

It shares two cores with what it measures, so it does as little as it can: keep-alive connections in one loop, requests
joined from prepared parts, answers only cut out of the stream. They are looked into when the load is over.
"""

import asyncio
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import cast

import orjson
import uvloop

from tests.bench.answers import look_into
from tests.bench.plan import Outcome, Phase, Plan

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
GIVE_UP = 60.0


class Load:
    """One phase while it runs: what is sent next, and what came back."""

    def __init__(self, plan: Plan, phase: Phase, *, begin: int, done_before: int) -> None:
        self.plan = plan
        self.phase = phase
        self.next = begin
        self.end = min(begin + phase.most, len(plan.requests))
        self.done = done_before
        self.marks = sorted(mark for mark in plan.marks if mark > done_before)
        self.latencies = array("d")
        self.answers: list[bytes] = []
        self.lost = 0
        self.deadline = 0.0

    def request(self) -> bytes | None:
        """The next one, or None where the phase is over."""
        if self.next >= self.end or perf_counter() >= self.deadline:
            return None
        token, variables = self.plan.requests[self.next]
        self.next += 1
        return self.joined(token, variables)

    def joined(self, token: int, variables: str) -> bytes:
        """A whole HTTP request."""
        body = self.opening + variables.encode() + b"}"
        return b"".join((self.head, self.plan.tokens[token].encode(), b"\r\ncontent-length: %d\r\n\r\n" % len(body), body))

    def answered(self, sent: float, answer: bytes) -> None:
        """Note a whole answer."""
        self.latencies.append(perf_counter() - sent)
        self.answers.append(answer)
        self.done += 1
        if self.marks and self.done >= self.marks[0]:
            sys.stdout.write(f"mark {self.marks.pop(0)}\n")
            sys.stdout.flush()

    async def run(self) -> tuple[float, float]:
        """Drive every connection until the phase is over and all answers are in; seconds, and seconds of our own work."""
        self.opening = b'{"query":' + orjson.dumps(self.plan.query) + b',"variables":'
        self.head = (
            f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{self.plan.port}\r\ncontent-type: application/json\r\n"
            "authorization: Bearer "
        ).encode()
        loop = asyncio.get_running_loop()
        buyers = [
            (await loop.create_connection(lambda: Buyer(self), "127.0.0.1", self.plan.port))[1]
            for _ in range(self.plan.connections)
        ]
        begun, worked = perf_counter(), process_time()
        self.deadline = begun + self.phase.seconds
        for buyer in buyers:
            buyer.go_on()
        await asyncio.wait_for(asyncio.gather(*(buyer.over for buyer in buyers)), self.phase.seconds + GIVE_UP)
        return perf_counter() - begun, process_time() - worked


class Buyer(asyncio.Protocol):
    """One keep-alive connection: the next request goes out when the answer to the one before is complete."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.held = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def go_on(self) -> None:
        """Send the next request, or end."""
        request = self.load.request()
        if request is None:
            if not self.over.done():
                self.over.set_result(None)
            self.transport.close()
            return
        self.sent = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Wait for the whole answer; it has a length, for the endpoint never streams."""
        held = self.held = self.held + data if self.held else data
        head = held.find(HEAD_END)
        if head < 0:
            return
        place = held.lower().find(LENGTH, 0, head)
        length = int(held[place + len(LENGTH) : held.find(b"\r\n", place)]) if place >= 0 else 0
        if len(held) < head + len(HEAD_END) + length:
            return
        self.held = b""
        self.load.answered(self.sent, held)
        self.go_on()

    def connection_lost(self, lost: Exception | None) -> None:
        """Before its time: what was asked is not answered."""
        if not self.over.done():
            self.load.lost += 1
            self.over.set_result(None)


def outcome_of(plan: Plan, load: Load, *, begin: int, seconds: float, worked: float) -> Outcome:
    """Look into every answer and add up."""
    seen = look_into(load.answers, field=plan.field, refusals=plan.refusals)
    times = sorted(load.latencies)
    good = len(load.answers) - seen.bad
    return Outcome(
        name=load.phase.name,
        count=good,
        errors=seen.bad + load.lost,
        seconds=seconds,
        p50_ms=percentile(times, 0.50),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
        most_ms=percentile(times, 1.0),
        first_ms=load.latencies[0] * 1000 if load.latencies else 0.0,
        generator_cpu=worked / seconds if seconds else 0.0,
        statements=seen.statements,
        most_statements=seen.most_statements,
        shown=len(seen.shown),
        first_error=seen.first_error or (f"{load.lost} connections were lost" if load.lost else None),
        answered=seen.entitlements,
        refused=seen.refused,
    )


def percentile(times: Sequence[float], part: float) -> float:
    """In milliseconds: the time within which this part of them was answered."""
    if not times:
        return 0.0
    return round(times[min(len(times) - 1, max(0, int(len(times) * part + 0.999999) - 1))] * 1000, 3)


async def main(plan: Plan) -> list[Outcome]:
    """Every phase in turn; the answers of one are looked into before the next begins, and then forgotten."""
    outcomes, begin, done = [], 0, 0
    for phase in plan.phases:
        load = Load(plan, phase, begin=begin, done_before=done)
        seconds, worked = await load.run()
        outcomes.append(outcome_of(plan, load, begin=begin, seconds=seconds, worked=worked))
        begin, done = load.next, load.done
    return outcomes


if __name__ == "__main__":
    told = uvloop.run(main(Plan.read(Path(sys.argv[1]))))
    Path(sys.argv[2]).write_bytes(orjson.dumps(told))
