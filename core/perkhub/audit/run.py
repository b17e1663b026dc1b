"""Running every check of the house in one snapshot, so that traffic in between cannot look like a breach."""

from dataclasses import dataclass
from datetime import timedelta

from perkhub.audit.checks import CHECKS
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transaction

# What a healthy house settles within; beyond it, work is stuck.
STUCK_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: how many rows it looked at, how many break it, and a few of them by id."""

    rule: str
    says: str
    checked: int
    broken: int
    examples: list[str]
    warning: bool


async def audit() -> list[Finding]:
    """Every check, in order. A breach of a check that is no warning is a breach of trust."""
    async with transaction() as tx:
        # Comparing live counters with rows needs one snapshot for all statements.
        await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return await run_checks(tx)


async def run_checks(tx: Transaction) -> list[Finding]:
    """The checks as this transaction sees the database."""
    findings = []
    stuck_before = now() - STUCK_AFTER
    for check in CHECKS:
        checked: int = await tx.value(check.population)
        values = (stuck_before,) if "$1" in check.breaches else ()
        broken: int = await tx.value(f"SELECT count(*) FROM ({check.breaches}) AS broken", *values)
        examples = await tx.rows(f"SELECT * FROM ({check.breaches}) AS broken LIMIT 5", *values) if broken else []
        told = [" ".join(f"{name}={value}" for name, value in row.items()) for row in examples]
        findings.append(Finding(check.rule, check.says, checked, broken, told, check.warning))
    return findings
