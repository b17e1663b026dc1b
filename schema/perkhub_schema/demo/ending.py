"""How a demo is ended: Ctrl-C, `kill` and a closed terminal leave a word, which is heeded at the next safe point.

An exception out of a signal handler would strike anywhere, also where somebody swallows it, or amid the clearing up.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ToldToStop(Exception):
    """Somebody wants the demo to end."""


@dataclass(slots=True)
class Word:
    """Whether it was given."""

    given: bool = False

    def heed(self) -> None:
        """Go on only while nobody wants an end.

        Raises:
            ToldToStop
        """
        if self.given:
            raise ToldToStop


@contextmanager
def listening() -> Iterator[Word]:
    """Listen to every way of asking for an end."""
    word = Word()

    def hear(_signal: int, _frame: FrameType | None) -> None:
        word.given = True

    # What is ignored already (nohup, a shell's background job) shall not end us.
    before = {number: handler for number in ENDINGS if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, hear)
    try:
        yield word
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
