"""No secret stands in clear in anything that is written, whatever goes well or wrong; and the search for them would find it."""

import base64
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import httpx2

from tests.faults.house import COMMANDS, House, running_house
from tests.faults.planted.clients import come_by_browser, read_activities, trust_provider, work_as_machine
from tests.faults.planted.desk import Desk, break_off, import_badly, import_well, look_around, numbers, set_up_shop, text
from tests.faults.planted.mistakes import make_mistakes
from tests.faults.planted.needles import MARK, Found, marked, needles_for, search, search_alone
from tests.faults.planted.people import DORA, PHONES, be_looked_up, change_passwords, come_in
from tests.faults.planted.places import CommandLines, left_behind, may_dump_core
from tests.faults.planted.purchases import buy, top_up
from tests.faults.planted.visitor import Visitor
from tests.faults.settle import ask

KEY = marked("key-encryption-key").encode().ljust(32, b"k")
SETTINGS = {
    # The console notifier, which the test reads codes from, serves in development alone.
    "environment": "development",
    "key_encryption_keys": f"first:{base64.b64encode(KEY).decode()}",
    "token_secret": marked("token-secret, long enough to sign"),
    "requests_per_minute": "100000",
}
SEALED = {**COMMANDS, "worker": (sys.executable, "-m", "tests.faults.quick_worker")}
UNSEALED = {name: (sys.executable, "-m", "tests.faults.planted.unsealed", name) for name in COMMANDS}
# As talkative as PostgreSQL can be made: every statement with its values, every error with its row.
TALKATIVE = {
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_error_verbosity": "verbose",
}


def test_no_secret_is_left_behind_in_clear() -> None:
    with house_with_visitor(SEALED) as (house, visitor), CommandLines() as command_lines:
        people = come_in(visitor)
        change_passwords(visitor, people)
        desk = Desk(visitor, people.staff, set_up_shop(visitor, people.staff))
        import_well(desk)
        import_badly(desk)
        buy(visitor, people, desk.variant)
        top_up(visitor, people)
        be_looked_up(visitor, people)
        come_by_browser(visitor)
        work_as_machine(visitor, people)
        trust_provider(visitor, people)
        read_activities(visitor, people)
        make_mistakes(visitor, people.staff)
        import_despite_kills(house, desk)
        look_around(desk)
        found = find(house, visitor, desk, command_lines.seen)
        assert found == []
        assert may_dump_core(house) == []


def test_the_search_finds_codes_that_are_not_sealed() -> None:
    """With a cipher that leaves everything as it is, the same search finds it: the test above can fail."""
    with house_with_visitor(UNSEALED) as (house, visitor):
        people = come_in(visitor)
        desk = Desk(visitor, people.staff, set_up_shop(visitor, people.staff))
        import_well(desk)
        trust_provider(visitor, people)
        found = find(house, visitor, desk, ())
    places = {one.place for one in found if MARK in one.shown or one.spelling in ("hex", "HEX")}
    assert any("/base/" in place for place in places), "in tables"
    assert any("/pg_wal/" in place for place in places), "in the write-ahead log"
    assert any(MARK in one.shown and "provider secret" in one.shown for one in found), "a provider's secret"
    assert "pg_dump" in places
    assert {"the middle of cards.xlsx"} <= {one.secret for one in found}, "in uploads"
    assert any(place.endswith("postgres.log") for place in places)


# --- steps ---


@contextmanager
def house_with_visitor(commands: Mapping[str, Sequence[str]]) -> Iterator[tuple[House, Visitor]]:
    """Started, with temporary files in a folder that is searched, and a PostgreSQL that tells everything."""
    with running_house(SETTINGS, commands) as house:
        for name, value in TALKATIVE.items():
            ask(house.servers.database_url, f"ALTER DATABASE perkhub SET {name} = '{value}'")
        house.perkhub.run_python("tests.faults.planted.customer", DORA["email"])
        house.keep_alive()
        house.await_ready()
        with httpx2.Client(base_url=house.url, timeout=60, trust_env=False) as http:
            yield house, Visitor(house, http)


def import_despite_kills(house: House, desk: Desk) -> None:
    """The worker dies in the middle of an import, the web server in the middle of an upload."""
    rows = numbers("E", 6000)
    imported = desk.begin(desk.upload("many.csv", text(("code", "pin"), rows)))
    desk.visitor.until(lambda: _state_of_newest(house) != "queued", "the import does not begin")
    house.kill_worker()
    with break_off(desk):
        desk.visitor.until(lambda: ask(house.servers.database_url, BROKEN_OFF)[0][0], "nothing of the upload arrives")
        house.kill_web_process()
    house.await_ready()
    told = desk.ends(imported)
    assert (told["state"], told["rowsStocked"]) == ("DONE", len(rows)), told


BROKEN_OFF = "SELECT count(*) FROM upload u JOIN upload_piece p ON p.upload_id = u.id WHERE NOT u.complete"
NEWEST = "SELECT state FROM code_import ORDER BY id DESC LIMIT 1"


def _state_of_newest(house: House) -> str:
    return str(ask(house.servers.database_url, NEWEST)[0][0])


def find(house: House, visitor: Visitor, desk: Desk, command_lines: Iterable[bytes]) -> list[Found]:
    """Every needle in every place; one-time codes, which are only six digits, where digits stand alone."""
    house.gateway.callbacks_are_done()
    gateway = {f"gateway {name}": value for name, value in house.gateway.settings.items() if "secret" in name}
    needles = needles_for({**PHONES, **visitor.tokens, **gateway, **desk.pieces})
    places = [*left_behind(house), *visitor.answers, *((f"command line {line!r}", line) for line in command_lines)]
    told = [(place, content) for place, content in places if place.startswith(("logs/", "redis", "answer"))]
    return [
        *(found for place, content in places for found in search(place, content, needles)),
        *(found for place, content in told for found in search_alone(place, content, visitor.one_time_codes)),
    ]
