"""A demo of its own for end-to-end tests: `perkhub demo` as a newcomer starts it, its terminal in a file."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import Child

COMMAND = Path(sys.executable).with_name("perkhub")
READY_SECONDS = 240.0


@contextmanager
def a_demo(folder: Path, environment: dict[str, str], *, name: str) -> Iterator[Child]:
    """A demo that is ready, its terminal in a file."""
    demo = Child.start(f"perkhub demo, {name}", [str(COMMAND), "demo"], environment=environment, log=folder / f"{name}.txt")
    try:
        demo.await_(lambda: "To stop" in demo.tail(), "did not become ready", seconds=READY_SECONDS)
        yield demo
    finally:
        demo.stop()


def environment_of(folder: Path, port: int) -> dict[str, str]:
    """What the demo sees: nothing of our own PERKHUB_ variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PERKHUB_")}
    return {**kept, "PERKHUB_DATA_FOLDER": str(folder / ".perkhub"), "PERKHUB_PORT": str(port), "PYTHONUNBUFFERED": "1"}
