"""Commands of draws: a campaign's log as a file, and checking it without the house."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

import typer

from perkhub.campaigns.draws import export_draws, verify_draws
from perkhub_schema.runtime import running


def verify_draw(export: Path, head: str = typer.Option(None, help="The digest that the last batch must have.")) -> None:
    """Check a log of draws offline: seeds, odds, every draw, nothing withheld. Exits with 1 if it does not hold."""
    with export.open("rb") as lines:
        verdict = verify_draws(lines, expected_head=head)
    told = "are fair" if verdict.intact else f"are NOT as was committed to: {verdict.fault}"
    waiting = f", {verdict.open} of them by a seed that is not shown yet" if verdict.open else ""
    sys.stdout.write(f"The draws {told}. {verdict.draws} draws{waiting}, last digest {verdict.head}\n")
    raise typer.Exit(0 if verdict.intact else 1)


def export_draw_log(campaign: str = typer.Argument(help="Its id."), to: Path = typer.Argument(help="A file.")) -> None:
    """Write a campaign's seeds and draws to a file, for `perkhub verify-draw`."""
    try:
        known = UUID(hex=campaign.rpartition("_")[2])
    except ValueError:
        sys.stderr.write("That is no id of a campaign.\n")
        raise typer.Exit(2) from None
    asyncio.run(_export(known, to))


async def _export(campaign: UUID, to: Path) -> None:
    async with running(application="perkhub export-draws", queue=False):
        with to.open("wb") as out:
            head = await export_draws(campaign, out)
    sys.stdout.write(f"{head.batch} batches, last digest {head.digest}\n")
