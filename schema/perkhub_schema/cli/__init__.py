"""The command line: `perkhub`. A command's module is loaded when it is called: a sandbox starts without the schema."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

COMMANDS = {
    "serve": "web:serve",
    "worker": "work:worker",
    "migrate": "web:migrate",
    "demo": "demonstrate:demo",
    "audit": "inspect:audit",
    "plugins": "plugins:plugins",
    "verify-custody": "inspect:verify_custody",
    "verify-draw": "draws:verify_draw",
    "export-draws": "draws:export_draw_log",
    "sandbox": "sandboxes:sandbox",
    "schema": "printing:schema",
    "plugin": "plugins:plugin",
    "vault": "keys:vault",
    "operations": "operations:operations",
    "admin": "admin:admin",
    "search": "search:search",
}


class Commands(TyperGroup):
    """The commands above, each by the module that has it: a function, or a group of its own."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order in which they are needed."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"{__name__}.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command = get_group(found)  # a group, though it may have one command
            command.name = cmd_name
            return command
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return get_command(alone)


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False)


@app.callback()
def perkhub() -> None:
    """Perkhub 权益中台: a headless backend for digital benefits."""


__all__ = ["app"]
