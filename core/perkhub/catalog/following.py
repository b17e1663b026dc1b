"""Telling whoever stands above that listings change, so that what hangs on them is written in the same transaction."""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeAlias
from uuid import UUID
from weakref import WeakKeyDictionary

from perkhub.kit.db import Transaction

Follow: TypeAlias = Callable[[Transaction, Collection[UUID]], Awaitable[None]]

_followers: list[Follow] = []
_changed: WeakKeyDictionary[Transaction, set[UUID]] = WeakKeyDictionary()


def follow_listings(follow: Follow) -> None:
    """Call `follow` once with all listings that a transaction has put on sale, priced or windowed anew, as it ends."""
    if follow not in _followers:
        _followers.append(follow)


def listing_changed(tx: Transaction, *listings: UUID) -> None:
    """Say that the price or the window of these was written."""
    if tx not in _changed:
        _changed[tx] = set()
        tx.before_commit(_tell)
    _changed[tx].update(listings)


async def _tell(tx: Transaction) -> None:
    listings = _changed.pop(tx)
    for follow in _followers:
        await follow(tx, listings)
