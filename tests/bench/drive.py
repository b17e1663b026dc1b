"""Driving a plan: the generator as its own process, with a look at the web process whenever it passes a mark."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from tests.bench.plan import Outcome, Plan
from tests.processes.installation import ROOT


class LoadFailed(Exception):
    """The generator itself failed."""


def drive(plan: Plan, *, at_mark: Callable[[int], None] = lambda mark: None, module: str = "tests.bench.load") -> list[Outcome]:
    """Every phase's outcome."""
    with TemporaryDirectory(prefix="perkhub-load-") as folder:
        told, outcome = Path(folder, "plan.json"), Path(folder, "outcome.json")
        plan.write(told)
        command = [sys.executable, "-m", module, str(told), str(outcome)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as generator:
            assert generator.stdout is not None
            for line in generator.stdout:
                word, _, number = line.partition(" ")
                if word == "mark":
                    at_mark(int(number))
        if generator.returncode != 0:
            raise LoadFailed(f"the load generator ended with {generator.returncode}")
        return [Outcome(**one) for one in orjson.loads(outcome.read_bytes())]
