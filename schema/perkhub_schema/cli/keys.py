"""Commands of the vault: new keys, and the custody log as a file."""

import asyncio
import sys
from pathlib import Path

import typer
from rich.progress import Progress

from perkhub.kit.acting import COMMAND_LINE, Acting, act
from perkhub.kit.keys import keyring
from perkhub.vault import export_custody
from perkhub_schema.runtime import running

vault = typer.Typer(help="The vault's keys and its custody log.", no_args_is_help=True)


@vault.command()
def rotate() -> None:
    """Wrap every data key with the newest key-encryption key; safe to stop and to run again."""
    asyncio.run(_rotate())


async def _rotate() -> None:
    async with running(application="perkhub vault", queue=False):
        with Progress() as progress:
            task = progress.add_task("data keys", total=None)
            with act(Acting(COMMAND_LINE, "vault rotate")):
                changed = await keyring().rotate(lambda done, total: progress.update(task, completed=done, total=total))
    sys.stdout.write(f"{changed} data keys are wrapped by the newest key now.\n")


@vault.command("export-custody")
def export_custody_log(to: Path) -> None:
    """Write the custody log with its chain to a file, for `perkhub verify-custody`."""
    asyncio.run(_export(to))


async def _export(to: Path) -> None:
    async with running(application="perkhub vault", queue=False):
        with to.open("wb") as out:
            await export_custody(out)
