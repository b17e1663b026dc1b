"""Figures: what was counted is rendered, gauges are asked, and a gauge that fails does not fail the scrape."""

import os
from collections.abc import Iterator, Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from perkhub.kit import metrics
from perkhub.kit.jobs import queue_lag_seconds


def figures() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(metrics.render().decode())
    return {(sample.name, frozenset(sample.labels.items())): sample.value for family in families for sample in family.samples}


def value(name: str, **labels: str) -> float | None:
    return figures().get((name, frozenset(labels.items())))


PID = str(os.getpid())


def test_counters_carry_the_pid():
    metrics.count_request("/test", 200, seconds=0.02)
    metrics.count_request("/test", 200, seconds=0.2)
    metrics.count_job("test.job", "done", seconds=0.5)
    metrics.count_order("shop")
    metrics.count_reveals(3)
    assert value("perkhub_http_requests_total", route="/test", status="200", pid=PID) == 2
    assert value("perkhub_http_request_seconds_bucket", route="/test", pid=PID, le="0.025") == 1
    assert value("perkhub_job_runs_total", job="test.job", outcome="done", pid=PID) == 1
    assert value("perkhub_orders_placed_total", channel="shop", pid=PID) == 1
    assert (value("perkhub_reveals_total", pid=PID) or 0) >= 3


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gauges of this test alone, asked each time."""
    monkeypatch.setattr(metrics, "FRESH_SECONDS", 0)
    known = set(metrics._asked)
    kept = {name: metrics._asked.pop(name) for name in known}
    yield
    for name in set(metrics._asked):
        metrics.registry.unregister(metrics._asked.pop(name).gauge)
    metrics._asked.update(kept)


@pytest.mark.usefixtures("fresh")
async def test_gauges_are_asked_and_what_is_gone_disappears():
    left = {("month",): 12.0, ("season",): 3.0}

    @metrics.measure("test_codes_left", "Codes left by variant", "variant")
    async def codes_left() -> Mapping[tuple[str, ...], float]:
        return left

    @metrics.measure("test_lag", "Lag")
    async def lag() -> Mapping[tuple[str, ...], float]:
        return {(): 4.5}

    await metrics.refresh()
    assert value("test_codes_left", variant="month") == 12
    assert value("test_lag") == 4.5
    del left["season",]
    await metrics.refresh()
    assert value("test_codes_left", variant="season") is None


@pytest.mark.usefixtures("fresh")
async def test_a_gauge_that_fails_is_left_out():
    @metrics.measure("test_broken", "Broken", "of")
    async def broken() -> Mapping[tuple[str, ...], float]:
        raise OSError("the database is away")

    await metrics.refresh()
    assert "test_broken{" not in metrics.render().decode()


@pytest.mark.usefixtures("database")
async def test_the_jobs_tell_their_lag(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metrics, "FRESH_SECONDS", 0)
    await metrics.refresh()
    assert value("perkhub_queue_lag_seconds") == await queue_lag_seconds() == 0
    assert value("perkhub_jobs", state="dead") == 0
