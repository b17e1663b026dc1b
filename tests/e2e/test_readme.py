"""What the README promises: `perkhub demo` fills a shop, its tour works as it is written, and nothing is left behind."""

import shutil
from pathlib import Path

import psutil
import pytest
from graphql import parse, validate

from perkhub.kit.embedded import PostgresServer, RedisServer
from perkhub_schema.schema import schema
from tests.e2e.demo import COMMAND, a_demo, environment_of
from tests.e2e.tour import PLACEHOLDER, Newcomer, at, tour
from tests.processes import Child, free_port, new_folder

SIGN_IN = """
    mutation { signIn(input: { contact: { email: "shopper@example.com" }, password: "perkhub-demo-2026" }) { accessToken } }
"""
SEND_CODE = """
    mutation { oneTimeCodeRequest(input: { contact: { email: "shopper@example.com" }, purpose: SIGN_IN }) { expiresAt } }
"""


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour uploads with curl")
def test_the_tour_works_as_it_is_written():
    port = free_port()
    with new_folder("perkhub-tour") as folder:
        (folder / ".venv").symlink_to(COMMAND.parents[1])
        environment = environment_of(folder, port)
        newcomer = Newcomer(f"http://127.0.0.1:{port}", folder, environment)
        with a_demo(folder, environment, name="first") as demo:
            for block in tour():
                newcomer.paste(block)
            assert newcomer.known["CODE"] not in "".join(log.read_text() for log in (folder / ".perkhub/logs").iterdir())
            ensure_messages_reach_the_terminal_alone(newcomer, demo, folder)
            wallet = wallet_of(newcomer)
            ensure_nothing_stays(demo, folder)
        with a_demo(folder, environment, name="second") as demo:
            assert wallet_of(newcomer) == wallet, "started again, it goes on with its data"
            ensure_nothing_stays(demo, folder)


def wallet_of(newcomer: Newcomer) -> str:
    """As the shopper, who signs in anew."""
    newcomer.headers = {}
    token = at(newcomer.ask(SIGN_IN), "signIn.accessToken")
    newcomer.headers = {"Authorization": f"Bearer {token}"}
    return str(at(newcomer.ask("{ me { wallet { balance { amount } } } }"), "me.wallet.0.balance.amount"))


def ensure_messages_reach_the_terminal_alone(newcomer: Newcomer, demo: Child, folder: Path) -> None:
    """A one-time code is shown to whoever sits there, and kept in no log."""
    newcomer.headers = {}
    newcomer.ask(SEND_CODE)
    demo.await_(lambda: "└──" in demo.tail(), "did not show the message", seconds=30.0)
    framed = [line for line in demo.tail().splitlines() if line.startswith("│")]
    assert framed[0] == "│ email to shopper@example.com"
    for log in (folder / ".perkhub/logs").iterdir():
        assert not [line for line in framed if line[2:] in log.read_text()]


def ensure_nothing_stays(demo: Child, folder: Path) -> None:
    """Stopped by one signal, it takes its children and its servers with it."""
    family = psutil.Process(demo.pid).children(recursive=True)
    assert len(family) >= 6, "gateway, worker, granian and its worker, PostgreSQL, Redis"
    assert demo.stop() == 0
    assert "Stopped." in demo.tail()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    servers = PostgresServer.inside(folder / ".perkhub"), RedisServer.inside(folder / ".perkhub")
    assert [server.pid for server in servers] == [None, None]


def test_every_block_fits_the_schema():
    blocks = tour()
    assert {block.language for block in blocks} == {"graphql", "json", "sh"}
    for block in blocks:
        if block.language == "graphql":
            assert validate(schema._schema, parse(block.text)) == []


def test_everything_in_capitals_was_told_before():
    told: set[str] = set()
    for block in tour():
        assert set(PLACEHOLDER.findall(block.text)) <= told
        told |= set(block.keep)


def test_a_note_is_never_overlooked():
    """A note that does not stand right below its block would be a step that nobody takes."""
    readme = Path(__file__).parents[2] / "README.md"
    assert readme.read_text(encoding="utf-8").count("<!--") == sum(bool(block.keep or block.until) for block in tour())
