"""What the host says when it orders, asks and looks up. Amounts are decimals in major units of an ISO 4217 currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from perkhub.plugin.supplier.capabilities import Supplies


@dataclass(frozen=True, slots=True)
class Cost:
    """What something costs us at the supplier, in its account's currency; never rounded before it is booked."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class FaceValue:
    """The value of one unit in its own currency, for goods that are sold by amount."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """One attempt to buy. `reference` is ours: 24 random characters of 0-9A-Z, the same in every repetition.

    `attempt` counts how often this reference was sent, from 1. `inputs` is what the buyer said (phone, account, region) by
    the keys of the supplier's own form; it is personal data and never belongs into a log.
    """

    reference: str
    attempt: int
    sku: str
    quantity: int
    maximum_cost: Cost  # of the whole order
    face_value: FaceValue | None
    notify_url: str  # where callbacks go
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """Which order is meant. The supplier's own reference is absent when the order was never answered."""

    reference: str
    supplier_reference: str | None
    placed_at: datetime
    sku: str
    quantity: int
    face_value: FaceValue | None = None  # of one unit, where the SKU is sold by amount


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What would it cost now?"""

    sku: str
    quantity: int
    face_value: FaceValue | None = None


@dataclass(frozen=True, slots=True)
class InputField:
    """One field of the supplier's form: what must be asked of the buyer before it can be ordered.

    `pattern` is a regular expression of characters, classes and counts alone. `target` is the account that is topped up: what
    an `Echo.target` repeats. `national` wants a phone number without its country's code: say the `country` (ISO 3166-1 alpha-2)
    as well, for without its code a number of another country may be somebody's there.
    """

    key: str
    label: str
    required: bool = True
    pattern: str | None = None
    options: tuple[str, ...] = ()
    target: bool = False
    national: bool = False
    country: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One SKU as the supplier offers it. A ranged item has a least and a greatest face value, and its cost is of one unit
    of face value; a fixed one has both equal, or none where no value is printed."""

    sku: str
    name: str
    cost: Cost
    available: bool
    face_least: FaceValue | None = None
    face_greatest: FaceValue | None = None
    brand: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2
    inputs: tuple[InputField, ...] = ()
    how_to_use: str | None = None
    supplies: Supplies = Supplies.CODES


@dataclass(frozen=True, slots=True)
class Balance:
    """What lies in our account at the supplier."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """Whether so many can be had; `quantity` where the supplier counts."""

    available: bool
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of the supplier's own account: what it believes that it sold us."""

    reference: str | None
    supplier_reference: str
    at: datetime
    cost: Cost
    kind: str  # "purchase", "refund", or the supplier's own word


@dataclass(frozen=True, slots=True)
class CallbackHint:
    """Which order to look up, and no more: what the callback claims is not even passed on.

    `nonce` is new in each message (a hash of the body where the protocol has none): one that was seen does nothing.
    `catalog_sku` instead of a reference says that a price or a status in the catalog moved.
    """

    nonce: str
    reference: str | None = None
    supplier_reference: str | None = None
    catalog_sku: str | None = None
