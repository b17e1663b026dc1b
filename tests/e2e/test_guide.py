"""What the guide promises front-end teams: every block of it works against a demo, in its order, as it is written."""

import shutil

import pytest
from graphql import parse, validate

from perkhub_schema.schema import schema
from tests.e2e.demo import COMMAND, a_demo, environment_of
from tests.e2e.tour import GUIDE, PLACEHOLDER, Newcomer, at, guide
from tests.processes import free_port, new_folder

ORDERS = '{ order(id: "ORDER_ID") { number state } }'
UNASKED = "{ staff(first: 1) { nodes { id } } }"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide asks with curl")
def test_the_guide_works_as_it_is_written():
    port = free_port()
    with new_folder("perkhub-guide") as folder:
        (folder / ".venv").symlink_to(COMMAND.parents[1])
        environment = environment_of(folder, port)
        reader = Newcomer(f"http://127.0.0.1:{port}", folder, environment)
        with a_demo(folder, environment, name="guide"):
            for block in guide():
                reader.paste(block)
            ensure_a_machine_may_what_it_was_made_for(reader)


def ensure_a_machine_may_what_it_was_made_for(reader: Newcomer) -> None:
    reader.headers = {"Perkhub-Channel": "retail", "Authorization": f"Bearer {reader.known['MACHINE_TOKEN']}"}
    assert at(reader.ask(reader.filled(ORDERS)), "order.state") == "PLACED"
    with pytest.raises(AssertionError, match="NOT_ALLOWED"):
        reader.ask(UNASKED)


def test_every_block_fits_the_schema():
    blocks = guide()
    assert {block.language for block in blocks} == {"graphql", "json", "sh"}
    for block in blocks:
        if block.language == "graphql":
            assert validate(schema._schema, parse(block.text.replace("PUBLIC_KEYS", '"PUBLIC_KEYS"'))) == []


def test_everything_in_capitals_was_told_before():
    told: set[str] = set()
    for block in guide():
        assert set(PLACEHOLDER.findall(block.text)) <= told
        told |= set(block.keep)


def test_a_note_is_never_overlooked():
    """A note that does not stand right below its block would be a promise that nobody holds."""
    notes = sum(bool(block.keep or block.until or block.expect) for block in guide())
    assert GUIDE.read_text(encoding="utf-8").count("<!--") == notes
