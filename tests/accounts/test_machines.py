"""Machine clients: within what their maker holds, by a secret that is kept as a hash, ended everywhere within a second."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from perkhub.accounts import (
    Identity,
    IdentityKind,
    MachineClientRevoked,
    MachineDraft,
    NewSecret,
    Permission,
    RotationUnderWay,
    create_machine_client,
    identify,
    issue_machine_token,
    list_machine_clients,
    live_secrets,
    machine_clients_by_id,
    prove_machine_client,
    revoke_machine_client,
    rotate_machine_secret,
    take_back_machine_token,
    update_machine_client,
)
from perkhub.accounts.forget import forget_what_is_over
from perkhub.accounts.machines import recognise, write
from perkhub.accounts.machines.networks import comes_from, parse_networks
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn, VersionMoved
from perkhub.kit.ids import new_id
from tests.accounts.people import all_at_once, staff_with, tally

pytestmark = pytest.mark.usefixtures("accounts")

READ, MANAGE = Permission.READ_ORDERS, Permission.MANAGE_ORDERS
ALL: write.MachineChanges = {"scopes": [READ, MANAGE]}
A_SECOND = timedelta(seconds=1)


async def a_client(*scopes: Permission, **more: Any) -> NewSecret:
    draft = MachineDraft("ERP", frozenset(scopes or (READ, MANAGE)), **more)
    return await transact(lambda tx: create_machine_client(tx, draft, by=None))


async def a_token(made: NewSecret, *scopes: str, source: str | None = None) -> str:
    proven = await prove_machine_client(made.client_id, made.secret, source=source)
    assert proven is not None
    return issue_machine_token(proven, scopes=scopes or None).text


async def rotated(made: NewSecret, overlap: int = 60) -> NewSecret:
    return await transact(lambda tx: rotate_machine_secret(tx, made.client_id, overlap_minutes=overlap, by=None))


async def is_good(made: NewSecret) -> bool:
    return await prove_machine_client(made.client_id, made.secret, source=None) is not None


async def test_a_token_does_what_the_scopes_say_and_no_more():
    made = await a_client()
    identity = await identify(await a_token(made))
    assert identity == Identity(IdentityKind.MACHINE, id=made.client_id, permissions=frozenset({READ, MANAGE}))
    assert (await identify(await a_token(made, "READ_ORDERS"))).permissions == {READ}


@pytest.mark.parametrize("scopes", [("READ_CODES",), ("READ_ORDERS", "READ_CODES"), ("ORDERS",), ("",), ()])
async def test_nobody_asks_for_more_than_the_client_has(scopes: tuple[str, ...]):
    made = await a_client()
    proven = await prove_machine_client(made.client_id, made.secret, source=None)
    assert proven is not None
    with pytest.raises(InvalidInput):
        issue_machine_token(proven, scopes=scopes)


async def test_nobody_makes_or_touches_a_client_that_may_more_than_they():
    made = await a_client()
    reader = await staff_with(READ, Permission.MANAGE_MACHINES)
    draft = MachineDraft("Theirs", frozenset({READ, MANAGE}))
    for attempt in (
        lambda tx: create_machine_client(tx, draft, by=reader),
        lambda tx: update_machine_client(tx, made.client_id, {"scopes": [READ]}, expected_version=1, by=reader),
        lambda tx: rotate_machine_secret(tx, made.client_id, by=reader),
        lambda tx: revoke_machine_client(tx, made.client_id, by=reader),
    ):
        with pytest.raises(NotAllowed):
            await transact(attempt)
    own = await transact(lambda tx: create_machine_client(tx, MachineDraft("Own", frozenset({READ})), by=reader))
    with pytest.raises(NotAllowed):
        await transact(lambda tx: update_machine_client(tx, own.client_id, ALL, expected_version=1, by=reader))
    assert [one.name for one in await list_machine_clients()] == ["Own", "ERP"]
    assert (await machine_clients_by_id([own.client_id]))[own.client_id].created_by == reader.actor


async def test_scopes_may_hold_in_some_channels_alone():
    here, elsewhere = new_id(), new_id()
    made = await a_client(READ, channel_ids=[here])
    identity = await identify(await a_token(made))
    assert (identity.may(READ), identity.may(READ, channel=here), identity.may(READ, channel=elsewhere)) == (False, True, False)
    limited = Identity(IdentityKind.STAFF, id=new_id(), in_channels={READ: frozenset({here})})
    await transact(lambda tx: create_machine_client(tx, MachineDraft("Here", frozenset({READ}), [here]), by=limited))
    for channels in (None, [here, elsewhere]):
        with pytest.raises(NotAllowed):
            await transact(lambda tx: create_machine_client(tx, MachineDraft("X", frozenset({READ}), channels), by=limited))  # noqa: B023
        widened: write.MachineChanges = {"channel_ids": channels}
        with pytest.raises(NotAllowed):
            await transact(lambda tx: update_machine_client(tx, made.client_id, widened, expected_version=1, by=limited))  # noqa: B023


async def test_the_secret_is_kept_as_a_hash_and_shown_as_a_hint():
    made = await a_client()
    assert len(made.secret) == 47
    assert made.secret not in repr(made)
    row = await db.row("SELECT * FROM machine_secret")
    assert row is not None
    assert made.secret.encode() not in bytes(row["secret_hash"])
    [[shown]] = (await live_secrets([made.client_id])).values()
    assert (shown.hint, shown.expires_at) == (made.secret[-4:], None)


@pytest.mark.parametrize("wrong", ["", "x", "pks_" + "A" * 43, "\ud800", "x" * 100_000])
async def test_another_secret_opens_nothing(wrong: str):
    made = await a_client()
    assert await prove_machine_client(made.client_id, wrong, source=None) is None
    assert await prove_machine_client(made.client_id, made.secret + "x", source=None) is None
    assert await prove_machine_client(new_id(), made.secret, source=None) is None
    assert await is_good(made)


async def test_two_secrets_are_good_during_a_rotation_and_then_one():
    first = await a_client()
    token = await a_token(first)
    second = await rotated(first)
    assert [await is_good(one) for one in (first, second)] == [True, True]
    with pytest.raises(RotationUnderWay):
        await rotated(first)
    with travel(timedelta(minutes=61)):
        assert [await is_good(one) for one in (first, second)] == [False, True]
        third = await rotated(second)
        assert [await is_good(one) for one in (second, third)] == [True, True]
    assert (await identify(token)).id == first.client_id


async def test_a_rotation_without_overlap_ends_secrets_and_tokens_at_once():
    first = await a_client()
    second = await rotated(first)
    tokens = [await a_token(first), await a_token(second)]
    third = await rotated(first, overlap=0)
    assert [await is_good(one) for one in (first, second, third)] == [False, False, True]
    for token in tokens:
        with pytest.raises(NotSignedIn):
            await identify(token)
    assert (await identify(await a_token(third))).id == first.client_id


async def test_of_many_who_rotate_at_once_one_does():
    made = await a_client()
    results = await all_at_once(rotated(made) for _ in range(20))
    assert tally(results) == {"NewSecret": 1, "RotationUnderWay": 19}
    assert await db.value("SELECT count(*) FROM machine_secret") == 2


async def test_without_the_lock_several_would(monkeypatch: pytest.MonkeyPatch):
    """The test above can fail."""
    monkeypatch.setattr(write, "LOCK", write.LOCK.replace("FOR NO KEY UPDATE", ""))
    made = await a_client()
    counted = write.LIVE

    async def meet(tx: Any, client_id: Any, *, by: Any) -> Any:
        found = await tx.row(write.LOCK, client_id)
        await tx.value(counted, client_id, now())
        await barrier.wait()
        return found

    monkeypatch.setattr(write, "_locked", meet)
    barrier = asyncio.Barrier(4)
    await all_at_once(rotated(made) for _ in range(4))
    assert await db.value("SELECT count(*) FROM machine_secret") > 2


async def test_revoked_is_for_good_and_at_once():
    made = await a_client()
    token = await a_token(made)
    await identify(token)
    await transact(lambda tx: revoke_machine_client(tx, made.client_id, by=None))
    with pytest.raises(NotSignedIn):
        await identify(token)
    assert not await is_good(made)
    for attempt in (
        lambda tx: revoke_machine_client(tx, made.client_id, by=None),
        lambda tx: rotate_machine_secret(tx, made.client_id, by=None),
        lambda tx: update_machine_client(tx, made.client_id, {"expires_at": None}, expected_version=1, by=None),
    ):
        with pytest.raises(MachineClientRevoked):
            await transact(attempt)


@pytest.mark.parametrize(
    "ended",
    [
        "UPDATE machine_client SET revoked_at = created_at",
        "UPDATE machine_client SET generation = generation + 1",
        "UPDATE machine_client SET expires_at = created_at",
    ],
)
async def test_what_another_process_ends_is_over_within_a_second(ended: str):
    token = await a_token(await a_client())
    await identify(token)
    await db.value(ended)
    with travel(A_SECOND), pytest.raises(NotSignedIn):
        await identify(token)


async def test_an_update_reaches_tokens_that_are_out():
    made = await a_client()
    token = await a_token(made)
    await identify(token)
    changes: write.MachineChanges = {"scopes": [READ], "networks": ["203.0.113.0/24"], "requests_per_minute": 7}
    await transact(lambda tx: update_machine_client(tx, made.client_id, changes, expected_version=1, by=None))
    with pytest.raises(NotAllowed):
        await identify(token, source="198.51.100.1")
    identity = await identify(token, source="203.0.113.9")
    assert (identity.permissions, identity.requests_per_minute) == ({READ}, 7)
    changed = (await machine_clients_by_id([made.client_id]))[made.client_id]
    assert (changed.name, changed.version, changed.networks) == ("ERP", 2, ("203.0.113.0/24",))


async def test_a_client_ends_by_itself_and_its_tokens_no_later():
    made = await a_client(expires_at=now() + timedelta(minutes=5))
    proven = await prove_machine_client(made.client_id, made.secret, source=None)
    assert proven is not None
    token = issue_machine_token(proven)
    assert token.expires_in <= 300
    await identify(token.text)
    with travel(timedelta(minutes=5)):
        assert not await is_good(made)
        with pytest.raises(NotSignedIn):
            await identify(token.text)


async def test_a_client_takes_back_its_own_tokens_alone():
    made, other = await a_client(), await a_client()
    token, kept, theirs = await a_token(made), await a_token(made), await a_token(other)
    assert await transact(lambda tx: take_back_machine_token(tx, made.client_id, token)) is True
    assert await transact(lambda tx: take_back_machine_token(tx, made.client_id, token)) is True
    assert await transact(lambda tx: take_back_machine_token(tx, made.client_id, "no token")) is True
    assert await transact(lambda tx: take_back_machine_token(tx, made.client_id, theirs)) is False
    with pytest.raises(NotSignedIn):
        await identify(token)
    assert [(await identify(one)).id for one in (kept, theirs)] == [made.client_id, other.client_id]
    with travel(timedelta(hours=3)):
        await forget_what_is_over()
    assert await db.value("SELECT count(*) FROM revoked_machine_token") == 0


async def test_its_use_is_noted_once_a_minute():
    token = await a_token(made := await a_client())
    noted = [(await machine_clients_by_id([made.client_id]))[made.client_id].last_used_at]
    for later in (timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=61)):
        with travel(later):
            await identify(token)
        noted.append((await machine_clients_by_id([made.client_id]))[made.client_id].last_used_at)
    assert noted[0] is not None
    assert noted[0] == noted[1] == noted[2] != noted[3]


async def test_a_busy_client_costs_a_statement_a_second():
    token = await a_token(await a_client())
    await identify(token)
    counted = db.statements.set([])
    try:
        for _ in range(100):
            await identify(token)
        assert len(db.statements.get() or ()) <= 100 / 50
    finally:
        db.statements.reset(counted)


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recognise, "REMEMBERED", 5)
    made = await a_client()
    for _ in range(12):
        await identify(await a_token(made))
    assert len(recognise._verified) == 5


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("198.51.100.1", "198.51.100.1/32"),
        (" 2001:DB8::1/32 ", "2001:db8::/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_networks_have_one_form(given: str, kept: str):
    assert parse_networks([given, given], path=("networks",)) == [kept]


@pytest.mark.parametrize("given", ["", "example.com", "300.1.1.1", "10.0.0.0/33", "1", "10.0.0.0/8/8", "x" * 1000, "١.١.١.١"])
def test_what_is_no_network_is_refused_by_its_place(given: str):
    with pytest.raises(InvalidInput) as refused:
        parse_networks(["10.0.0.0/8", given], path=("networks",))
    assert refused.value.path == ("networks", "1")


@pytest.mark.parametrize(
    ("source", "inside"),
    [("203.0.113.9", True), ("::ffff:203.0.113.9", True), ("203.0.114.1", False), ("2001:db8::5", True), ("::1", False)]
    + [(odd, False) for odd in ("unknown", "", None, "203.0.113.9, 10.0.0.1")],
)
def test_where_somebody_comes_from(source: str | None, inside: bool):
    assert comes_from(source, ["203.0.113.0/24", "2001:db8::/32"]) is inside
    assert comes_from(source, []) is True


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"requests_per_minute": 0}, "requestsPerMinute"),
        ({"requests_per_minute": 1_000_001}, "requestsPerMinute"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expiresAt"),
        ({"networks": ["10.0.0.0/8"] * 51}, "allowedNetworks"),
    ],
    ids=str,
)
async def test_bad_input_is_named(changes: write.MachineChanges, path: str):
    made = await a_client()
    with pytest.raises(InvalidInput) as refused:
        await transact(lambda tx: update_machine_client(tx, made.client_id, changes, expected_version=1, by=None))
    assert refused.value.path[0] == path
    assert (await machine_clients_by_id([made.client_id]))[made.client_id].version == 1
    with pytest.raises(VersionMoved):
        await transact(lambda tx: update_machine_client(tx, made.client_id, {"name": "X"}, expected_version=2, by=None))
    with pytest.raises(NotFound):
        await transact(lambda tx: update_machine_client(tx, new_id(), {}, expected_version=1, by=None))
