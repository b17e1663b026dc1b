"""The command that prints the schema."""

import sys
from pathlib import Path

import typer

from perkhub_schema.printed import printed_schema

schema = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)


@schema.command("export")
def export_schema(to: Path = typer.Argument(None, help="A file; the screen if left out.")) -> None:
    """Print the schema, as `schema.graphql` keeps it."""
    printed = printed_schema()
    if to is None:
        sys.stdout.write(printed)
    else:
        to.write_text(printed)
