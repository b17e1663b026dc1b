"""What a listing's public price was in the days before: the steps of its plans, and what of them may be struck through.

The public price is what one unit costs anybody in the channel: the listing's price, or what the channel's lists make of it.
It changes at the edges of windows with nobody there to note it; so each change records the whole plan from its moment on,
and a plan holds until the next one was recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson

LOOK_BACK = timedelta(days=7)
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """From `effective_at` on one unit costs `unit`, by the plan of `recorded_at`; None is not on sale."""

    recorded_at: datetime
    effective_at: datetime
    unit: Decimal | None
    lowest_before: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """A step for as long as it really was in force."""

    start: datetime
    end: datetime
    step: Step


@dataclass(frozen=True, slots=True)
class PublicPrices:
    """A listing's steps, by the moment of their plan and their own."""

    steps: tuple[Step, ...]

    def spells(self) -> Iterator[Spell]:
        """What was in force when, one after the other."""
        plans = sorted({step.recorded_at for step in self.steps})
        replaced = {plan: plans[place + 1] if place + 1 < len(plans) else FOREVER for place, plan in enumerate(plans)}
        for place, step in enumerate(self.steps):
            following = self.steps[place + 1] if place + 1 < len(self.steps) else None
            end = replaced[step.recorded_at]
            if following is not None and following.recorded_at == step.recorded_at:
                end = min(end, following.effective_at)
            if step.effective_at < end:
                yield Spell(step.effective_at, end, step)

    def at(self, moment: datetime) -> Step | None:
        """The step in force."""
        return next((one.step for one in self.spells() if one.start <= moment < one.end), None)

    def lowest_between(self, start: datetime, end: datetime) -> Decimal | None:
        """The lowest price at any moment from `start` on until before `end`."""
        units = [one.step.unit for one in self.spells() if one.start < end and one.end > start]
        return min((unit for unit in units if unit is not None), default=None)

    def lowest_before(self, at: datetime, *, for_unit: Decimal) -> Decimal | None:
        """Against what a viewer's price is honestly compared.

        Who pays the public price: the lowest of the seven days before it began. Who pays less than the public: the lowest
        that anybody could have had in the last seven days.
        """
        present = self.at(at)
        if present is None or present.unit is None:
            return None
        if for_unit < present.unit:
            return self.lowest_between(at - LOOK_BACK, at + timedelta.resolution)
        return present.lowest_before


def public_prices_from(told: str | None) -> PublicPrices:
    """Out of the JSON that the statement of prices makes."""
    return PublicPrices(tuple(_step(one) for one in orjson.loads(told or "[]")))


def _step(told: Sequence[str | None]) -> Step:
    recorded, effective, unit, lowest = told
    return Step(_moment(recorded), _moment(effective), _decimal(unit), _decimal(lowest))


def _moment(told: str | None) -> datetime:
    assert told is not None
    return datetime.fromisoformat(told).astimezone(UTC)


def _decimal(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)
