"""Remote parties to develop against, over real HTTP."""

import sys

import typer

from perkhub.plugin.sandbox import NoSuchSandbox, run_sandbox


def sandbox(
    name: str = typer.Argument(help="As a package names it, or `package.module:attribute`."),
    port: int = typer.Option(0, help="0 takes a free one."),
) -> None:
    """Run a sandbox; the first line is JSON with its addresses and the settings for its plugin."""
    try:
        run_sandbox(name, port=port)
    except NoSuchSandbox as unknown:
        sys.stderr.write(f"{unknown}\n")
        raise typer.Exit(2) from None
