"""The demo respects what is set, finds a port, and refuses to run where it must not."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from perkhub.kit.settings import settings
from perkhub_schema.demo.ending import ENDINGS, ToldToStop, listening
from perkhub_schema.demo.environment import DemoRefused, demo_settings, free_port, is_free
from perkhub_schema.demo.run import only_demo_in
from tests.processes import free_port as any_port

HOST = "127.0.0.1"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Nothing of Perkhub's is set, and what the test sets goes with it."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("PERKHUB_"):
            monkeypatch.delenv(name)
    yield monkeypatch
    for name in [name for name in os.environ if name not in before]:
        del os.environ[name]
    settings.cache_clear()


def taken(port: int) -> socket.socket:
    listener = socket.socket()
    listener.bind((HOST, port))
    listener.listen()
    return listener


def test_nothing_configured_is_enough(environment: pytest.MonkeyPatch):
    using = demo_settings(os.environ)
    assert using.data_folder == Path(".perkhub")
    assert using.public_url == f"http://127.0.0.1:{using.port}"
    assert using.access_token_seconds == 3600


def test_what_is_set_stays(environment: pytest.MonkeyPatch):
    port = any_port()
    environment.setenv("PERKHUB_PORT", str(port))
    environment.setenv("PERKHUB_PUBLIC_URL", "https://shop.example.com")
    environment.setenv("PERKHUB_ACCESS_TOKEN_SECONDS", "60")
    using = demo_settings(os.environ)
    assert (using.port, using.public_url, using.access_token_seconds) == (port, "https://shop.example.com", 60)


def test_a_taken_port_gives_way_to_the_next(environment: pytest.MonkeyPatch):
    first = free_port(HOST)
    with taken(first):
        assert not is_free(HOST, first)
        assert demo_settings(os.environ).port > first


def test_a_port_that_was_asked_for_does_not_give_way(environment: pytest.MonkeyPatch):
    port = any_port()
    environment.setenv("PERKHUB_PORT", str(port))
    with taken(port), pytest.raises(DemoRefused, match=f"Port {port} of 127.0.0.1 is taken"):
        demo_settings(os.environ)


def test_never_in_production(environment: pytest.MonkeyPatch):
    environment.setenv("PERKHUB_ENVIRONMENT", "production")
    with pytest.raises(DemoRefused, match="known to everybody"):
        demo_settings(os.environ)


def test_an_odd_setting_is_named_and_not_repeated(environment: pytest.MonkeyPatch):
    environment.setenv("PERKHUB_WEB_PROCESSES", "many")
    with pytest.raises(DemoRefused, match="PERKHUB_WEB_PROCESSES") as refused:
        demo_settings(os.environ)
    assert "many" not in str(refused.value)


def test_one_demo_a_folder(tmp_path: Path):
    refused = pytest.raises(DemoRefused, match=r"already: http://127\.0\.0\.1:8000/graphql")
    with only_demo_in(tmp_path, "http://127.0.0.1:8000"), refused, only_demo_in(tmp_path, "elsewhere"):
        pass
    with only_demo_in(tmp_path, "http://127.0.0.1:8001"):
        assert (tmp_path / "demo.lock").read_text() == "http://127.0.0.1:8001"


@pytest.fixture
def not_ignored() -> Iterator[None]:
    """Whoever starts the suite in the background of a shell has SIGINT ignored."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ENDINGS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("not_ignored")
@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_is_heeded_at_the_next_safe_point(number: signal.Signals):
    with listening() as word:
        word.heed()
        os.kill(os.getpid(), number)
        with pytest.raises(ToldToStop):
            word.heed()
        os.kill(os.getpid(), number)  # nor does a second one strike amid the clearing up


def test_what_a_shell_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening() as word:
            os.kill(os.getpid(), signal.SIGHUP)
        assert not word.given
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
