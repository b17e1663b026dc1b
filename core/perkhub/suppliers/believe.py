"""What an answer means for our order: compared with what was ordered, field by field, before anything of it is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias, TypeGuard

from perkhub.kit.money import Money
from perkhub.plugin.supplier import (
    Accepted,
    Cost,
    CredentialKind,
    Delivered,
    Echo,
    LookupOutcome,
    NotFound,
    NotSent,
    Partial,
    PlaceOutcome,
    Rejected,
    Reversed,
    SuppliedCode,
    Supplies,
    Unknown,
)
from perkhub.suppliers.guarded import word
from perkhub.suppliers.orders import SupplierOrder

REFERENCE_LENGTH = 120
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Came:
    """So many are ours, at this cost in all; no more will come under this reference. Of top-ups there are no codes: so many
    are done."""

    codes: Sequence[SuppliedCode] = field(repr=False)
    cost: Money
    supplier_reference: str | None
    topped_up: int = 0
    receipt: str | None = None

    @property
    def quantity(self) -> int:
        """How many units that is."""
        return len(self.codes) or self.topped_up


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Taken on; `why` says what keeps it, where something does."""

    supplier_reference: str | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """No order exists under this reference, or it failed and its money is back."""

    reason: str
    elsewhere: bool
    halt: bool = False


@dataclass(frozen=True, slots=True)
class NeverSent:
    """Nothing left this machine."""

    cause: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """It was ours, and is no more; what came back of the money, where it is told."""

    reason: str
    returned: Money | None


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows. `mismatch`: the answer is about something else than we ordered, so it tells nothing of ours."""

    cause: str
    mismatch: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """Looked up, and unknown there at this moment."""


Verdict: TypeAlias = Came | UnderWay | Refused | NeverSent | TakenBack | Unclear | Absent


def believe(
    order: SupplierOrder,
    outcome: PlaceOutcome | LookupOutcome,
    codes: Sequence[SuppliedCode] = (),
    *,
    said: Mapping[str, str] = NOTHING,
) -> Verdict:
    """What the outcome means. `codes` are those that were fetched apart; `said` is what the buyer said for it."""
    try:
        return _meaning(order, outcome, codes, said=said)
    except (TypeError, AttributeError, ValueError, ArithmeticError):
        # Of a shape that the contract does not know: whoever looks again would break on it again.
        return Unclear("wrong_type", mismatch=True)


def _meaning(
    order: SupplierOrder, outcome: PlaceOutcome | LookupOutcome, codes: Sequence[SuppliedCode], *, said: Mapping[str, str]
) -> Verdict:
    match outcome:
        case NotSent():
            return NeverSent(word(outcome.cause))
        case NotFound():
            return Absent()
        case Unknown():
            return Unclear(word(outcome.cause))
        case Rejected():
            return Refused(word(outcome.reason), outcome.elsewhere, outcome.halt)
        case Reversed():
            return TakenBack(word(outcome.reason), _returned(order, outcome.returned))
        case Accepted():
            odd = mismatch(order, outcome.echo, outcome.supplier_reference, said=said)
            return Unclear(odd, mismatch=True) if odd else UnderWay(outcome.supplier_reference)
        case Delivered():
            return _came(order, outcome, order.quantity, codes, said=said)
        case Partial():
            if not 0 < outcome.quantity < order.quantity:
                return Unclear("mismatch_quantity", mismatch=True)
            return _came(order, outcome, outcome.quantity, codes, said=said)


def mismatch(
    order: SupplierOrder, echo: Echo, supplier_reference: str | None, *, said: Mapping[str, str] = NOTHING
) -> str | None:
    """What of an answer is not about our order; None where nothing is."""
    if echo.reference not in (None, order.reference):
        return "mismatch_reference"
    if order.supplier_reference is not None and supplier_reference not in (None, order.supplier_reference):
        return "mismatch_supplier_reference"
    if supplier_reference is not None and not _is_word(supplier_reference):
        return "mismatch_supplier_reference"
    if echo.sku not in (None, order.sku):
        return "mismatch_sku"
    if echo.quantity not in (None, order.quantity):
        return "mismatch_quantity"
    face = order.face()
    if echo.face_value is not None and face is not None and echo.face_value != face:
        return "mismatch_face_value"
    targets = order.targets(said)
    if echo.target is not None and targets and echo.target not in targets:
        return "mismatch_target"
    if echo.cost is not None and not _acceptable(order, echo.cost):
        return "mismatch_cost"
    return None


def _came(
    order: SupplierOrder,
    outcome: Delivered | Partial,
    quantity: int,
    fetched: Sequence[SuppliedCode],
    *,
    said: Mapping[str, str],
) -> Came | Unclear:
    odd = mismatch(order, outcome.echo, outcome.supplier_reference, said=said)
    if odd:
        return Unclear(odd, mismatch=True)
    codes = fetched if outcome.fetch else outcome.codes
    top_up = order.supplies is Supplies.TOP_UPS
    if len(codes) != (0 if top_up else quantity) or not all(map(_is_code, codes)):
        return Unclear("mismatch_codes", mismatch=True)
    # What the supplier does not say costs what we agreed to pay; and of a part only a part.
    share = Cost(order.maximum_cost * quantity / order.quantity, order.currency)
    cost = outcome.echo.cost or share
    if cost.amount > share.amount:
        return Unclear("mismatch_cost", mismatch=True)
    if top_up:
        return Came((), _money(cost), outcome.supplier_reference, quantity, _receipt(outcome))
    return Came(codes, _money(cost), outcome.supplier_reference)


def _is_code(given: object) -> bool:
    """Whether it is of the shape that the contract says; what it holds the vault judges."""
    if not isinstance(given, SuppliedCode) or not isinstance(given.credentials, Sequence):
        return False
    aware = given.expires_at is None or (isinstance(given.expires_at, datetime) and given.expires_at.tzinfo is not None)
    return aware and all(
        isinstance(pair, Sequence) and len(pair) == 2 and isinstance(pair[0], CredentialKind) and isinstance(pair[1], str)
        for pair in given.credentials
    )


def _receipt(outcome: Delivered | Partial) -> str | None:
    """The operator's own number, as far as it can be one."""
    told = outcome.receipt if isinstance(outcome, Delivered) else None
    return told if _is_word(told) else None


def _is_word(told: object) -> TypeGuard[str]:
    """Whether it is a text that can be kept: broken halves of letters, which come out of JSON, no database takes."""
    return isinstance(told, str) and 0 < len(told) <= REFERENCE_LENGTH and told.isprintable()


def _acceptable(order: SupplierOrder, cost: Cost) -> bool:
    return _decent(order, cost) and cost.amount <= order.maximum_cost


def _decent(order: SupplierOrder, cost: Cost) -> bool:
    finite = isinstance(cost.amount, Decimal) and cost.amount.is_finite()
    return finite and cost.currency == order.currency and cost.amount >= 0


def _returned(order: SupplierOrder, told: Cost | None) -> Money | None:
    """What came back. Who says more than it can have cost means all of it; of another currency nothing is believed, and a
    person looks."""
    if told is None or not _decent(order, told):
        return None
    return Money.line(min(told.amount, order.maximum_cost), 1, order.currency)


def _money(cost: Cost) -> Money:
    return Money.line(cost.amount, 1, cost.currency)
