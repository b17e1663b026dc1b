"""A worker without the UNKNOWN rule: what was not answered counts as never sent, and is ordered again under a new reference."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import uvloop

from perkhub.plugin.supplier import LookupOutcome, PlaceOutcome, SuppliedCode, Unknown
from perkhub.suppliers import ask
from perkhub.suppliers.believe import NeverSent, Verdict, believe
from perkhub.suppliers.orders import SupplierOrder
from tests.faults.suppliers.quick_worker import promise_more, work


def believe_carelessly(
    order: SupplierOrder, outcome: PlaceOutcome | LookupOutcome, codes: Sequence[SuppliedCode] = (), **more: Any
) -> Verdict:
    """Silence is a no."""
    return NeverSent(outcome.cause) if isinstance(outcome, Unknown) else believe(order, outcome, codes, **more)


if __name__ == "__main__":
    promise_more()
    with patch.object(ask, "believe", believe_carelessly):
        uvloop.run(work())
