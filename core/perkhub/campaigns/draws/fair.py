"""The arithmetic of a fair draw. Standard library alone: whoever doubts us runs this one file, or writes it again.

Before the sale the house publishes `commitment(seed, odds)`, SHA-256 over the secret seed and the hash of the odds, so that
neither can change afterwards. A draw is HMAC-SHA256 under the seed over "client seed:who:nonce:pity", its bytes mapped on
the weights by rejection sampling, so that no weight is favoured by a remainder. When the seed is retired it is shown, and every
draw can be computed again.

`who` stands for the buyer, so that two who put in the same have not the same luck; `nonce` counts a buyer's draws in the
campaign from 1; `pity` counts their draws since they last got a prize of the guarantee.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

CHUNK = 8  # bytes of a number that is mapped on the weights
CHUNKS = 2 ** (8 * CHUNK)
DOMAIN = b"perkhub draw 1"


def pseudonym(campaign: bytes, buyer: bytes) -> str:
    """Who a buyer is in a log: the same for all their draws in one campaign, and in no two campaigns."""
    return hashlib.sha256(campaign + buyer).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Prize:
    """What can be drawn; `quantity` is None where it has no end."""

    key: str
    weight: int
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The odds: `exhausted` takes the place of a prize of which none is left; after `guaranteed_after` draws without one of
    `guaranteed`, the next draw is among these alone."""

    prizes: tuple[Prize, ...]
    exhausted: str
    guaranteed: frozenset[str] = frozenset()
    guaranteed_after: int | None = None

    def candidates(self, pity: int) -> Sequence[Prize]:
        """What the next draw is among."""
        if self.guaranteed_after is not None and pity >= self.guaranteed_after:
            return [prize for prize in self.prizes if prize.key in self.guaranteed]
        return self.prizes

    def pity_after(self, pity: int, given: str) -> int:
        """How long a buyer waits by then."""
        return 0 if given in self.guaranteed else pity + 1

    def canonical(self) -> bytes:
        """The one way to write it: JSON, keys sorted, no space. Its SHA-256 is the odds' hash."""
        guarantee = (
            None if self.guaranteed_after is None else {"after": self.guaranteed_after, "among": sorted(self.guaranteed)}
        )
        prizes = [{"key": one.key, "quantity": one.quantity, "weight": one.weight} for one in self.prizes]
        told = {"exhausted": self.exhausted, "guarantee": guarantee, "prizes": prizes}
        return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def hash(self) -> str:
        """The odds' hash, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


def table_from(told: Mapping[str, Any]) -> Table:
    """The table that `canonical` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    guarantee = told["guarantee"]
    return Table(
        prizes=tuple(Prize(one["key"], int(one["weight"]), one["quantity"]) for one in told["prizes"]),
        exhausted=told["exhausted"],
        guaranteed=frozenset() if guarantee is None else frozenset(guarantee["among"]),
        guaranteed_after=None if guarantee is None else int(guarantee["after"]),
    )


def commitment(seed: bytes, odds_hash: str) -> str:
    """What is published before the sale, in hex: it binds the seed and the odds."""
    return hashlib.sha256(DOMAIN + seed + bytes.fromhex(odds_hash)).hexdigest()


def drawn(seed: bytes, table: Table, *, client_seed: str, who: str, nonce: int, pity: int) -> str:
    """The key of the prize that the draw falls on, whether any is left or not."""
    candidates = table.candidates(pity)
    whole = sum(prize.weight for prize in candidates)
    at = number_below(whole, seed, f"{client_seed}:{who}:{nonce}:{pity}")
    for prize in candidates:
        if at < prize.weight:
            return prize.key
        at -= prize.weight
    raise AssertionError("unreachable: the number is below the sum of the weights")


def number_below(whole: int, seed: bytes, message: str) -> int:
    """An even number from 0 to `whole` - 1. A chunk in the remainder above the last whole multiple is passed over."""
    fair = CHUNKS - CHUNKS % whole
    for block in count():
        digest = hmac.digest(seed, message.encode() if not block else f"{message}:{block}".encode(), "sha256")
        for start in range(0, len(digest), CHUNK):
            number = int.from_bytes(digest[start : start + CHUNK], "big")
            if number < fair:
                return number % whole
    raise AssertionError("unreachable")
