"""A workshop outside the repository: an environment of its own that sees what ours has installed, and needs no network."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

UV = Path(sys.executable).with_name("uv")
# As a newcomer types them. Ours know our interpreter alone, and would not see what is installed there.
PYTHON = '"$(dirname "$0")/python"'
COMMANDS = {
    "perkhub": f'exec {PYTHON} -c "from perkhub_schema.cli import app; app()" "$@"',
    "pytest": f'exec {PYTHON} -W ignore -m pytest -p no:cacheprovider "$@"',
    "pip": f"""case "$1" in
install) shift; exec {UV} pip install --quiet --python {PYTHON} --no-deps --no-build-isolation --offline "$@" ;;
*) exec {UV} pip "$1" --quiet --python {PYTHON} "$2" ;;
esac""",
}


@dataclass(frozen=True)
class Workshop:
    """A folder to write in, and the environment."""

    folder: Path
    bin: Path

    def run(self, command: str | Sequence[str], *, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A command line as it is typed there, in an English terminal of 200 columns."""
        typed = command if isinstance(command, str) else " ".join(command)
        told = {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200", "HOME": str(self.folder)}
        return subprocess.run(
            ["bash", "-euc", typed], cwd=folder or self.folder, env=told, text=True, capture_output=True, timeout=600
        )


def workshop(folder: Path) -> Workshop:
    """Make the environment: empty but for a path to what is installed here."""
    made = folder / "environment"
    subprocess.run([UV, "venv", "--quiet", "--offline", "--python", sys.executable, made], check=True)
    ours, theirs = (
        sysconfig.get_path("purelib"),
        sysconfig.get_path("purelib", vars={"base": str(made), "platbase": str(made)}),
    )
    # `addsitedir` and no plain path: it reads our .pth files too, of which one is the repository itself.
    Path(theirs, "house.pth").write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
    for name, line in COMMANDS.items():
        script = made / "bin" / name
        script.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        script.chmod(0o755)
    return Workshop(folder, made / "bin")
