"""Generated operations over the whole schema, by each kind of caller, about things that are there: whatever is sent is
answered, nothing breaks, and nothing that is not the caller's is changed."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.settle import ask
from tests.fuzz.standing import Standing, standing_server
from tests.fuzz.tools import HERE, SCHEMA, tools
from tests.fuzz.untouched import what_stands

EXAMPLES = os.environ.get("PERKHUB_FUZZ_EXAMPLES", "10")  # of each field
SECONDS = 1200


@pytest.fixture(scope="module")
def commands() -> Iterator[Path]:
    with tools() as folder:
        yield folder


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    with standing_server() as server:
        yield server


@pytest.mark.soak
@pytest.mark.parametrize("who", ["anonymous", "customer", "staff"])
def test_schemathesis_finds_no_server_error(commands: Path, standing: Standing, who: str) -> None:
    token = standing.tokens[who]
    signed_in = [] if token is None else ["-H", f"Authorization: Bearer {token}"]
    ids = json.dumps(standing.made["ids"])
    command = [str(commands / "st"), "run", str(SCHEMA), "--url", f"{standing.web.url}/graphql", "-n", EXAMPLES]
    options = ["-c", "told_not_thrown", "--phases", "fuzzing", "--continue-on-failure", "--request-timeout", "60", "--no-color"]
    before = None if who == "staff" else what_stands(standing.database_url, who, standing.made["other"])
    ran = subprocess.run(
        [*command, *options, *signed_in],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "PERKHUB_FUZZ_IDS": ids},
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert "generated" in ran.stdout
    assert '"incident"' not in standing.log
    if before is not None:
        after = what_stands(standing.database_url, who, standing.made["other"])
        assert {table for table in before if after[table] != before[table]} == set()


@pytest.mark.soak
def test_it_has_come_through_to_what_operators_do(standing: Standing) -> None:
    """Or all that was refused would say nothing."""
    deeds = [row["operation"] for row in ask(standing.database_url, "SELECT DISTINCT operation FROM activity ORDER BY 1")]
    assert len(deeds) >= 10, deeds


@pytest.mark.soak
def test_nothing_is_lost_by_it(standing: Standing) -> None:
    assert standing.perkhub.audit()["clean"]
