"""A customer at the gateway's pay page: pays, pays a wrong amount, declines, comes back late, or finds it closed."""

import time
from random import Random

import httpx2

from tests.faults.told import ToldPayment

# Chosen at the moment of deciding.
ACTIONS = {"pay": 84, "fail": 12, "pay_wrong_amount": 4}
LATE_PART = 0.06
# Beyond the minute that an unpaid order lives.
LATE_SECONDS = (62.0, 75.0)


class Payer:
    """All customers' browser."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._http = httpx2.AsyncClient(timeout=30.0, trust_env=False)

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    def when(self) -> float:
        """When a customer who begins to pay now will decide."""
        late = self._rng.random() < LATE_PART
        return time.monotonic() + self._rng.uniform(*(LATE_SECONDS if late else (0.0, 2.0)))

    async def decide(self, payment: ToldPayment) -> None:
        """Press one of the buttons, if the page still has any."""
        action = self._rng.choices(list(ACTIONS), list(ACTIONS.values()))[0]
        answer = await self._http.post(payment.url, data={"action": action})
        if answer.status_code not in (303, 409):
            raise RuntimeError(f"the gateway's page answered with {answer.status_code}")
        payment.done = action if answer.status_code == 303 else "closed"
