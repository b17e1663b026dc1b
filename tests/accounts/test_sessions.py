"""Refresh tokens: exchanged once; a second time ends the whole session, committed though the caller gets an error. But a
browser that sends one token twice at once stays signed in."""

import secrets
from datetime import timedelta

import pytest

from perkhub.accounts import (
    IdentityKind,
    SignedIn,
    identify,
    refresh_session,
    revoke_sessions,
    sessions,
    sign_in_with_password,
    sign_out,
)
from perkhub.accounts.errors import SessionEnded, TokenReused
from perkhub.accounts.sessions import forget_old_sessions
from perkhub.kit import db
from perkhub.kit.clock import travel
from perkhub.kit.db import transact, transaction
from tests.accounts.people import PASSWORD, a_customer, all_at_once, tally

pytestmark = pytest.mark.usefixtures("accounts")

# The guard taken out: nobody waits for another exchange.
UNLOCKED = sessions.LOCK_SESSION.replace("FOR NO KEY UPDATE", "")
BROWSER, ANOTHER = secrets.token_urlsafe(32), secrets.token_urlsafe(32)


async def a_session() -> SignedIn:
    return await sign_in_with_password((await a_customer(password=PASSWORD)).contact, PASSWORD)


async def live_sessions() -> int:
    found: int = await db.value("SELECT count(*) FROM sign_in_session WHERE revoked_at IS NULL")
    return found


async def test_a_refresh_gives_a_new_pair_of_the_same_session():
    first = await a_session()
    second = await refresh_session(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert (second.session_id, second.subject_id) == (first.session_id, first.subject_id)
    assert await identify(second.access_token) == await identify(first.access_token)
    third = await refresh_session(second.refresh_token)
    assert third.session_id == first.session_id
    assert await db.value("SELECT count(*) FROM refresh_token") == 3


async def test_reuse_ends_the_session_of_thief_and_owner():
    first = await a_session()
    second = await refresh_session(first.refresh_token)
    with pytest.raises(TokenReused):
        await refresh_session(first.refresh_token)
    assert await live_sessions() == 0, "committed, though the caller got an error"
    with pytest.raises(SessionEnded):
        await refresh_session(second.refresh_token)


async def test_inside_a_transaction_it_refuses_to_run():
    first = await a_session()
    async with transaction():
        with pytest.raises(RuntimeError):
            await refresh_session(first.refresh_token)
    await refresh_session(first.refresh_token)


async def test_of_twenty_refreshes_at_once_one_wins_and_the_session_ends():
    first = await a_session()
    results = await all_at_once(refresh_session(first.refresh_token) for _ in range(20))
    told = tally(results)
    assert told["SignedIn"] == 1
    assert told["SignedIn"] + told["TokenReused"] + told["SessionEnded"] == 20
    assert told["TokenReused"] >= 1
    assert await live_sessions() == 0
    assert await db.value("SELECT count(*) FROM refresh_token") == 2
    winner = next(result for result in results if isinstance(result, SignedIn))
    with pytest.raises(SessionEnded):
        await refresh_session(winner.refresh_token)


async def test_the_refresh_race_is_real(monkeypatch: pytest.MonkeyPatch):
    """With the guard taken out of the statement every one of them wins: the test above can fail."""
    monkeypatch.setattr(sessions, "LOCK_SESSION", UNLOCKED)
    first = await a_session()
    results = tally(await all_at_once(refresh_session(first.refresh_token) for _ in range(20)))
    assert results["SignedIn"] > 1


async def test_a_page_that_is_loaded_again_stays_signed_in():
    first = await a_session()
    answered, unread = [await refresh_session(first.refresh_token, browser=BROWSER) for _ in range(2)]
    assert answered.refresh_token != unread.refresh_token
    assert answered.session_id == unread.session_id == first.session_id
    await refresh_session(unread.refresh_token, browser=BROWSER)
    assert await live_sessions() == 1


async def test_a_browser_that_sends_one_token_ten_times_at_once_goes_on_with_any_of_the_answers():
    first = await a_session()
    told = await all_at_once(refresh_session(first.refresh_token, browser=BROWSER) for _ in range(10))
    assert tally(told) == {"SignedIn": 10}
    later = await all_at_once(refresh_session(one.refresh_token, browser=BROWSER) for one in told)
    assert tally(later) == {"SignedIn": 10}
    assert len({one.refresh_token for one in (first, *told, *later)}) == 21
    assert await live_sessions() == 1


async def test_a_request_that_was_long_on_its_way_is_forgiven_too():
    """Loaded twice again: its token was exchanged, and so was the next one, before the first page's request came in."""
    first = await a_session()
    second = await refresh_session(first.refresh_token, browser=BROWSER)
    await refresh_session(second.refresh_token, browser=BROWSER)
    late = await refresh_session(first.refresh_token, browser=BROWSER)
    await refresh_session(late.refresh_token, browser=BROWSER)
    assert await live_sessions() == 1


async def test_after_the_grace_a_second_time_ends_the_session():
    first = await a_session()
    second = await refresh_session(first.refresh_token, browser=BROWSER)
    with travel(sessions.GRACE), pytest.raises(TokenReused):
        await refresh_session(first.refresh_token, browser=BROWSER)
    assert await live_sessions() == 0
    with pytest.raises(SessionEnded):
        await refresh_session(second.refresh_token, browser=BROWSER)


@pytest.mark.parametrize(
    ("owner", "thief"),
    [(BROWSER, ANOTHER), (BROWSER, None), (None, BROWSER), (None, None), ("", "")],
    ids=["another", "without one", "only the thief has one", "none", "empty"],
)
async def test_there_is_no_grace_for_another_browser_or_for_none(owner: str | None, thief: str | None):
    first = await a_session()
    await refresh_session(first.refresh_token, browser=owner)
    with pytest.raises(TokenReused):
        await refresh_session(first.refresh_token, browser=thief)
    assert await live_sessions() == 0


async def test_a_thief_who_comes_first_gets_the_owner_told():
    """The grace is the thief's browser's: the owner's own page ends it all."""
    first = await a_session()
    await refresh_session(first.refresh_token, browser=ANOTHER)
    with pytest.raises(TokenReused):
        await refresh_session(first.refresh_token, browser=BROWSER)
    assert await live_sessions() == 0


@pytest.mark.parametrize("thief_first", [True, False])
async def test_a_thief_in_the_very_browser_is_found_at_the_next_turn(thief_first: bool):
    """Whoever took both secrets shares one turn. When one of the two has gone on, the other one's token ends the session."""
    first = await a_session()
    pair = [await refresh_session(first.refresh_token, browser=BROWSER) for _ in range(2)]
    goes_on, stays = pair if thief_first else reversed(pair)
    with travel(timedelta(minutes=10)):
        further = await refresh_session(goes_on.refresh_token, browser=BROWSER)
    with travel(timedelta(minutes=11)):
        with pytest.raises(TokenReused):
            await refresh_session(stays.refresh_token, browser=BROWSER)
        with pytest.raises(SessionEnded):
            await refresh_session(further.refresh_token, browser=BROWSER)
    assert await live_sessions() == 0


async def test_the_grace_is_not_renewed_by_being_used():
    first = await a_session()
    await refresh_session(first.refresh_token, browser=BROWSER)
    with travel(sessions.GRACE * 0.9):
        await refresh_session(first.refresh_token, browser=BROWSER)
    with travel(sessions.GRACE * 1.1), pytest.raises(TokenReused):
        await refresh_session(first.refresh_token, browser=BROWSER)


async def test_the_grace_opens_nothing_that_was_closed():
    person = await a_customer(password=PASSWORD)
    first = await sign_in_with_password(person.contact, PASSWORD)
    await refresh_session(first.refresh_token, browser=BROWSER)
    identity = await identify(first.access_token)
    await transact(lambda tx: sign_out(tx, identity))
    with pytest.raises(SessionEnded):
        await refresh_session(first.refresh_token, browser=BROWSER)
    assert await db.value("SELECT count(*) FROM refresh_token") == 2


async def test_a_page_loaded_without_end_gets_no_tokens_without_end():
    first = await a_session()
    told = tally(await all_at_once(refresh_session(first.refresh_token, browser=BROWSER) for _ in range(40)))
    assert told == {"SignedIn": sessions.SIBLINGS, "TooFast": 40 - sessions.SIBLINGS}
    assert await db.value("SELECT count(*) FROM refresh_token WHERE used_at IS NULL") == sessions.SIBLINGS
    assert await live_sessions() == 1


async def test_signing_out_while_a_page_is_loaded_again_ends_all_that_came_of_it():
    first = await a_session()
    identity = await identify(first.access_token)
    loaded = [refresh_session(first.refresh_token, browser=BROWSER) for _ in range(8)]
    told = await all_at_once([*loaded, transact(lambda tx: sign_out(tx, identity))])
    assert await live_sessions() == 0
    for one in told:
        if isinstance(one, SignedIn):
            with pytest.raises(SessionEnded):
                await refresh_session(one.refresh_token, browser=BROWSER)


async def test_a_chain_that_goes_on_while_its_past_is_reused_ends_too():
    """The thief comes with an old token while the owner refreshes: whatever was handed out meanwhile is dead afterwards."""
    first = await a_session()
    second = await refresh_session(first.refresh_token)
    results = await all_at_once([refresh_session(second.refresh_token), refresh_session(first.refresh_token)])
    assert isinstance(results[1], TokenReused)
    assert await live_sessions() == 0
    if isinstance(results[0], SignedIn):
        with pytest.raises(SessionEnded):
            await refresh_session(results[0].refresh_token)


async def test_signing_out_ends_this_session_alone():
    person = await a_customer(password=PASSWORD)
    here, there = [await sign_in_with_password(person.contact, PASSWORD) for _ in range(2)]
    identity = await identify(here.access_token)
    await transact(lambda tx: sign_out(tx, identity))
    with pytest.raises(SessionEnded):
        await refresh_session(here.refresh_token)
    await refresh_session(there.refresh_token)
    assert await transact(lambda tx: revoke_sessions(tx, IdentityKind.CUSTOMER, person.party_id)) == 1
    assert await live_sessions() == 0


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "\ud800" * 43, "x" * 100_000])
async def test_what_is_no_token(token: str):
    with pytest.raises(SessionEnded) as ended:
        await refresh_session(token)
    assert not isinstance(ended.value, TokenReused)


async def test_a_refresh_token_lives_thirty_days():
    first = await a_session()
    with travel(timedelta(days=30, seconds=1)), pytest.raises(SessionEnded):
        await refresh_session(first.refresh_token)
    with travel(timedelta(days=29)):
        await refresh_session(first.refresh_token)


async def test_tokens_are_stored_only_as_hashes():
    first = await a_session()
    await refresh_session(first.refresh_token, browser=BROWSER)
    dump = str(await db.rows("SELECT t::text FROM refresh_token t")) + str(
        await db.rows("SELECT s::text FROM sign_in_session s")
    )
    for secret in (first.refresh_token, first.refresh_token.encode().hex(), first.access_token):
        assert secret not in dump
        assert secret not in repr(first)
    assert BROWSER not in dump
    assert BROWSER.encode().hex() not in dump


async def test_old_sessions_are_deleted():
    await a_session()
    assert await transact(forget_old_sessions) == 0
    with travel(timedelta(days=38)):
        fresh = await a_session()
        assert await transact(forget_old_sessions) == 1
        await refresh_session(fresh.refresh_token)
    assert await db.value("SELECT count(*) FROM sign_in_session") == 1
