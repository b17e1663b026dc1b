"""The circuit breaker of one account in one process: after several calls in a row that the supplier did not answer, it is
left alone for a while; then one call tries.
"""

from dataclasses import dataclass
from time import monotonic

FAULTS = 5
FIRST_REST = 5.0
LONGEST_REST = 120.0


@dataclass(slots=True)
class Breaker:
    """Fed by the HTTP client, whatever a plugin makes of an answer: no connection, silence and 5xx are faults."""

    faults: int = 0
    rest: float = FIRST_REST
    closed_at: float = 0.0
    trying: bool = False

    def wait(self) -> float:
        """Seconds until a call may be tried; 0 lets this one through."""
        left = self.closed_at - monotonic()
        if self.faults < FAULTS:
            return 0.0
        if left > 0:
            return left
        if self.trying:
            return 1.0
        self.trying = True
        return 0.0

    def answered(self) -> None:
        """The supplier answered, with whatever."""
        self.faults, self.rest, self.trying = 0, FIRST_REST, False

    def failed(self) -> None:
        """It did not."""
        self.faults += 1
        self.trying = False
        if self.faults >= FAULTS:
            self.closed_at = monotonic() + self.rest
            self.rest = min(LONGEST_REST, self.rest * 2)

    def ended(self) -> None:
        """A call ended; one that tried and sent nothing leaves the next one to try."""
        self.trying = False
