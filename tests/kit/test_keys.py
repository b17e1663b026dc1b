"""Key-encryption keys, the development file, house keys made once among many processes, and rotation that may be killed."""

import asyncio
import base64
import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from perkhub.kit import db, key_encryption, keys
from perkhub.kit.db import Row, transact
from perkhub.kit.key_encryption import KeyDamaged, KeysMalformed, KeysMissing, KeyUnknown, parse_keys
from perkhub.kit.keys import HouseKey, KeyRing, LocalKeys, keyring, local_keys, lot_purpose, set_keyring, token_secret
from perkhub.kit.settings import Settings

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
HOUSE = len(HouseKey)
BOTH = LocalKeys({"new": NEW, "old": OLD})


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@pytest.fixture
def development(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path / "data", environment="development", key_encryption_keys=None, token_secret=None)


def test_keys_are_read_newest_first():
    assert list(parse_keys(f"new:{encoded(NEW)}, old:{encoded(OLD)}", where="here").items()) == [("new", NEW), ("old", OLD)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        encoded(NEW),
        f":{encoded(NEW)}",
        f"new:{encoded(NEW)[:-4]}",
        f"new:{encoded(NEW)}!",
        f"new:{encoded(NEW + NEW)}",
        f"new:{encoded(NEW)},new:{encoded(OLD)}",
        f"new:{encoded(NEW)},",
        f"{'n' * 41}:{encoded(NEW)}",
    ],
)
def test_malformed_keys_are_refused_without_being_told(text: str):
    with pytest.raises(KeysMalformed) as caught:
        parse_keys(text, where="PERKHUB_KEY_ENCRYPTION_KEYS")
    assert "PERKHUB_KEY_ENCRYPTION_KEYS" in str(caught.value)
    assert encoded(NEW)[:10] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_production_makes_up_no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    production = Settings(data_folder=tmp_path / "data", environment="production", key_encryption_keys=None, token_secret=None)
    monkeypatch.setattr(key_encryption, "settings", lambda: production)
    with pytest.raises(KeysMissing, match="PERKHUB_KEY_ENCRYPTION_KEYS is not set"):
        local_keys(production)
    with pytest.raises(KeysMissing, match="PERKHUB_TOKEN_SECRET is not set"):
        token_secret()
    assert not (tmp_path / "data").exists()


def test_a_short_token_secret_is_refused(monkeypatch: pytest.MonkeyPatch, development: Settings):
    short = development.model_copy(update={"token_secret": SecretStr("s" * 31)})
    monkeypatch.setattr(key_encryption, "settings", lambda: short)
    with pytest.raises(KeysMalformed) as caught:
        token_secret()
    assert "sss" not in str(caught.value)


async def test_development_makes_a_file_once(monkeypatch: pytest.MonkeyPatch, development: Settings):
    monkeypatch.setattr(key_encryption, "settings", lambda: development)
    name, wrapped = await local_keys(development).wrap(b"x" * 32, associated=b"")
    assert await local_keys(development).unwrap(name, wrapped, associated=b"") == b"x" * 32
    assert len(token_secret()) >= 32
    files = {path.name: path.stat().st_mode & 0o777 for path in development.data_folder.iterdir()}
    assert files == {"keys.json": 0o600, "keys.lock": 0o600}
    assert token_secret() == json.loads((development.data_folder / "keys.json").read_text())["token_secret"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"key_encryption_keys": 5}', '{"key_encryption_keys": "a:b"}'])
def test_a_spoilt_file_is_refused_and_never_replaced(content: str, development: Settings):
    development.data_folder.mkdir()
    file = development.data_folder / "keys.json"
    file.write_text(content)
    with pytest.raises(KeysMalformed, match=r"keys\.json must hold"):
        local_keys(development)
    assert file.read_text() == content


START = """
import sys
from pathlib import Path
from perkhub.kit.key_encryption import local_keys
from perkhub.kit.settings import Settings
settings = Settings(data_folder=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
print(local_keys(settings).newest)
"""


def test_processes_that_start_together_make_one_file(tmp_path: Path):
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen([sys.executable, "-c", START, tmp_path / "d"], stdin=pipe, stdout=pipe, text=True) for _ in range(4)
    ]
    # All stand ready before the first may go.
    assert [process.stdout.readline() for process in started if process.stdout] == ["ready\n"] * 4
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    names = {process.communicate(timeout=30)[0] for process in started}
    assert len(names) == 1
    assert names.pop().startswith("local-")


async def test_a_key_that_was_taken_away_is_named():
    name, wrapped = await LocalKeys({"old": OLD}).wrap(b"x" * 32, associated=b"a")
    with pytest.raises(KeyUnknown, match="'old'"):
        await LocalKeys({"new": NEW}).unwrap(name, wrapped, associated=b"a")
    for another, place in ((NEW, b"a"), (OLD, b"b")):
        with pytest.raises(KeyDamaged, match="'old'"):
            await LocalKeys({"old": another}).unwrap(name, wrapped, associated=place)
    with pytest.raises(KeyDamaged):
        await LocalKeys({"old": OLD}).unwrap(name, b"", associated=b"a")


async def rows() -> list[Row]:
    return await db.rows("SELECT id, purpose, wrapped, wrapped_by FROM data_key ORDER BY id")


def house(ring: KeyRing) -> list[bytes]:
    return [ring.house_key(purpose) for purpose in HouseKey]


async def opened(provider: LocalKeys = BOTH) -> KeyRing:
    ring = KeyRing(provider)
    await ring.open()
    return ring


async def test_house_keys_are_made_once_among_many(database: str):
    rings = await asyncio.gather(*(opened() for _ in range(8)))
    assert len({tuple(house(ring)) for ring in rings}) == 1
    assert len(set(house(rings[0]))) == len(HouseKey)
    assert {row["purpose"] for row in await rows()} == set(HouseKey)


async def test_no_key_stands_in_the_database(database: str):
    ring = await opened()
    stored = b"".join(row["wrapped"] for row in await rows())
    assert not [key for key in [OLD, NEW, *house(ring)] if key in stored]


async def test_a_lot_has_a_key_of_its_own(database: str):
    ring, lot = await opened(), uuid4()
    key_id, key = await transact(lambda tx: ring.new_data_key(tx, lot_purpose(lot)))
    assert await (await opened()).data_key(key_id) == key == await ring.data_key(key_id)
    with pytest.raises(asyncpg.UniqueViolationError):
        await transact(lambda tx: ring.new_data_key(tx, lot_purpose(lot)))
    with pytest.raises(LookupError):
        await ring.data_key(uuid4())


async def test_few_keys_are_remembered(database: str):
    ring = KeyRing(BOTH, capacity=2)
    made = [await transact(lambda tx: ring.new_data_key(tx, lot_purpose(uuid4()))) for _ in range(3)]
    assert [await ring.data_key(key_id) for key_id, _ in made] == [key for _, key in made]
    assert len(ring._recent) == 2


async def test_a_wrapped_key_that_was_moved_does_not_open(database: str):
    ring = await opened()
    key_id, _ = await transact(lambda tx: ring.new_data_key(tx, lot_purpose(uuid4())))
    await db.value(
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE purpose = 'personal') WHERE id = $1", key_id
    )
    with pytest.raises(KeyDamaged):
        await (await opened()).data_key(key_id)


async def lots(count: int) -> dict[UUID, bytes]:
    ring = await opened(LocalKeys({"old": OLD}))
    return dict([await transact(lambda tx: ring.new_data_key(tx, lot_purpose(uuid4()))) for _ in range(count)])


async def all_new_and_unchanged(made: dict[UUID, bytes], before: KeyRing) -> bool:
    ring = await opened(LocalKeys({"new": NEW}))
    assert {row["wrapped_by"] for row in await rows()} == {"new"}
    return house(ring) == house(before) and {key_id: await ring.data_key(key_id) for key_id in made} == made


async def test_rotation_rewraps_every_key_and_changes_none(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "ROTATE_AT_ONCE", 4)
    made, told = await lots(10), list[tuple[int, int]]()
    before = await opened()
    assert await before.rotate(lambda done, total: told.append((done, total))) == 10 + HOUSE
    steps = [*range(0, 10 + HOUSE, 4), 10 + HOUSE]
    assert told == [(done, 10 + HOUSE) for done in steps]
    assert await before.rotate() == 0
    assert await all_new_and_unchanged(made, before)


async def test_rotation_that_was_killed_goes_on(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "ROTATE_AT_ONCE", 4)

    def kill(done: int, total: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    made, before = await lots(10), await opened()
    with pytest.raises(KeyboardInterrupt):
        await before.rotate(kill)
    assert await db.value("SELECT count(*) FROM data_key WHERE wrapped_by = 'new'") == 8
    assert await before.rotate() == 10 + HOUSE - 8
    assert await all_new_and_unchanged(made, before)


async def test_rotations_at_once_rewrap_each_key_once(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "ROTATE_AT_ONCE", 3)
    made = await lots(25)
    rings = [await opened() for _ in range(4)]
    assert sum(await asyncio.gather(*(ring.rotate() for ring in rings))) == 25 + HOUSE
    assert await all_new_and_unchanged(made, rings[0])


def test_the_ring_of_the_process_must_be_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "_keyring", None)
    with pytest.raises(RuntimeError):
        keyring()
    ring = KeyRing(BOTH)
    set_keyring(ring)
    assert keyring() is ring
