"""Every benchmark runs, reads its results back, and tells what it must. No figure is compared with anything.

Each starts a house of its own: the plain suite tries the one that the others are made like, the soak runs try all others but
`unknown-orders` and `slow-supplier`: they wait for suppliers that say nothing, for minutes.
"""

import json
import subprocess
import sys

import pytest

from tests.processes.installation import ROOT

KEYS = {
    "name", "count", "errors", "seconds", "per_second", "p50_ms", "p95_ms", "p99_ms", "statements", "peak_mb", "settings",
}  # fmt: skip


MODEL = ("click-to-code", ["--rows", "20", "--seconds", "1", "--wallets", "50", "--variants", "5"], {"one_wallet", "pgbench"})
OTHERS = [
    ("reveal", ["--rows", "20", "--seconds", "1"], {"looks_again"}),
    ("code-import", ["--rows", "20"], {"worker_mb", "reading_child_mb"}),
    ("catalog-import", ["--rows", "20"], {"worker_mb", "reading_child_mb", "worker_cpu_seconds"}),
    (
        "catalog-list",
        ["--rows", "40", "--seconds", "1", "--products", "45"],
        {"web_cpu_ms", "anonymous_cached", "price_changes"},
    ),
    (
        "catalog-detail",
        ["--rows", "40", "--seconds", "1", "--products", "20", "--channels", "3"],
        {"web_cpu_ms", "machine"},
    ),
    ("quote", ["--rows", "40", "--seconds", "1", "--products", "20"], {"web_cpu_ms"}),
    ("search", ["--rows", "40", "--seconds", "1", "--products", "45"], {"web_cpu_ms", "indexed"}),
    (
        "just-in-time",
        ["--rows", "20", "--wallets", "20", "--variants", "2", "--buyers", "4"],
        {"sold", "cpu_ms"},
    ),
    ("supplier-stock-in", ["--rows", "250"], {"sold", "cpu_ms"}),
    (
        "flash-sale",
        ["--rows", "40", "--seconds", "1", "--wallets", "200"],
        {"purchases_per_second", "refusals_per_second", "oversold", "hot_row_per_second", "refusal_cpu_ms"},
    ),
    ("start", ["--rows", "1"], {"from_nothing_s", "again_s"}),
]


@pytest.mark.parametrize(
    ("name", "options", "further"), [MODEL, *(pytest.param(*one, marks=pytest.mark.soak, id=one[0]) for one in OTHERS)]
)
def test_a_benchmark_runs_and_tells(name: str, options: list[str], further: set[str]) -> None:
    command = [sys.executable, "-m", "tests.bench", name, *options, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert KEYS | further <= told.keys()
    assert told["name"] == name
    assert told["count"] == int(options[1])
    assert told["errors"] == 0
