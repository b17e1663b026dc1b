"""The gateway's own clock: another company's machine does not follow ours. Tests that travel in time may set it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from perkhub.plugin import now


@dataclass
class Clock:
    """The present as this gateway sees it."""

    ahead_seconds: float = 0

    def now(self) -> datetime:
        """Aware, in UTC."""
        return now() + timedelta(seconds=self.ahead_seconds)
