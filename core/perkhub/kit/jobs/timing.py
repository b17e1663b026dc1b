"""How long the worker's rhythms are, in seconds. The usual ones are the house's; tests shorten them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Timing:
    """A row is leased for `lease` and the lease renewed every `beat`, so that three beats may be missed."""

    lease: float = 30
    beat: float = 10
    sweep: float = 2
    # A row that was handed to the queue and did not begin is handed over again after this long.
    stale: float = 20
    # After this long without Redis, workers run due rows themselves.
    outage: float = 5
    # What a stopping worker leaves its running jobs.
    grace: float = 10
    periodic: float = 0.5

    @property
    def leased_for(self) -> timedelta:
        """The lease as a step in time."""
        return timedelta(seconds=self.lease)

    @property
    def stale_after(self) -> timedelta:
        """The age of a hand-over that came to nothing."""
        return timedelta(seconds=self.stale)


USUAL = Timing()
