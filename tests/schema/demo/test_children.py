"""The demo's children end with it, however it ends, and what they say goes where it belongs."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from perkhub_schema.demo import children as family_module
from perkhub_schema.demo.children import ChildEnded, Children, children

TALKS = """
import sys
print('{"event": "a log line"}')
print("┌──\\n│ your code is 123456\\n└──")
print("the end", flush=True)
sys.stdin.read()
"""
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


class Plain(Children):
    """Children that are small scripts instead of Perkhub."""

    def start(self, name: str, *command: str, environment: Mapping[str, str] | None = None) -> family_module.Child:
        (self.logs / f"{name}.log").touch()
        process = subprocess.Popen(
            [sys.executable, "-c", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(family_module.Child(name, process, self.logs / f"{name}.log"))
        return self.started[-1]


def test_messages_go_to_the_terminal_and_logs_to_the_file(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    family = Plain(tmp_path)
    child = family.start("talker", TALKS)
    child.relay()
    log = tmp_path / "talker.log"
    until(lambda: "the end" in log.read_text())
    family.stop()
    assert log.read_text() == '{"event": "a log line"}\nthe end\n'
    assert capfdbinary.readouterr().out == "┌──\n│ your code is 123456\n└──\n".encode()


def test_whoever_ignores_the_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(family_module, "STOP_SECONDS", 0.2)
    family = Plain(tmp_path)
    child = family.start("stubborn", STUBBORN)
    assert child.await_line(b"ready") == b"ready\n"
    family.stop()
    assert child.process.returncode == -9


def test_a_child_that_ends_is_missed(tmp_path: Path):
    family = Plain(tmp_path)
    child = family.start("short", "print('goodbye'); raise SystemExit(3)")
    with pytest.raises(ChildEnded, match="The short process ended with 3"):
        child.await_line(b"hello")
    assert (tmp_path / "short.log").read_text() == "goodbye\n"
    with pytest.raises(ChildEnded):
        family.ensure_alive()
    family.stop()


def test_the_leash_ends_a_child_whose_demo_was_killed(tmp_path: Path):
    with children(tmp_path) as family:
        gateway = family.start("gateway", "sandbox", "gateway", environment=os.environ)
        assert gateway.await_line(b"{").startswith(b'{"sandbox": "gateway"')
        assert gateway.process.stdin is not None
        gateway.process.stdin.close()  # what the kernel does when the demo dies
        assert gateway.process.wait(20) == 0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
