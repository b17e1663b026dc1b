"""What a run came to, for people."""

import sys
from collections import Counter
from typing import Any

from tests.faults.crowd import Crowd
from tests.faults.settle import ask

STATES = {
    "orders": "SELECT state, count(*) FROM orders GROUP BY 1 ORDER BY 1",
    "units": "SELECT state, count(*) FROM entitlement GROUP BY 1 ORDER BY 1",
    "payments": "SELECT method || ' ' || state, count(*) FROM payment GROUP BY 1 ORDER BY 1",
    "refunds": "SELECT state, count(*) FROM refund GROUP BY 1 ORDER BY 1",
    "imports": "SELECT state, count(*) FROM code_import GROUP BY 1 ORDER BY 1",
    "lots": "SELECT state, count(*) FROM lot GROUP BY 1 ORDER BY 1",
    "jobs": "SELECT state, count(*) FROM outbox WHERE kind <> 'periodic' GROUP BY 1 ORDER BY 1",
    "attempts of jobs": "SELECT attempts::text, count(*) FROM outbox WHERE kind <> 'periodic' GROUP BY 1 ORDER BY 1",
}


def summary(crowd: Crowd, url: str, killed: Counter[str], **seconds: Any) -> str:
    """A few lines."""
    troubles = crowd.troubles
    told = [buyer.told for buyer in crowd.buyers]
    lines = [
        f"{sum(killed.values())} kills: {counted(killed)}",
        ", ".join(f"{what.replace('_', ' ')} {value}" for what, value in seconds.items()),
        f"clients: {troubles.answers} answers, {troubles.retries} retries, longest wait {troubles.longest_wait:.1f} s,"
        f" {sum(len(one.shown) for one in told)} codes shown, {sum(len(one.top_ups) for one in told)} top-ups begun",
        f"troubles seen: {counted(troubles.seen)}",
        f"refusals seen: {counted(troubles.refused)}",
    ]
    for what, sql in STATES.items():
        lines.append(f"{what}: {counted(Counter({row[0]: row[1] for row in ask(url, sql)}))}")
    return "\n".join(lines)


def counted(counter: Counter[str]) -> str:
    """The most frequent first."""
    return ", ".join(f"{what} {many}" for what, many in counter.most_common()) or "none"


def say(text: str) -> None:
    """To whoever waits for a run of many minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
