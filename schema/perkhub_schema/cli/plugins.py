"""Commands for who writes plugins: what is loaded, and a new package to begin with."""

import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from perkhub.plugin.registry import load_plugins
from perkhub.plugin.scaffold import CannotScaffold, new_plugin

plugin = typer.Typer(help="Write plugins.", no_args_is_help=True)
new = typer.Typer(help="Write the package of a new plugin, which passes the conformance kit at once.", no_args_is_help=True)
plugin.add_typer(new, name="new")


def plugins() -> None:
    """What is loaded: kind and key of each offer, its package and version, the contract it needs, and where from."""
    table = Table("kind", "key", "version", "contract")
    table.add_column("where from", overflow="fold")
    for one in load_plugins().loaded():
        where = f"{one.distribution}: {one.module}"
        for offered in one.registered or (f"nothing {one.name}",):
            kind, _, key = offered.partition(" ")
            table.add_row(kind, key, one.version, one.contract, where)
    Console().print(table)


@new.command("supplier")
def new_supplier(
    key: str = typer.Argument(help="Lower-case letters, digits, underscores; stored orders will name it."),
    into: Path = typer.Option(Path(), help="The folder in which the package's own folder is made."),
) -> None:
    """A supplier: settings, client, a sandbox, and tests on the kit."""
    _write("supplier", key, into)


@new.command("mechanic")
def new_mechanic(
    key: str = typer.Argument(help="Lower-case letters, digits, underscores; stored campaigns will name it."),
    into: Path = typer.Option(Path(), help="The folder in which the package's own folder is made."),
) -> None:
    """A campaign mechanic: settings, rule, and tests on the kit."""
    _write("mechanic", key, into)


def _write(kind: str, key: str, into: Path) -> None:
    try:
        folder = new_plugin(kind, key, into=into)
    except CannotScaffold as reason:
        sys.stderr.write(f"{reason}\n")
        raise typer.Exit(2) from None
    sys.stdout.write(f"Written: {folder}\nNow: cd {folder} && pip install -e '.[test]' && pytest\n")
