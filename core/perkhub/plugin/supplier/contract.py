"""The supplier contract: a plugin translates between us and one vendor's protocol, decides nothing and keeps nothing."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from pydantic import BaseModel

from perkhub.plugin.http import OutboundClient
from perkhub.plugin.payment import Title
from perkhub.plugin.supplier.capabilities import Capabilities
from perkhub.plugin.supplier.orders import (
    Balance,
    CallbackHint,
    CatalogItem,
    Cost,
    OrderQuery,
    PlaceRequest,
    QuoteRequest,
    StatementLine,
    StockAnswer,
)
from perkhub.plugin.supplier.outcomes import CancelOutcome, LookupOutcome, PlaceOutcome, SuppliedCode


class SupplierProblem(Exception):
    """A question (catalog, quote, balance, codes …) that was not answered; `reason` is one word of the plugin's own."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{type(self).__name__}: {reason}")


class SupplierUnanswered(SupplierProblem):
    """No connection, a timeout, a 5xx, an answer that cannot be read: ask again later."""


class SupplierRefused(SupplierProblem):
    """A documented no: wrong credentials, unknown SKU, not allowed."""


class CallbackForged(SupplierProblem):
    """The callback must change nothing. Reasons: `headers`, `nonce`, `window`, `signature`, `body`."""


class CallbackAnswer(NamedTuple):
    """What makes the supplier stop repeating a callback, in its own words."""

    status: int = 200
    content_type: str = "text/plain"
    body: bytes = b"success"


class NotOffered(NotImplementedError):
    """The supplier has no such service; the host does not ask where the method is not overridden."""


class Supplier(ABC):
    """One vendor, for one configured account.

    `key` is lower-case letters, digits and underscores, and never changes: stored orders name it. `Settings` is a pydantic
    model, its secrets `SecretStr`. One instance serves a process; its methods may run at the same time. Only `place` and
    `lookup` must be there: what is not overridden is not offered.

    Everything sent goes through `client`, which the host gives: it keeps the deadline, follows no redirect, and logs
    neither headers nor queries nor bodies. A plugin opens no connection of its own, and logs nothing that came in or out.
    """

    key: ClassVar[str]
    title: ClassVar[Title]
    Settings: ClassVar[type[BaseModel]]
    capabilities: ClassVar[Capabilities]

    def __init__(self, settings: BaseModel, client: OutboundClient) -> None:
        """Take the settings, an instance of this class's `Settings`, and the way out. Send nothing yet."""
        self.settings = settings
        self.client = client

    @abstractmethod
    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        """Order once. Never raises: doubt is `Unknown`."""

    @abstractmethod
    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        """The order as the supplier knows it now. Never raises: what goes wrong is `Unknown`."""

    def most_at_once(self, sku: str) -> int:
        """How many of this SKU one order may be for, where that is fewer than `max_quantity`. The rest of what is wanted is
        ordered by further orders, each under a reference of its own."""
        return self.capabilities.max_quantity

    async def confirm(self, query: OrderQuery, *, maximum_cost: Cost) -> PlaceOutcome:
        """Buy what `place` reserved; for `two_phase`. Never raises."""
        raise NotOffered

    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        """The codes of an order that is done. Asking again gives the same ones.

        Raises:
            SupplierUnanswered, SupplierRefused.
        """
        raise NotOffered

    async def cancel(self, query: OrderQuery) -> CancelOutcome:
        """Ask the supplier to give an order up. Never raises."""
        raise NotOffered

    def catalog(self) -> AsyncIterator[CatalogItem]:
        """Everything that our account may buy, page by page as it is read.

        Raises:
            SupplierUnanswered, SupplierRefused.
        """
        raise NotOffered

    async def quote(self, request: QuoteRequest) -> Cost:
        """What it would cost now. Raises SupplierUnanswered, SupplierRefused."""
        raise NotOffered

    async def balance(self) -> Balance:
        """Our money there. Raises SupplierUnanswered, SupplierRefused."""
        raise NotOffered

    async def stock(self, request: QuoteRequest) -> StockAnswer:
        """Whether so many can be had. Raises SupplierUnanswered, SupplierRefused."""
        raise NotOffered

    def statement(self, day: str) -> AsyncIterator[StatementLine]:
        """The supplier's own account of one day (YYYY-MM-DD, in its zone). Raises SupplierUnanswered, SupplierRefused."""
        raise NotOffered

    async def code_status(self, code: SuppliedCode) -> str:
        """Whether a code was used: `unused`, `used`, `void`, `unknown`. Raises SupplierUnanswered, SupplierRefused."""
        raise NotOffered

    def verify_callback(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> CallbackHint:
        """Check signature (in constant time), window and form of a callback; header names are lower-case.

        Raises:
            CallbackForged: whatever is wrong with it; malformed input of any shape ends here too.
        """
        raise NotOffered

    def acknowledge(self) -> CallbackAnswer:
        """The answer to a genuine callback, also when it is repeated or no longer news."""
        return CallbackAnswer()

    async def test_connection(self) -> None:
        """Prove that the settings work, without buying: the cheapest question there is.

        Raises:
            SupplierUnanswered, SupplierRefused.
        """
        await self.balance()


def offers(supplier: type[Supplier], service: str) -> bool:
    """Whether a supplier has an optional service: its plugin overrides the method of this name."""
    return getattr(supplier, service) is not getattr(Supplier, service)
