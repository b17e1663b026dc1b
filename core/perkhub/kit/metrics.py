"""The house's figures for Prometheus. Counters are this process's own and carry its pid; gauges that are true for all
of Perkhub are asked of the database when somebody looks.

    await metrics.refresh()
    body = metrics.render()
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from perkhub.kit.logging import get_logger

log = get_logger(__name__)

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# A scrape in between gets the values of the last one: nobody can load the database by looking.
FRESH_SECONDS = 5.0
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Labels = tuple[str, ...]
Measure = Callable[[], Awaitable[Mapping[Labels, float]]]

registry = CollectorRegistry()
ProcessCollector(registry=registry)

_requests = Counter("perkhub_http_requests_total", "HTTP requests answered", ("route", "status", "pid"), registry=registry)
_latency = Histogram("perkhub_http_request_seconds", "Time to answer", ("route", "pid"), buckets=LATENCIES, registry=registry)
_runs = Counter("perkhub_job_runs_total", "Runs of jobs by how they ended", ("job", "outcome", "pid"), registry=registry)
_work = Counter("perkhub_job_seconds_total", "Time spent in runs of jobs", ("job", "pid"), registry=registry)
_orders = Counter("perkhub_orders_placed_total", "Orders placed", ("channel", "pid"), registry=registry)
_reveals = Counter("perkhub_reveals_total", "Credentials shown to their holders", ("pid",), registry=registry)


@dataclass
class _Asked:
    """A gauge whose values come from elsewhere."""

    gauge: Gauge
    ask: Measure
    asked_at: float = field(default=float("-inf"))


_asked: dict[str, _Asked] = {}


def count_request(route: str, status: int, *, seconds: float) -> None:
    """An answered HTTP request. `route` is the pattern, never the path: it must stay a short list."""
    answered, took = _of_route(route, status, os.getpid())
    answered.inc()
    took.observe(seconds)


def count_job(name: str, outcome: str, *, seconds: float) -> None:
    """A run of a job that ended."""
    pid = _pid()
    _runs.labels(name, str(outcome), pid).inc()
    _work.labels(name, pid).inc(seconds)


def count_order(channel: str) -> None:
    """An order was placed."""
    _of_channel(channel, os.getpid()).inc()


def count_reveals(number: int = 1) -> None:
    """Credentials were shown."""
    _reveals.labels(_pid()).inc(number)


def measure(name: str, meaning: str, *labels: str) -> Callable[[Measure], Measure]:
    """Register an async function as a gauge: it answers `{(label values): value}`, or `{(): value}` without labels.

    For what only the database knows: queue lag, codes left by variant. Called at most every five seconds.
    """

    def register(ask: Measure) -> Measure:
        if name in _asked:
            raise ValueError(f"the gauge {name} is registered already")
        _asked[name] = _Asked(Gauge(name, meaning, labels, registry=registry), ask)
        return ask

    return register


async def refresh() -> None:
    """Ask for the gauges' values. What fails is left out: a scrape must work while the database does not."""
    for name, asked in _asked.items():
        if monotonic() - asked.asked_at < FRESH_SECONDS:
            continue
        try:
            values = await asked.ask()
        except Exception as error:
            log.warning("a gauge has no value", gauge=name, exc_info=error)
            values = {}
        asked.asked_at = monotonic()
        _show(asked.gauge, values)


def render() -> bytes:
    """Everything, in Prometheus' text format (`CONTENT_TYPE`)."""
    return generate_latest(registry)


def _show(gauge: Gauge, values: Mapping[Labels, float]) -> None:
    gauge.clear()
    for labels, value in values.items():
        (gauge.labels(*labels) if labels else gauge).set(value)


@cache
def _of_route(route: str, status: int, pid: int) -> tuple[Counter, Histogram]:
    """Looked up once: to find a counter by its labels takes longer than to count."""
    return _requests.labels(route, str(status), str(pid)), _latency.labels(route, str(pid))


@cache
def _of_channel(channel: str, pid: int) -> Counter:
    return _orders.labels(channel, str(pid))


def _pid() -> str:
    return str(os.getpid())
