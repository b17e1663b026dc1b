"""Whether what was read at a moment still holds: moments are counted by the changes that this process was told.

Nothing is thrown away when something changes: what is found later is measured against what has changed since it was read.
"""

from functools import cache
from uuid import UUID

from perkhub.reactions import EVERYTHING, Change, reader_changes

MOST_PRODUCTS = 50_000


class Guard:
    """The last change of each thing. What was read at `moment`, after it was caught up, is from no earlier one."""

    def __init__(self) -> None:
        self.moment = 0
        self._everything = 0
        self._in_any_channel = 0  # some product, whatever the channel
        self._in_channel: dict[UUID, int] = {}  # some product, or the channel itself
        self._channels: dict[UUID, int] = {}  # the channel itself, or too many of its products to name them
        self._products: dict[UUID, int] = {}

    def hear(self, change: Change) -> None:
        """Note a change."""
        self.moment += 1
        if change == EVERYTHING or len(self._products) >= MOST_PRODUCTS:
            self._everything = self.moment
            self._products.clear()
            return
        if change.product is not None:
            self._products[change.product] = self.moment
        elif change.channel is not None:
            self._channels[change.channel] = self.moment
        if change.channel is not None:
            self._in_channel[change.channel] = self.moment
        else:
            self._in_any_channel = self.moment

    def channel_holds(self, channel: UUID, since: int) -> bool:
        """Whether nothing at all has changed that the channel shows."""
        return since >= self._everything and since >= self._in_any_channel and since >= self._in_channel.get(channel, 0)

    def product_holds(self, channel: UUID, product: UUID, since: int) -> bool:
        """Whether nothing has changed that the channel shows of this product."""
        return since >= self._everything and since >= self._channels.get(channel, 0) and since >= self._products.get(product, 0)


@cache
def guard() -> Guard:
    """This process's, which hears of every change from now on."""
    made = Guard()
    reader_changes().tell(made.hear)
    return made


async def present_moment() -> int:
    """The moment now: whatever was committed before is known.

    Raises:
        ChangesUnknown.
    """
    known = guard()
    await reader_changes().caught_up()
    return known.moment
