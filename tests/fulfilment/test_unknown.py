"""The UNKNOWN rule: settled by looking or by a replay inside its window; never ordered again, and never failed over."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from time import monotonic

import pytest

from perkhub.entitlements import EntitlementState
from perkhub.kit import db
from perkhub.kit.clock import now, shift
from perkhub.kit.db import transact
from perkhub.kit.jobs import drain
from perkhub.plugin.supplier import (
    Accepted,
    Cost,
    CredentialKind,
    Delivered,
    Echo,
    Idempotency,
    NotFound,
    NotSent,
    Partial,
    Rejected,
    Reversed,
    SuppliedCode,
    SupplierUnanswered,
    Unknown,
)
from perkhub.suppliers import SupplierOrderState, account_by_id, list_accounts, pause_account
from perkhub.suppliers.breaker import FAULTS
from perkhub.suppliers.live import live
from tests.fulfilment.scripted import a_code, codes, sold
from tests.fulfilment.sourcing import Sourcing, attempts, books, breaches, plain_codes

S = SupplierOrderState


async def states(sourcing: Sourcing) -> list[SupplierOrderState]:
    return [one.state for one in await attempts()]


@pytest.mark.parametrize(
    "said",
    [
        Unknown("timeout"),
        ValueError("secret 4111111111111111"),
        SupplierUnanswered("busy"),
        "delivered",
        None,
        NotFound(),  # no answer to an order
        Delivered(Echo(sku="another"), codes=codes(1)),
        Delivered(Echo(quantity=2), codes=codes(1)),
        Delivered(Echo(cost=Cost(Decimal("20.01"), "CNY")), codes=codes(1)),
        Delivered(Echo(cost=Cost(Decimal("2.00"), "USD")), codes=codes(1)),
        Delivered(Echo(reference="0" * 24), codes=codes(1)),
        Delivered(Echo(), codes=codes(2)),
        Delivered(Echo(), codes=()),
        Partial(Echo(), 1, codes=codes(1)),
        Partial(Echo(), 0),
        Accepted(Echo(sku="another"), "R1"),
    ],
)
async def test_whatever_is_not_understood_is_unknown_and_nobody_else_is_asked(
    sourcing: Sourcing, stage: ExitStack, said: object
):
    first, second, bought, _ = await sold(sourcing, stage, second=True)
    first.places.append(said)
    first.looks.extend([Unknown("still")] * 5)
    for _ in range(5):
        await drain()
        shift(timedelta(seconds=40))
    assert await states(sourcing) == [S.UNKNOWN]
    assert (len(first.placed), len(second.placed)) == (1, 0)
    # The same order, found at last.
    first.looks.appendleft(Delivered(Echo(), codes=(code := a_code(),)))
    shift(timedelta(minutes=1))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED]
    assert await plain_codes(units) == [(code.credentials[0][1],)]
    assert (len(first.placed), len(second.placed)) == (1, 0)
    assert await breaches() == {}


async def test_not_found_counts_only_when_it_is_old_enough_and_said_often(sourcing: Sourcing, stage: ExitStack):
    first, second, bought, _ = await sold(sourcing, stage, second=True)
    first.places.append(Unknown("timeout"))
    first.looks.extend([NotFound()] * 100)
    second.places.append(lambda request: Delivered(Echo(request.reference), codes=codes(1)))
    for _ in range(30):  # nine minutes and a half
        await drain()
        assert await states(sourcing) == [S.UNKNOWN]
        shift(timedelta(seconds=19))
    seen = len(first.looked)
    assert seen > 5
    assert second.placed == []
    for _ in range(8):
        await drain()
        shift(timedelta(seconds=61))
    assert await states(sourcing) == [S.REJECTED, S.DELIVERED]
    assert [one.cause for one in await attempts()] == ["not_found", None]
    # Three looks after the grace, and the new attempt has a reference of its own.
    assert first.placed[0].reference != second.placed[0].reference
    assert [unit.state for unit in await sourcing.settle(bought)] == [EntitlementState.ISSUED]
    assert await breaches() == {}


async def test_what_a_supplier_once_had_is_never_concluded_to_be_absent(sourcing: Sourcing, stage: ExitStack):
    first, second, _, _ = await sold(sourcing, stage, second=True)
    first.places.append(Accepted(Echo(), "THEIRS-1"))
    first.looks.extend([NotFound()] * 100)
    for _ in range(40):
        await drain()
        shift(timedelta(minutes=2))
    [attempt] = await attempts()
    assert (attempt.state, attempt.cause) == (S.UNKNOWN, "not_found")
    assert attempt.review_since is not None
    assert second.placed == []


async def test_a_replaying_supplier_is_sent_the_same_again_inside_its_window(sourcing: Sourcing, stage: ExitStack):
    replay = {"idempotency": Idempotency.REPLAY, "replay_window": timedelta(hours=1)}
    first, _, bought, _ = await sold(sourcing, stage, **replay)
    first.places.extend([Unknown("timeout"), Unknown("http_503"), lambda request: Delivered(Echo(), codes=codes(1))])
    first.looks.extend([NotFound()] * 2)
    for _ in range(3):
        await drain()
        shift(timedelta(seconds=5))
    assert await states(sourcing) == [S.DELIVERED]
    assert {one.reference for one in first.placed} == {first.placed[0].reference}
    assert [one.attempt for one in first.placed] == [1, 2, 3]
    assert [unit.state for unit in await sourcing.settle(bought)] == [EntitlementState.ISSUED]


@pytest.mark.parametrize("replays_errors", [True, False])
async def test_no_replay_outside_the_window_nor_after_a_replayed_error(
    sourcing: Sourcing, stage: ExitStack, replays_errors: bool
):
    window = timedelta(hours=1) if replays_errors else timedelta(seconds=3)
    replay = {"idempotency": Idempotency.REPLAY, "replay_window": window, "replays_errors": replays_errors}
    first, _, _, _ = await sold(sourcing, stage, **replay)
    first.places.extend([Unknown("timeout"), Unknown("http_500")])
    first.looks.extend([Unknown("still")] * 20)
    for _ in range(6):
        await drain()
        shift(timedelta(seconds=20 if first.looked else 2))
    assert await states(sourcing) == [S.UNKNOWN]
    assert len(first.placed) == 2
    assert len(first.looked) > 3


async def test_a_supplier_that_does_not_replay_is_never_sent_anything_twice(sourcing: Sourcing, stage: ExitStack):
    first, _, _, _ = await sold(sourcing, stage, idempotency=Idempotency.REJECT_DUPLICATE)
    first.places.append(Unknown("duplicate"))
    first.looks.extend([Unknown("still")] * 20)
    for _ in range(6):
        await drain()
        shift(timedelta(seconds=30))
    assert (len(first.placed), await states(sourcing)) == (1, [S.UNKNOWN])


async def test_a_final_no_goes_to_the_next_offer_with_a_new_attempt(sourcing: Sourcing, stage: ExitStack):
    first, second, bought, _ = await sold(sourcing, stage, second=True)
    first.places.append(Rejected("off_sale", elsewhere=True))
    second.places.append(lambda request: Delivered(Echo(request.reference), codes=codes(1)))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED]
    assert await states(sourcing) == [S.REJECTED, S.DELIVERED]
    assert await breaches() == {}


async def test_a_no_that_binds_everybody_refunds_at_once(sourcing: Sourcing, stage: ExitStack):
    first, second, bought, _ = await sold(sourcing, stage, second=True)
    first.places.append(Rejected("forbidden_goods", elsewhere=False))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.FAILED]
    assert second.placed == []
    assert await books() == {("party", "CNY"): 100000, ("adjustment", "CNY"): -100000}
    assert await breaches() == {}


async def test_nothing_sent_goes_elsewhere_and_comes_back(sourcing: Sourcing, stage: ExitStack):
    first, second, bought, _ = await sold(sourcing, stage, second=True)
    first.places.extend([NotSent("ConnectError"), lambda request: Delivered(Echo(), codes=codes(1))])
    second.places.append(NotSent("ConnectError"))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED]
    assert await states(sourcing) == [S.NOT_SENT, S.NOT_SENT, S.DELIVERED]
    assert len({one.reference for one in (*first.placed, *second.placed)}) == 3


async def test_what_nobody_can_be_asked_for_in_time_is_refunded(sourcing: Sourcing, stage: ExitStack):
    first, _, bought, _ = await sold(sourcing, stage)
    first.places.extend([NotSent("ConnectError")] * 100)
    for _ in range(25):
        await drain()
        shift(timedelta(minutes=1))
    units = await sourcing.settle(bought, seconds=1)
    assert [unit.state for unit in units] == [EntitlementState.FAILED]
    assert await books() == {("party", "CNY"): 100000, ("adjustment", "CNY"): -100000}
    assert await breaches() == {}


async def test_a_part_is_kept_and_the_rest_ordered_under_a_child_reference(sourcing: Sourcing, stage: ExitStack):
    first, _, bought, _ = await sold(sourcing, stage, quantity=5, second=True)
    first.places.append(Partial(Echo(cost=Cost(Decimal("60.00"), "CNY")), 3, codes=codes(3)))
    first.places.append(lambda request: Delivered(Echo(quantity=request.quantity), codes=codes(request.quantity)))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED] * 5
    whole, rest = await attempts()
    assert [(one.state, one.quantity, one.received) for one in (whole, rest)] == [(S.PARTIAL, 5, 3), (S.DELIVERED, 2, 2)]
    assert rest.parent_id == whole.id
    assert first.placed[0].reference != first.placed[1].reference
    assert (await books())["prepaid", "CNY"] == 10000
    assert await breaches() == {}


async def test_a_part_that_is_taken_back_later_was_settled_before_the_rest_was_ordered(sourcing: Sourcing, stage: ExitStack):
    first, _, bought, _ = await sold(sourcing, stage, quantity=3)
    first.places.append(Partial(Echo(cost=Cost(Decimal("20.00"), "CNY")), 1, codes=codes(1)))
    first.places.append(Delivered(Echo(), codes=codes(2)))
    await sourcing.settle(bought)
    part, _ = await attempts()
    first.looks.append(Reversed("refunded", returned=Cost(Decimal("20.00"), "CNY")))
    await sourcing.hint(part.id)
    await drain()
    assert [one.state for one in await attempts()] == [S.REVERSED, S.DELIVERED]
    assert await breaches() == {}


async def test_a_two_phase_order_is_confirmed_once(sourcing: Sourcing, stage: ExitStack):
    first, _, bought, _ = await sold(sourcing, stage, two_phase=True)
    first.places.append(Accepted(Echo(), "R1"))
    first.confirms.append(Unknown("timeout"))
    first.looks.extend([Accepted(Echo(), "R1"), Delivered(Echo(), "R1", codes=codes(1))])
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED]
    assert (len(first.placed), len(first.confirmed)) == (1, 1)


async def test_codes_that_are_not_there_yet_are_fetched_later(sourcing: Sourcing, stage: ExitStack):
    first, _, bought, _ = await sold(sourcing, stage)
    first.places.append(Delivered(Echo(), "R1", fetch=True))
    first.codes.extend([SupplierUnanswered("busy"), codes(1)])
    first.looks.append(Delivered(Echo(), "R1", fetch=True))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED]


async def test_unusable_codes_are_not_given_and_the_rest_is_ordered_elsewhere(sourcing: Sourcing, stage: ExitStack):
    first, second, bought, _ = await sold(sourcing, stage, quantity=4, second=True)
    good = a_code()
    bad = SuppliedCode(((CredentialKind.PIN, "1234"),))
    expired = a_code(expires_at=sourcing.yesterday())
    first.places.append(Delivered(Echo(), codes=(good, good, bad, expired)))
    second.places.append(lambda request: Delivered(Echo(), codes=codes(request.quantity)))
    units = await sourcing.settle(bought)
    assert [unit.state for unit in units] == [EntitlementState.ISSUED] * 4
    assert [(one.state, one.quantity) for one in await attempts()] == [(S.DELIVERED, 4), (S.DELIVERED, 3)]
    assert len(set(await plain_codes(units))) == 4
    assert (await books())["loss", "CNY"] == -6000
    assert await breaches() == {}


async def test_a_hint_that_nobody_answered_is_followed_again(sourcing: Sourcing, stage: ExitStack):
    """The callback that tells of a reversal comes once: if the look that it causes fails, another one is made."""
    first, _, bought, _ = await sold(sourcing, stage)
    first.places.append(Delivered(Echo(), "R1", codes=codes(1)))
    await sourcing.settle(bought)
    [attempt] = await attempts()
    first.looks.extend([Unknown("http_500"), Unknown("timeout"), Reversed("refunded")])
    await sourcing.hint(attempt.id)
    for _ in range(8):
        await drain()
        shift(timedelta(seconds=2))
    assert await states(sourcing) == [S.REVERSED]
    assert [unit.state for unit in await sourcing.now_of(bought)] == [EntitlementState.FROZEN]
    assert await breaches() == {}


async def test_an_answer_to_a_hint_ends_it_whether_it_fits_or_not(sourcing: Sourcing, stage: ExitStack):
    """What people settled at another price than was agreed is told at that price for ever: it was not taken back."""
    first, _, bought, _ = await sold(sourcing, stage)
    first.places.append(Delivered(Echo(), "R1", codes=codes(1)))
    await sourcing.settle(bought)
    [attempt] = await attempts()
    first.looks.append(Delivered(Echo(cost=Cost(Decimal("23.00"), "CNY")), "R1", codes=codes(1)))
    await sourcing.hint(attempt.id)
    await drain()
    assert [(one.state, one.looks, one.review_since) for one in await attempts()] == [(S.DELIVERED, 1, None)]
    assert await db.value("SELECT count(*) FROM outbox WHERE name = 'fulfilment.look' AND state = 'ready'") == 0


@pytest.mark.parametrize("forgiven", [0, 9])
async def test_a_look_waits_while_its_supplier_rests_and_little_longer(sourcing: Sourcing, stage: ExitStack, forgiven: int):
    first, _, _, _ = await sold(sourcing, stage)
    first.places.append(Unknown("timeout"))
    await drain()
    [attempt] = await attempts()
    breaker = live(await account_by_id(attempt.account_id)).breaker
    breaker.faults, breaker.closed_at = FAULTS, monotonic() + 40
    await db.value("UPDATE outbox SET run_at = now(), forgiven = $1, attempts = $1 WHERE name = 'fulfilment.look'", forgiven)
    shift(timedelta(seconds=2))
    before = now()
    await drain()
    again = await db.value("SELECT run_at FROM outbox WHERE name = 'fulfilment.look' AND state = 'ready'")
    # A minute at most, but for what passed between the readings of the clock.
    assert timedelta(seconds=10) < again - before < timedelta(seconds=90)


async def test_an_operator_ends_a_halt(sourcing: Sourcing, stage: ExitStack):
    """The account was topped up: nobody waits for the halt to pass by itself."""
    script, _, _, variant = await sold(sourcing, stage)
    script.places.append(Rejected("no_money", elsewhere=True, halt=True))
    await drain()
    [halted] = await list_accounts()
    assert (halted.state, halted.halted_for, halted.may_buy) == ("active", "no_money", False)
    await transact(lambda tx: pause_account(tx, halted.id, expected_version=halted.version, paused=False))
    [ended] = await list_accounts()
    assert (ended.halted_for, ended.may_buy, ended.version) == (None, True, halted.version + 1)
    script.places.append(Delivered(Echo(), "R1", codes=codes(1)))
    again = await sourcing.buy(await sourcing.shop.customer(wallet="100.00"), (variant, 1))
    assert [unit.state for unit in await sourcing.settle(again)] == [EntitlementState.ISSUED]
