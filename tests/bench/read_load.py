"""The load generator for reading: `python -m tests.bench.read_load PLAN OUTCOME`, a process of its own.

Answers are looked into as they come and not kept: each must be whole, without errors, and show as many rows as its page has.
"""

import sys
from pathlib import Path

import orjson
import uvloop

from tests.bench.load import Load, percentile
from tests.bench.plan import Outcome
from tests.bench.read_plan import ReadPlan

STATEMENTS = b"perkhub-statements: "


class ReadLoad(Load):
    """One phase; what it was answered is counted."""

    plan: ReadPlan  # type: ignore[assignment]

    def begin_counting(self) -> None:
        """Nothing was seen yet."""
        self.good = self.bad = self.bytes = 0
        self.first_error: str | None = None
        self.counts: list[int] = []

    def joined(self, token: int, variables: str) -> bytes:
        """A whole HTTP request: anonymous where there are no tokens."""
        body = self.opening + variables.encode() + b"}"
        head = f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{self.plan.port}\r\ncontent-type: application/json\r\n"
        if self.plan.tokens:
            head += f"authorization: Bearer {self.plan.tokens[token]}\r\n"
        return b"%scontent-length: %d\r\n\r\n%s" % (head.encode(), len(body), body)

    def answered(self, sent: float, answer: bytes) -> None:
        """Look into a whole answer."""
        super().answered(sent, b"")
        self.answers.clear()
        self.bytes += len(answer)
        least, most = self.plan.rows
        if not answer.startswith(b"HTTP/1.1 200") or b'"errors":[{' in answer:
            self.refuse(answer)
        elif not least <= answer.count(self.plan.row.encode()) <= most:
            self.refuse(b"rows missing: " + answer)
        else:
            self.good += 1
        place = answer[:400].lower().find(STATEMENTS)
        if place >= 0:
            self.counts.append(int(answer[place + len(STATEMENTS) :].split(b"\r", 1)[0]))

    def refuse(self, answer: bytes) -> None:
        """Count it as an error."""
        self.bad += 1
        self.first_error = self.first_error or answer[:600].decode("utf-8", "replace")


async def main(plan: ReadPlan) -> list[Outcome]:
    """Every phase in turn."""
    outcomes, begin = [], 0
    for phase in plan.phases:
        load = ReadLoad(plan, phase, begin=begin, done_before=0)
        load.begin_counting()
        seconds, worked = await load.run()
        times = sorted(load.latencies)
        outcomes.append(
            Outcome(
                name=phase.name,
                count=load.good,
                errors=load.bad + load.lost,
                seconds=seconds,
                p50_ms=percentile(times, 0.50),
                p95_ms=percentile(times, 0.95),
                p99_ms=percentile(times, 0.99),
                most_ms=percentile(times, 1.0),
                first_ms=load.latencies[0] * 1000 if load.latencies else 0.0,
                generator_cpu=worked / seconds if seconds else 0.0,
                statements=sum(load.counts) / len(load.counts) if load.counts else None,
                most_statements=max(load.counts, default=None),
                shown=load.bytes,
                first_error=load.first_error,
            )
        )
        begin = load.next
    return outcomes


if __name__ == "__main__":
    told = uvloop.run(main(ReadPlan.read(Path(sys.argv[1]))))
    Path(sys.argv[2]).write_bytes(orjson.dumps(told))
