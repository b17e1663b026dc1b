"""The same statements without us: pgbench on the same database, so that what the application adds can be told."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from perkhub.kit.embedded.binaries import postgres_programs
from perkhub.kit.embedded.postgres import DATABASE
from perkhub.kit.embedded.processes import ENVIRONMENT
from tests.bench.reading import ReadBackDisagrees, ask
from tests.processes import RealServers

ORDERS = "SELECT count(*) FROM orders"


@dataclass(frozen=True)
class Bare:
    """What pgbench came to."""

    transactions: int
    per_second: float
    mean_ms: float
    statements: int


class PgbenchFailed(Exception):
    """pgbench gave up, or some of its transactions did."""


def bare_orders(servers: RealServers, script: str, *, clients: int, seconds: int, begin: int = 0) -> Bare:
    """Run the script as so many clients, and read back that each transaction left its order.

    Raises:
        PgbenchFailed, ReadBackDisagrees.
    """
    before = ask(servers.database_url, ORDERS)[0][0]
    told = _run(servers, script, clients=clients, seconds=seconds, begin=begin)
    done = int(_number(r"transactions actually processed: (\d+)", told))
    left = ask(servers.database_url, ORDERS)[0][0] - before
    if left != done:
        raise ReadBackDisagrees(f"pgbench: {left} orders, not {done}")
    return Bare(
        transactions=done,
        per_second=_number(r"tps = ([\d.]+)", told),
        mean_ms=_number(r"latency average = ([\d.]+)", told),
        statements=statements_in(script),
    )


def statements_in(script: str) -> int:
    """Without transaction control."""
    lines = [line for line in script.splitlines() if not line.startswith("\\")]
    return sum(not line.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK")) for line in lines)


def _run(servers: RealServers, script: str, *, clients: int, seconds: int, begin: int) -> str:
    with TemporaryDirectory(prefix="perkhub-pgbench-") as folder:
        file = Path(folder, "order.sql")
        file.write_text(script)
        command = [
            str(postgres_programs(None) / "pgbench"), "--no-vacuum", f"--file={file}", f"--client={clients}", "--jobs=1",
            f"--time={seconds}", "--protocol=prepared", f"--define=n={begin}", f"--host={servers.postgres.sockets}",
            f"--username={DATABASE}", DATABASE,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=seconds + 120, check=False)
    if done.returncode != 0 or "failed transactions: 0 " not in done.stdout:
        raise PgbenchFailed(done.stderr[-3000:] or done.stdout)
    return done.stdout


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise PgbenchFailed(f"no {pattern} in what it said")
    return float(found[1])


def bare_hot_row(servers: RealServers, *, clients: int, seconds: int) -> float:
    """Transactions a second that do nothing but raise one counter that all share.

    Raises:
        PgbenchFailed.
    """
    ask(servers.database_url, "CREATE TABLE hot_row (id int PRIMARY KEY, value bigint)")
    ask(servers.database_url, "INSERT INTO hot_row VALUES (1, 0)")
    told = _run(servers, "UPDATE hot_row SET value = value + 1 WHERE id = 1;\n", clients=clients, seconds=seconds, begin=0)
    return _number(r"tps = ([\d.]+)", told)
