"""What a supplier can do, as data: the host reads it and never asks for a plugin's name."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto


class Idempotency(StrEnum):
    """What a supplier does when it is sent our reference again.

    REPLAY              it answers with the first order; the host may send again inside `replay_window`
    REJECT_DUPLICATE    it refuses the second; whether the first exists is known by `lookup` alone
    NONE                it would make a second order: nothing is ever sent twice
    """

    REPLAY = auto()
    REJECT_DUPLICATE = auto()
    NONE = auto()


class Delivery(StrEnum):
    """How what was bought reaches us.

    INLINE          in the answer to the order
    SECOND_CALL     by `fetch_codes`, once the order is done
    POLL            the order is accepted first; `lookup` tells when it is done
    CALLBACK        as POLL, and a callback says when it is worth looking
    """

    INLINE = auto()
    SECOND_CALL = auto()
    POLL = auto()
    CALLBACK = auto()


class Supplies(StrEnum):
    """What can be bought: secrets that are kept and shown, or something done to an account of the buyer's."""

    CODES = auto()
    TOP_UPS = auto()


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many calls in so many seconds, over all processes of the house."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Every field is a promise that the conformance kit puts to the test.

    `max_quantity` is of one order. `not_found_after` is how old an order must be before "unknown there" may be believed,
    and `not_found_looks` how many looks must have said so: an order may still be on its way.
    """

    supplies: frozenset[Supplies]
    idempotency: Idempotency
    delivery: Delivery
    replay_window: timedelta | None = None
    replays_errors: bool = False  # a replayed error is the first answer again, and says nothing about now
    max_quantity: int = 1
    max_rate: Rate | None = None
    max_concurrency: int = 10
    timeout: timedelta = timedelta(seconds=30)
    poll_first: timedelta = timedelta(seconds=1)
    poll_longest: timedelta = timedelta(minutes=5)
    not_found_after: timedelta = timedelta(minutes=10)
    not_found_looks: int = 3
    price_guard: bool = False  # the supplier itself refuses an order that would cost more than `maximum_cost`
    two_phase: bool = False  # `place` reserves, `confirm` buys
    partial: bool = False  # fewer than ordered may come
    by_amount: bool = False  # some SKUs are sold by amount: each order says the face value of one unit
    reversal: bool = False  # a success may be taken back later
    callbacks: bool = False
    callback_covers_codes: bool = False  # its signature covers the codes; the host looks up all the same
