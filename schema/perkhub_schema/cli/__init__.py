"""The command line: `perkhub`."""

import typer

from perkhub_schema.cli import admin, draws, inspect, keys, operations, plugins, run, sandboxes, search

app = typer.Typer(help="Perkhub 权益中台: a headless backend for digital benefits.", no_args_is_help=True, add_completion=False)
app.command()(run.serve)
app.command()(run.worker)
app.command()(run.migrate)
app.command()(run.demo)
app.command()(inspect.audit)
app.command()(plugins.plugins)
app.command("verify-custody")(inspect.verify_custody)
app.command("verify-draw")(draws.verify_draw)
app.command("export-draws")(draws.export_draw_log)
app.command("sandbox")(sandboxes.sandbox)
app.add_typer(inspect.schema, name="schema")
app.add_typer(plugins.plugin, name="plugin")
app.add_typer(keys.vault, name="vault")
app.add_typer(operations.operations, name="operations")
app.add_typer(admin.admin, name="admin")
app.add_typer(search.search, name="search")

__all__ = ["app"]
