"""What each helper of a bargain takes off: drawn when it is opened, so that nobody steers it later; the sum is exact."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


@dataclass(frozen=True, slots=True)
class Spread:
    """Every cut lies between these, in minor units: published, and true of the first helper as of the last."""

    least: int
    most: int


def spread_of(whole: int, helpers: int, percent: Decimal) -> Spread:
    """The range of cuts around their average, at least one minor unit each. There must be as many minor units as helpers."""
    average = Decimal(whole) / helpers
    away = average * percent / 100
    least = (average - away).to_integral_value(ROUND_CEILING)
    most = (average + away).to_integral_value(ROUND_FLOOR)
    # Where the range holds no whole unit, the two around the average.
    return Spread(max(1, min(int(least), whole // helpers)), max(int(most), -(-whole // helpers)))


def drawn_cuts(whole: int, helpers: int, spread: Spread, pick: Callable[[int], int] = secrets.randbelow) -> list[int]:
    """A cut for each helper within the range, which sum to the whole. Each is drawn among what leaves the others within it;
    then they are mixed, so that what the last ones had to be is nobody's place."""
    cuts: list[int] = []
    left = whole
    for others in range(helpers - 1, -1, -1):
        lowest = max(spread.least, left - others * spread.most)
        highest = min(spread.most, left - others * spread.least)
        cuts.append(lowest + pick(highest - lowest + 1))
        left -= cuts[-1]
    for place in range(helpers - 1, 0, -1):
        other = pick(place + 1)
        cuts[place], cuts[other] = cuts[other], cuts[place]
    return cuts
