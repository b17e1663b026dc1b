"""Asking a plugin: with a limit of time, of calls at once, and no way for it to break more than its own answer.

Whatever a plugin raises, returns or hangs in becomes one word here; its text goes nowhere, for it may hold anything.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from perkhub.kit import db
from perkhub.kit.jobs import Context, Postpone
from perkhub.kit.logging import get_logger
from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.supplier import Supplier, SupplierProblem, SupplierUnanswered, Unknown
from perkhub.suppliers.accounts import Account
from perkhub.suppliers.errors import SupplierUnknown
from perkhub.suppliers.live import Live, live
from perkhub.suppliers.slots import NotNow, a_slot

log = get_logger(__name__)

T = TypeVar("T")
# A method may make several calls, each with the protocol's own limit.
CALLS_OF_ONE_QUESTION = 3
LONGEST_WORD = 60
LONGEST_READING = timedelta(minutes=10)
PAGE = 500


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

    def most_of(self, sku: str) -> int:
        """How many of this SKU one order may be for; one, where the plugin says nothing that can be true."""
        most = self.supplier.capabilities.max_quantity
        try:
            told = self.supplier.most_at_once(sku)
        except Exception as fault:
            self._odd(f"raised_{type(fault).__name__}")
            return 1
        return max(1, min(told, most)) if isinstance(told, int) else 1

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


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """Whatever a supplier tells as a stream: how it is asked, what of it is taken, and what is done with each page."""

    ask: Callable[[Supplier], AsyncIterator[T]]
    is_decent: Callable[[T], bool]  # what is not is left out; it may raise SupplierProblem, where nothing may be
    keep: Callable[[list[T]], Awaitable[object]]
    most: int
    too_many: str  # the word for more than `most`


async def read_all(context: Context, account: Account, reading: Reading[T]) -> str | None:
    """Carry a reading out, within a job: the word for what ended it early, None where all was read.

    Raises:
        Postpone: the account cannot be asked at this moment.
    """
    try:
        async with (
            a_line(account) as line,
            asyncio.timeout(LONGEST_READING.total_seconds()),
            aclosing(_pages(line.supplier, reading)) as pages,
        ):
            async for page in pages:
                await reading.keep(page)
    except NotNow as wait:
        raise Postpone(max(1.0, wait.seconds * 2 ** min(context.forgiven, 6))) from None
    except SupplierProblem as problem:
        return word(problem.reason)
    except TimeoutError:
        return "hangs"
    except (SupplierUnknown, SettingsRefused) as unusable:
        return word(type(unusable).__name__)
    except db.LOST:
        raise
    except Exception as fault:  # a plugin's own: its text may hold anything
        return word(f"raised_{type(fault).__name__}")
    return None


async def _pages(supplier: Supplier, reading: Reading[T]) -> AsyncGenerator[list[T], None]:
    page: list[T] = []
    seen = 0
    async for told in reading.ask(supplier):
        seen += 1
        if seen > reading.most:
            raise SupplierProblem(reading.too_many)
        if reading.is_decent(told):
            page.append(told)
        if len(page) >= PAGE:
            yield page
            page = []
    if page:
        yield page


def word(given: object) -> str:
    """A plugin's one word, as far as it is one: letters, digits, dots and underscores."""
    text = given if isinstance(given, str) else type(given).__name__
    kept = "".join(character for character in text if character.isascii() and (character.isalnum() or character in "._-"))
    return kept[:LONGEST_WORD] or "unnamed"
