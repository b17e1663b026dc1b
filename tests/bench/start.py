"""start: `perkhub serve` with nothing configured, from nothing to ready, with PostgreSQL and Redis of its own."""

from time import monotonic

from tests.bench.load import percentile
from tests.bench.options import Options
from tests.bench.reading import ask
from tests.bench.result import Result
from tests.processes import Installation, Web, installation, new_folder, own_servers, real_servers

NAME = "start"
ROWS = 3
TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"


def run(options: Options) -> Result:
    """The figure is the start from nothing: cluster, database, every migration, first answer of /readyz."""
    rows = options.rows or ROWS
    first, again, killed, peak = [], [], [], 0.0
    for _ in range(rows):
        with new_folder("perkhub-bench") as folder, installation(folder, None, {}) as perkhub:
            first.append(_start(perkhub)[0])
            again.append(_start(perkhub)[0])
            with own_servers(perkhub) as servers:
                servers.kill_postgres()
                servers.kill_redis()
            seconds, web = _start(perkhub, stop=False)
            killed.append(seconds)
            peak = max(peak, web.peak_megabytes)
            with own_servers(perkhub) as servers:
                tables = ask(servers.database_url, TABLES)[0][0]
                web.child.stop()
    times = sorted(first)
    return Result(
        NAME,
        count=rows,
        errors=0,
        seconds=sum(first),
        p50_ms=percentile(times, 0.50),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
        statements=None,
        peak_mb=peak,
        settings={"database": "embedded", "redis": "embedded", "environment": "development"},
        details={
            "from_nothing_s": first,
            "again_s": again,
            "after_both_servers_were_killed_s": killed,
            "servers_alone_s": _servers_alone(),
            "tables": tables,
        },
    )


def _start(perkhub: Installation, *, stop: bool = True) -> tuple[float, Web]:
    begun = monotonic()
    web = perkhub.serve()
    seconds = monotonic() - begun
    if stop:
        web.child.stop()
    return seconds, web


def _servers_alone() -> float:
    """PostgreSQL and Redis from nothing until both answer: what of the figure is theirs."""
    with new_folder("perkhub-bench") as folder:
        begun = monotonic()
        with real_servers(folder):
            return monotonic() - begun
