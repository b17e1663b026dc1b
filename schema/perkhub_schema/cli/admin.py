"""Commands that make the first account; everything after that is a mutation."""

import asyncio
import sys

import typer

from perkhub.accounts import create_first_admin
from perkhub.kit.acting import COMMAND_LINE, Acting, act
from perkhub.kit.db import transact
from perkhub.kit.errors import DomainError
from perkhub_schema.runtime import running

admin = typer.Typer(help="The first administrator.", no_args_is_help=True)


@admin.command("create")
def create(
    email: str,
    password: str = typer.Option(..., prompt=True, confirmation_prompt=True, hide_input=True, help="At least 10 characters."),
    force: bool = typer.Option(False, help="Even though there is an administrator already."),
) -> None:
    """Make an administrator who may do everything."""
    try:
        asyncio.run(_create(email, password, force=force))
    except DomainError as refused:
        sys.stderr.write(f"{refused.message('en')}\n")
        raise typer.Exit(1) from None
    sys.stdout.write(f"{email} may sign in with staffSignIn.\n")


async def _create(email: str, password: str, *, force: bool) -> None:
    async with running(application="perkhub admin", queue=False):
        with act(Acting(COMMAND_LINE, "admin create")):
            await transact(lambda tx: create_first_admin(tx, email, password, force=force))
