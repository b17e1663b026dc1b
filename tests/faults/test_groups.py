"""A worker killed again and again while groups are settled: each member is given theirs, or their money, exactly once."""

import sys
import time
from pathlib import Path

import pytest

from tests.faults.gathered import SEATS
from tests.faults.house import WORKER_IS_READY
from tests.faults.settle import ask, settle
from tests.processes import Child, Installation, installation, new_folder, production, real_servers

GROUPS = 3  # of each kind
KILLS = 4
# Whoever of a group is given theirs takes a moment of it, to be killed in.
LINGER = (
    "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$",
    """CREATE TRIGGER linger BEFORE UPDATE ON circle_member FOR EACH ROW WHEN (NEW.state IN ('delivered', 'refunded'))
       EXECUTE FUNCTION linger()""",
)
UNSETTLED = "SELECT count(*) FROM circle_member WHERE state IN ('due', 'owed', 'dropped')"
OPEN = "SELECT count(*) FROM circle WHERE settled_at IS NULL"
RUNS = "SELECT max(attempts) FROM outbox WHERE kind <> 'periodic'"
# What each member came to: their group, themselves, benefits, refunds, and what they paid in the end.
CAME_TO = """
    SELECT c.state AS circle, m.state AS member, g.issued, r.refunds, 10000 - a.balance AS paid, count(*)::int AS members
    FROM circle c JOIN circle_member m ON m.circle_id = c.id JOIN party_account a ON a.party_id = m.party_id,
    LATERAL (SELECT count(*)::int AS issued FROM entitlement e JOIN order_line l ON l.id = e.source_id
             WHERE l.order_id = m.order_id AND e.state = 'issued') g,
    LATERAL (SELECT count(*)::int AS refunds FROM refund f JOIN payment p ON p.id = f.payment_id
             WHERE p.payable_id = m.order_id) r
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2
"""


@pytest.mark.soak
def test_groups_whose_worker_is_killed_are_settled_once() -> None:
    with (
        new_folder("perkhub-groups") as folder,
        real_servers(folder) as servers,
        installation(folder, servers, production()) as perkhub,
    ):
        perkhub.migrate()
        perkhub.run_python("tests.faults.gathered", {"groups": GROUPS})
        url = servers.database_url
        for statement in LINGER:
            ask(url, statement)
        kill_while_settling(perkhub, url)
        ask(url, "DROP TRIGGER linger ON circle_member")
        last = a_worker(perkhub, "last")
        last.await_(lambda: number(url, OPEN) == 0, "does not settle the groups", seconds=60)
        settle(url, seconds=60)
        last.stop()
        assert [tuple(row) for row in ask(url, CAME_TO)] == [
            ("lapsed", "left", 0, 0, 0, GROUPS),
            ("lapsed", "refunded", 0, 1, 0, (SEATS - 1) * GROUPS),
            ("settled", "delivered", 1, 0, 500, SEATS * GROUPS),
        ]
        assert number(url, RUNS) > 1, "no run was lost"
        assert perkhub.audit()["clean"]


def kill_while_settling(perkhub: Installation, url: str) -> None:
    """Let a worker give one more member theirs, and kill it among the next."""
    left = number(url, UNSETTLED)
    assert left == 2 * SEATS * GROUPS
    for _ in range(KILLS):
        worker, until = a_worker(perkhub, f"{left}-left"), left - 1
        worker.await_(lambda most=until: number(url, UNSETTLED) <= most, "does not settle the groups", seconds=60)
        time.sleep(0.1)
        worker.kill()
        left = number(url, UNSETTLED)
    assert left > 0, "all of them were settled before the last kill"


def a_worker(perkhub: Installation, name: str) -> Child:
    """One of short rhythms: what a killed one leaves goes on after seconds."""
    log = Path(perkhub.folder, f"worker-{name}.log")
    child = Child.start(
        "a worker", [sys.executable, "-m", "tests.faults.quick_worker"], environment=perkhub.environment(), log=log
    )
    perkhub.started.append(child)
    child.await_(lambda: WORKER_IS_READY in log.read_text(errors="replace"), "did not become ready", seconds=60)
    return child


def number(url: str, sql: str) -> int:
    return int(ask(url, sql)[0][0] or 0)
