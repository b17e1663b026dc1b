"""Looks at what nobody knows: so many a second for an account, none sooner than wanted, and none held up by a later one."""

from collections import Counter
from datetime import timedelta

from perkhub.kit.clock import now, travel
from perkhub.kit.ids import new_id
from perkhub.suppliers.spaced_looks import LOOKS_A_SECOND, spaced


def test_a_thousand_at_once_are_spread_out():
    account, at = new_id(), now() + timedelta(seconds=1)
    times = [spaced(account, at) for _ in range(1000)]
    assert times[:LOOKS_A_SECOND] == [at] * LOOKS_A_SECOND
    assert set(Counter(times).values()) == {LOOKS_A_SECOND}
    assert max(times) == at + timedelta(seconds=1000 // LOOKS_A_SECOND - 1)


def test_a_later_one_holds_up_none_before_it_and_other_accounts_have_their_own():
    account, soon = new_id(), now() + timedelta(seconds=1)
    for _ in range(50):
        spaced(account, soon + timedelta(minutes=5))
    assert spaced(account, soon) == soon
    assert spaced(new_id(), soon + timedelta(minutes=5)) == soon + timedelta(minutes=5)


def test_turns_that_have_passed_are_forgotten():
    account = new_id()
    with travel(timedelta(hours=-1)):
        for _ in range(500):
            spaced(account, now())
    at = now()
    assert [spaced(account, at) for _ in range(LOOKS_A_SECOND)] == [at] * LOOKS_A_SECOND
