"""Asking a plugin: with a limit of time, of calls at once, and no way for it to break more than its own answer.

Whatever a plugin raises, returns or hangs in becomes one word here; its text goes nowhere, for it may hold anything.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from perkhub.kit.logging import get_logger
from perkhub.plugin.supplier import Supplier, SupplierProblem, SupplierUnanswered, Unknown
from perkhub.suppliers.accounts import Account
from perkhub.suppliers.live import Live, live
from perkhub.suppliers.slots import NotNow, a_slot

log = get_logger(__name__)

T = TypeVar("T")
# A method may make several calls, each with the protocol's own limit.
CALLS_OF_ONE_QUESTION = 3
LONGEST_WORD = 60


@dataclass(frozen=True, slots=True)
class Line:
    """An open line to one account: as long as it is held, it counts among the running calls."""

    live: Live

    @property
    def account(self) -> Account:
        """Whose."""
        return self.live.account

    @property
    def supplier(self) -> Supplier:
        """The plugin; ask it by `outcome_of` and `answer_of` alone."""
        return self.live.supplier

    async def outcome_of(self, ask: Callable[[Supplier], Awaitable[T]], *allowed: type) -> T | Unknown:
        """The outcome of an order's question. Doubt is Unknown, and so is whatever the contract does not allow."""
        try:
            async with asyncio.timeout(self._limit()):
                outcome = await ask(self.supplier)
        except TimeoutError:
            return self._odd("hangs")
        except Exception as fault:
            return self._odd(f"raised_{type(fault).__name__}")
        return outcome if isinstance(outcome, (*allowed, Unknown)) else self._odd("wrong_type")

    async def answer_of(self, ask: Callable[[Supplier], Awaitable[T]]) -> T:
        """The answer to a question that changes nothing.

        Raises:
            SupplierUnanswered, SupplierRefused.
        """
        try:
            async with asyncio.timeout(self._limit()):
                return await ask(self.supplier)
        except TimeoutError:
            raise SupplierUnanswered(self._odd("hangs").cause) from None
        except SupplierProblem as problem:
            raise type(problem)(word(problem.reason)) from None
        except Exception as fault:
            raise SupplierUnanswered(self._odd(f"raised_{type(fault).__name__}").cause) from None

    def _limit(self) -> float:
        return self.supplier.capabilities.timeout.total_seconds() * CALLS_OF_ONE_QUESTION

    def _odd(self, cause: str) -> Unknown:
        log.warning("a plugin broke its contract", plugin=self.account.plugin, account=self.account.id, cause=word(cause))
        return Unknown(word(cause))


@asynccontextmanager
async def a_line(account: Account) -> AsyncIterator[Line]:
    """A line to the account, if it may be asked now.

    Raises:
        NotNow: too many calls run, or the supplier did not answer lately.
        SupplierUnknown, SettingsRefused.
    """
    found = live(account)
    async with a_slot(account.id, found.supplier.capabilities):
        wait = found.breaker.wait()
        if wait:
            raise NotNow(wait)
        try:
            yield Line(found)
        finally:
            found.breaker.ended()


def word(given: object) -> str:
    """A plugin's one word, as far as it is one: letters, digits, dots and underscores."""
    text = given if isinstance(given, str) else type(given).__name__
    kept = "".join(character for character in text if character.isascii() and (character.isalnum() or character in "._-"))
    return kept[:LONGEST_WORD] or "unnamed"
