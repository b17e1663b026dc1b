"""Commands that look: the audit, and a custody export checked offline."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from perkhub.audit import Finding
from perkhub.audit import audit as run_audit
from perkhub.kit.chained import verify_chain
from perkhub_schema.runtime import running


def audit(as_json: bool = typer.Option(False, "--json", help="One JSON object instead of a table.")) -> None:
    """Check what must always hold over the live database; exits with 1 on a breach."""
    findings = asyncio.run(_audit())
    breached = any(finding.broken and not finding.warning for finding in findings)
    if as_json:
        sys.stdout.write(json.dumps({"clean": not breached, "checks": [asdict(one) for one in findings]}) + "\n")
    else:
        _print_findings(findings)
    raise typer.Exit(1 if breached else 0)


async def _audit() -> list[Finding]:
    async with running(application="perkhub audit", queue=False):
        return await run_audit()


def _print_findings(findings: list[Finding]) -> None:
    table = Table("rule", "what must hold", "checked", "broken")
    for one in findings:
        told = "0" if not one.broken else f"{one.broken} {'to look at' if one.warning else 'BREACH'}: {'; '.join(one.examples)}"
        table.add_row(one.rule, one.says, str(one.checked), told, style="red" if one.broken and not one.warning else None)
    Console().print(table)


def verify_custody(export: Path, head: str = typer.Option(None, help="The digest that the last batch must have.")) -> None:
    """Check a custody export offline: every row, every link, nothing missing. Exits with 1 if it does not hold."""
    with export.open("rb") as lines:
        verdict = verify_chain(lines, expected_head=head)
    told = "holds" if verdict.intact else f"is BROKEN: {verdict.fault}"
    sys.stdout.write(f"The log {told}. {verdict.batches} batches, {verdict.rows} rows, last digest {verdict.head}\n")
    raise typer.Exit(0 if verdict.intact else 1)
