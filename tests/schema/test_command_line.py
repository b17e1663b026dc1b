"""The command line: every command is where it is said to be, and loads no more than it needs."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from perkhub_schema.cli import COMMANDS, app

WITHIN = {
    "schema": ["export"], "plugin": ["new supplier", "new mechanic"], "vault": ["rotate", "export-custody"],
    "operations": ["publish"], "admin": ["create"], "search": ["rebuild"],
}  # fmt: skip
ALL = [f"{name} {inner}".strip() for name in COMMANDS for inner in WITHIN.get(name, [""])]
LOADED = "import sys; from typer.testing import CliRunner; from perkhub_schema.cli import app; {}; print(*sys.modules)"


@pytest.mark.parametrize("command", ALL)
def test_every_command_tells_how_it_is_used(command: str):
    told = CliRunner().invoke(app, [*command.split(), "--help"], prog_name="perkhub")
    assert (told.exit_code, f"Usage: perkhub {command} " in told.output) == (0, True), told.output


def test_what_is_no_command_is_told():
    told = CliRunner().invoke(app, ["audti"], prog_name="perkhub")
    assert (told.exit_code, "No such command" in told.output) == (2, True)


def test_a_sandbox_starts_without_the_schema():
    help_of = "CliRunner().invoke(app, ['{}', '--help'])"
    loaded = {}
    for command in ("sandbox", "schema"):
        code = LOADED.format(help_of.format(command))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        loaded[command] = "perkhub_schema.schema" in done.stdout.split()
    assert loaded == {"sandbox": False, "schema": True}
