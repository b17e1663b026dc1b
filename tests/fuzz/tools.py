"""The strangers' tools, in an environment of their own: what they need must not decide what we may use."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import new_folder

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCHEMA = ROOT / "schema" / "perkhub_schema" / "schema.graphql"
UV = Path(sys.executable).with_name("uv")


@contextmanager
def tools() -> Iterator[Path]:
    """The folder of their commands."""
    with new_folder("perkhub-tools") as folder:
        place = folder / "venv"
        for command in (
            [UV, "venv", "--quiet", "--python", sys.executable, place],
            [UV, "pip", "sync", "--quiet", "--python", place / "bin" / "python", "--require-hashes", HERE / "tools.lock"],
        ):
            subprocess.run([str(part) for part in command], check=True, timeout=300)
        yield place / "bin"
