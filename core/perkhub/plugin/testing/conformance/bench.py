"""Where a rule works: the running sandbox, the plugin connected to it, and orders followed to their end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, TypeVar

import pytest

from perkhub.kit.clock import now
from perkhub.kit.ids import outbound_reference
from perkhub.plugin.configure import checked_settings
from perkhub.plugin.http import outbound_client
from perkhub.plugin.supplier import (
    Accepted,
    Capabilities,
    Delivered,
    FaceValue,
    LookupOutcome,
    NotFound,
    NotSent,
    OrderQuery,
    Partial,
    PlaceOutcome,
    PlaceRequest,
    Rejected,
    Reversed,
    SuppliedCode,
    Supplier,
    Supplies,
    Unknown,
    offers,
)
from perkhub.plugin.testing.conformance.outbound import Outbound
from perkhub.plugin.testing.conformance.subject import ByAmount, Subject, TopUp
from perkhub.plugin.testing.conformance.vendor import Mailbox, NoSuchSwitch, RunningSandbox, Sold, mailbox

PLACED = (NotSent, Delivered, Accepted, Partial, Rejected, Reversed, Unknown)
LOOKED_UP = (Delivered, Accepted, Partial, Rejected, Reversed, Unknown, NotFound)
DEADLINE = 20.0  # seconds; of a single request
PATIENCE = 10.0  # seconds until an order of the sandbox must be done
LONGEST_RULE = 120.0

T = TypeVar("T")


@dataclass(frozen=True)
class Connected:
    """The plugin for one account, and the notes of its way out."""

    supplier: Supplier
    outbound: Outbound = field(repr=False)


@dataclass(frozen=True)
class Settled:
    """What became of an order, with the codes that were fetched where they come apart."""

    outcome: LookupOutcome | PlaceOutcome
    codes: tuple[SuppliedCode, ...] = field(default=(), repr=False)

    @property
    def secrets(self) -> list[tuple[str, ...]]:
        """The values of each code, sorted: the sandbox's books say what they must be."""
        return sorted(tuple(value for _, value in code.credentials) for code in self.codes)


@dataclass
class Bench:
    """The fixture that every rule is given."""

    subject: Subject
    vendor: RunningSandbox

    @property
    def capabilities(self) -> Capabilities:
        """The plugin's own."""
        return self.subject.supplier.capabilities

    @property
    def sells_codes(self) -> bool:
        """Whether `sku` is of codes; else it is a top-up."""
        return Supplies.CODES in self.capabilities.supplies

    @property
    def top_up(self) -> TopUp:
        """What is bought to try top-ups."""
        if self.subject.top_up is None:
            pytest.fail("the capabilities promise top-ups: say one in Subject(top_up=...)")
        return self.subject.top_up

    @property
    def by_amount(self) -> ByAmount:
        """What is bought to try SKUs that are sold by amount."""
        if self.subject.by_amount is None:
            pytest.fail("the capabilities promise SKUs by amount: say one in Subject(by_amount=...)")
        return self.subject.by_amount

    def topping_up(self, **changes: Any) -> PlaceRequest:
        """A new order of the subject's top-up."""
        given = {"sku": self.top_up.sku, "inputs": self.top_up.inputs, "face_value": None}
        return self.order(**{**given, **changes})

    def ordering_by_amount(self, face: FaceValue, quantity: int = 1, **changes: Any) -> PlaceRequest:
        """A new order of the subject's goods by amount."""
        given = {"sku": self.by_amount.sku, "face_value": face, "inputs": {}}
        return self.order(quantity, **{**given, **changes})

    @property
    def settings(self) -> dict[str, str]:
        """What the sandbox says, and what the subject says over it."""
        return {**self.vendor.settings, **self.subject.settings}

    def offers(self, service: str) -> bool:
        """Whether the plugin has an optional service."""
        return offers(self.subject.supplier, service)

    def fault(self, **faults: float) -> None:
        """Switch these on, and all others off; a sandbox that lacks one that a rule needs fails the rule."""
        named = {self.subject.switches.get(name, name): value for name, value in faults.items()}
        try:
            self.vendor.fault(**named)
        except NoSuchSwitch as missing:
            pytest.fail(f"{missing}; this rule needs {', '.join(faults)}, or another name for it in Subject(switches=...)")

    def act(self, **asked: str) -> None:
        """What the vendor's people do."""
        try:
            self.vendor.act(**asked)
        except NoSuchSwitch as missing:
            pytest.fail(str(missing))

    def order(self, quantity: int = 1, **changes: Any) -> PlaceRequest:
        """A new order of the subject's goods."""
        subject = self.subject
        made = PlaceRequest(
            reference=outbound_reference(),
            attempt=1,
            sku=subject.sku,
            quantity=quantity,
            maximum_cost=subject.maximum_cost,
            face_value=subject.face_value,
            notify_url="",
            inputs=subject.inputs,
        )
        return replace(made, **changes)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connected]:
        """The plugin as the host configures it, but for the notes that its way out keeps."""
        outbound = Outbound()
        plugin = self.subject.supplier
        async with outbound_client("", timeout=DEADLINE, transport=outbound) as client:
            supplier = plugin(checked_settings(plugin, self.settings), client)
            # Whatever it fetches once (a token) is there before the rule begins: what follows is the order alone.
            await supplier.test_connection()
            outbound.seen.clear()
            yield Connected(supplier, outbound)

    @asynccontextmanager
    async def calling(self, supplier: Supplier) -> AsyncIterator[Mailbox]:
        """An address to which the sandbox sends its callbacks meanwhile."""
        with mailbox(supplier.acknowledge) as box:
            self.act(notify_url=box.address)
            try:
                yield box
            finally:
                self.act(notify_url="")

    async def closing(self, check: Awaitable[None]) -> None:
        """Run a check; one that hangs fails."""
        async with asyncio.timeout(LONGEST_RULE):
            await check

    # --- orders ---

    async def place(self, supplier: Supplier, request: PlaceRequest) -> PlaceOutcome:
        """`place`, which never raises, and answers with one of the seven."""
        outcome: object = await never_raises("place", supplier.place(request))
        if not isinstance(outcome, PLACED):
            pytest.fail(f"`place` returned {type(outcome).__name__}, which is no outcome of an order")
        return outcome

    async def look_up(self, supplier: Supplier, request: PlaceRequest, supplier_reference: str | None = None) -> LookupOutcome:
        """`lookup`, which never raises; by our reference alone unless the supplier's is given."""
        outcome: object = await never_raises("lookup", supplier.lookup(query_of(request, supplier_reference)))
        if not isinstance(outcome, LOOKED_UP):
            pytest.fail(f"`lookup` returned {type(outcome).__name__}, which is no outcome of a look-up")
        return outcome

    async def buy(self, supplier: Supplier, request: PlaceRequest) -> PlaceOutcome:
        """Order; and where `place` only reserves, confirm."""
        placed = await self.place(supplier, request)
        if not isinstance(placed, Accepted) or not self.capabilities.two_phase:
            return placed
        query = query_of(request, placed.supplier_reference)
        return await never_raises("confirm", supplier.confirm(query, maximum_cost=request.maximum_cost))

    async def settle(self, supplier: Supplier, request: PlaceRequest) -> Settled:
        """Order, and follow it to its end as the host does: confirm, look up, fetch."""
        return await self.follow(supplier, request, await self.buy(supplier, request))

    async def follow(
        self, supplier: Supplier, request: PlaceRequest, outcome: LookupOutcome | PlaceOutcome | None = None
    ) -> Settled:
        """Look up until it is no longer under way, and fetch what is to be fetched."""
        seen = outcome if outcome is not None else await self.look_up(supplier, request)
        end = time.monotonic() + PATIENCE
        while isinstance(seen, Accepted):
            if time.monotonic() > end:
                pytest.fail(f"still under way after {PATIENCE:g} seconds: {seen!r}")
            await asyncio.sleep(0.02)
            seen = await self.look_up(supplier, request, seen.supplier_reference)
        if not isinstance(seen, Delivered | Partial):
            return Settled(seen)
        codes = seen.codes
        if seen.fetch:
            codes = tuple(await supplier.fetch_codes(query_of(request, seen.supplier_reference)))
        return Settled(seen, tuple(codes))

    def booked(self, request: PlaceRequest) -> Sold:
        """The order in the vendor's own books, where it must be once."""
        sold = self.vendor.sold(request.reference)
        assert len(sold) == 1, f"the vendor has {len(sold)} orders under our reference; there must be exactly one"
        return sold[0]

    def ensure_nothing_booked(self, request: PlaceRequest) -> None:
        """The vendor has no such order."""
        assert self.vendor.sold(request.reference) == [], "the vendor has an order where none may be"


def query_of(request: PlaceRequest, supplier_reference: str | None = None) -> OrderQuery:
    """Which order is meant."""
    return OrderQuery(request.reference, supplier_reference, now(), request.sku, request.quantity, request.face_value)


async def never_raises(method: str, call: Awaitable[T]) -> T:
    """The answer of a method that promises never to raise."""
    try:
        return await call
    except Exception as raised:
        wrong(f"`{method}` must never raise, and raised {type(raised).__name__}", cause=raised)


def wrong(text: str, *, cause: BaseException) -> NoReturn:
    """Fail, with the exception that shows where."""
    raise AssertionError(text) from cause
