"""Looks at orders of which nobody knows what became of them, spread out: a thousand of them leave a worker's time to new ones.

Each process spreads those that it schedules itself. A hint is looked at at once all the same.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from perkhub.kit.clock import now

# Of one account. A look costs a worker about as much as half a purchase.
LOOKS_A_SECOND = 10

_taken: defaultdict[UUID, Counter[int]] = defaultdict(Counter)


def spaced(account: UUID, at: datetime) -> datetime:
    """The time for a look that is wanted then: the same, or the first second after it in which the account has a turn left."""
    taken = _taken[account]
    present, wanted = int(now().timestamp()), int(at.timestamp())
    for past in [second for second in taken if second < present]:
        del taken[past]
    turn = wanted
    while taken[turn] >= LOOKS_A_SECOND:
        turn += 1
    taken[turn] += 1
    return at + timedelta(seconds=turn - wanted)
