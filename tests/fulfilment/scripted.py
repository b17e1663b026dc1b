"""A supplier that says what a test tells it to, by the contract: for rules of the host that no sandbox can be made to need."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

from pydantic import BaseModel, SecretStr

from perkhub.plugin import Title
from perkhub.plugin.registry import registry, set_registry
from perkhub.plugin.supplier import (
    Balance,
    Capabilities,
    Cost,
    CredentialKind,
    Delivery,
    Idempotency,
    LookupOutcome,
    OrderQuery,
    PlaceOutcome,
    PlaceRequest,
    SuppliedCode,
    Supplier,
    Supplies,
)
from tests.factories import StockedVariant
from tests.fulfilment.sourcing import Sourcing

_numbers = count(1)

USUAL = Capabilities(
    supplies=frozenset({Supplies.CODES}),
    idempotency=Idempotency.NONE,
    delivery=Delivery.SECOND_CALL,
    max_quantity=100,
    poll_first=timedelta(seconds=1),
    poll_longest=timedelta(minutes=1),
    not_found_after=timedelta(minutes=10),
    not_found_looks=3,
    partial=True,
    reversal=True,
    timeout=timedelta(seconds=1),
)


@dataclass
class Script:
    """What is answered next, and what was asked. Anything that is raised or returned may stand there, wrong types too."""

    places: deque[Any] = field(default_factory=deque)
    looks: deque[Any] = field(default_factory=deque)
    codes: deque[Any] = field(default_factory=deque)
    confirms: deque[Any] = field(default_factory=deque)
    placed: list[PlaceRequest] = field(default_factory=list)
    looked: list[OrderQuery] = field(default_factory=list)
    confirmed: list[OrderQuery] = field(default_factory=list)


async def _next(script: deque[Any], asked: Any) -> Any:
    said = script.popleft()
    if callable(said):
        said = said(asked)
        if hasattr(said, "__await__"):
            said = await said
    if isinstance(said, BaseException):
        raise said
    return said


def scripted(key: str = "scripted", **capabilities: Any) -> type["Scripted"]:
    """A class of its own, with these capabilities; `offers` compares methods, so an optional one is left out by its class."""
    said = replace(USUAL, **capabilities)
    parent = Confirming if said.two_phase else Scripted
    return type("Said", (parent,), {"key": key, "capabilities": said})


class Scripted(Supplier):
    """One for each account that names its script."""

    key: ClassVar[str] = "scripted"
    title = Title(en="Scripted", zh="脚本")
    capabilities = USUAL
    scripts: ClassVar[dict[str, Script]] = defaultdict(Script)

    class Settings(BaseModel):
        """Which script."""

        script: str
        secret: SecretStr = SecretStr("tell-nobody-9f3a")

    settings: Settings

    @property
    def script(self) -> Script:
        return self.scripts[self.settings.script]

    async def place(self, request: PlaceRequest) -> PlaceOutcome:
        self.script.placed.append(request)
        answer: PlaceOutcome = await _next(self.script.places, request)
        return answer

    async def lookup(self, query: OrderQuery) -> LookupOutcome:
        self.script.looked.append(query)
        answer: LookupOutcome = await _next(self.script.looks, query)
        return answer

    async def fetch_codes(self, query: OrderQuery) -> Sequence[SuppliedCode]:
        answer: Sequence[SuppliedCode] = await _next(self.script.codes, query)
        return answer

    async def balance(self) -> Balance:
        raise NotImplementedError


class Confirming(Scripted):
    """One that reserves first."""

    async def confirm(self, query: OrderQuery, *, maximum_cost: Cost) -> PlaceOutcome:
        self.script.confirmed.append(query)
        answer: PlaceOutcome = await _next(self.script.confirms, query)
        return answer


def a_code(**more: Any) -> SuppliedCode:
    """That nothing had before."""
    return SuppliedCode(((CredentialKind.CLAIM_CODE, f"CLAIM-{next(_numbers):08}"),), **more)


def codes(number: int) -> tuple[SuppliedCode, ...]:
    """So many."""
    return tuple(a_code() for _ in range(number))


@contextmanager
def offered(*suppliers: type[Supplier]) -> Iterator[None]:
    """These suppliers beside those that are installed."""
    before = registry()
    set_registry(replace(before, suppliers={**before.suppliers, **{one.key: one for one in suppliers}}))
    try:
        yield
    finally:
        set_registry(before)
        Scripted.scripts.clear()


async def sold(
    sourcing: Sourcing, stage: ExitStack, *, quantity: int = 1, second: bool = False, **capabilities: Any
) -> tuple[Script, Script, Any, StockedVariant]:
    """A unit that two scripted suppliers (or one) could deliver, paid for; nothing was asked of them yet."""
    stage.enter_context(offered(scripted(**capabilities)))
    variant = await sourcing.shop.variant(codes=0, price="30.00")
    for name, priority in (("first", 1), ("second", 2))[: 2 if second else 1]:
        account = await sourcing.account("scripted", {"script": name})
        await sourcing.offer(account, variant.id, f"sku-{name}", cost="20.00", priority=priority)
    buyer = await sourcing.shop.customer(wallet="1000.00")
    bought = await sourcing.buy(buyer, (variant, quantity))
    return Scripted.scripts["first"], Scripted.scripts["second"], bought, variant
