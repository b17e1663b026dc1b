"""Which fault befalls a vendor next: all of its switches as cards, dealt from a shuffled deck, so that each has its turn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from perkhub.plugin.testing import TRANSPORT_FAULTS

# On for one turn each, with these values; every other fault befalls the next one or two whom it can befall.
LASTING: dict[str, tuple[float, float]] = {
    "slow_seconds": (0.1, 2.6),  # beyond the client's patience at times
    "delay_seconds": (0.2, 2.0),
    "clock_ahead_seconds": (700, 900),
    "secret_rotated": (1, 1),
    "no_callback": (1, 1),
    "duplicate_callbacks": (1, 4),
    "any_request": (1, 1),
}
# So many turns of the deck go by before these come again: a vendor that knows nobody stops everything.
RARE = {"secret_rotated": 3, "clock_ahead_seconds": 3, "no_money": 2}
CARDS_A_TURN = (1, 3)
COMMON = (
    "no_callback", "duplicate_callbacks", "forged_callback", "other_order_callback", "early_callback", "fail_order", "stuck",
    "wrong_product", "wrong_quantity", "wrong_amount", "wrong_reference", "no_money", "unknown_code", "secret_rotated",
    "delay_seconds", "slow_seconds", "clock_ahead_seconds", "any_request", *TRANSPORT_FAULTS,
)  # fmt: skip
FAULTS: dict[str, tuple[str, ...]] = {
    "fulu": (*COMMON, "permuted_callback", "replayed_callback", "partial", "malformed_card", "past_deadline", "price_moves"),
    "reloadly": (*COMMON, "body_only_callback", "old_callback", "pending", "fewer_cards", "malformed_code", "revoke_tokens"),
}


@dataclass
class Deck:
    """One vendor's faults; every card once, then all of them again in another order."""

    cards: Sequence[str]
    rng: Random
    turns: Counter[str] = field(default_factory=Counter)  # of the lasting ones; a vendor counts the others itself
    _left: list[str] = field(default_factory=list)
    _shuffled: int = 0

    def deal(self) -> dict[str, float]:
        """The faults of the next turn; lasting ones that are not among them are off."""
        drawn = [self._draw() for _ in range(self.rng.randint(*CARDS_A_TURN))]
        faults: dict[str, float] = dict.fromkeys(LASTING, 0)
        for fault in drawn:
            least, most = LASTING.get(fault, (1, 2))
            faults[fault] = self.rng.uniform(least, most) if fault in LASTING else self.rng.randint(1, 2)
        self.turns.update(fault for fault in drawn if fault in LASTING)
        return faults

    def _draw(self) -> str:
        if not self._left:
            self._shuffled += 1
            self._left = [card for card in self.cards if self._shuffled % RARE.get(card, 1) == 0]
            self.rng.shuffle(self._left)
        return self._left.pop()
