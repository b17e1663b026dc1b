"""Every answer an order may come to: a closed sum, so that the host has no third way between success and failure.

    NotSent     nothing left this machine (no address, no connection, no TLS): it may go elsewhere
    Delivered   all of it is ours
    Accepted    under way; look later
    Partial     so much is ours, and no more will come under this reference
    Rejected    the supplier's documented, final no; `elsewhere` tells whether another supplier may be asked
    Reversed    it was ours, and the supplier took it back
    Unknown     whatever else there is. It may be ours: never ordered again, never failed over

and of a look-up besides:

    NotFound    unknown there at this moment. An order under way may yet arrive, so this is no failure by itself
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import TypeAlias

from perkhub.plugin.supplier.orders import Cost, FaceValue


class CredentialKind(StrEnum):
    """In the order in which a code is told apart from others: the first kind present identifies it."""

    NUMBER = auto()
    CLAIM_CODE = auto()
    URL = auto()
    BARCODE = auto()
    PIN = auto()
    SECURITY_CODE = auto()


@dataclass(frozen=True, slots=True)
class SuppliedCode:
    """One code in the clear, on its way to the seal: (kind, value) pairs, each kind once."""

    credentials: tuple[tuple[CredentialKind, str], ...] = field(repr=False)
    expires_at: datetime | None = None  # aware; the end of the last day on which it works
    serial: str | None = None  # a public number of it, no secret


@dataclass(frozen=True, slots=True)
class Echo:
    """What the supplier says that we ordered. The host compares whatever is said here with its own order, and believes
    nothing of an answer that differs; what the protocol does not tell stays None."""

    reference: str | None = None
    sku: str | None = None
    quantity: int | None = None
    cost: Cost | None = None  # of the whole order
    target: str | None = field(default=None, repr=False)  # the account topped up
    face_value: FaceValue | None = None  # of one unit, where the SKU is sold by amount


@dataclass(frozen=True, slots=True)
class NotSent:
    """Failed before the first byte of the order was sent."""

    cause: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """Done. `codes` is empty for a top-up, and where they come by `fetch_codes`: then `fetch` says so."""

    echo: Echo
    supplier_reference: str | None = None
    codes: tuple[SuppliedCode, ...] = field(default=(), repr=False)
    fetch: bool = False
    receipt: str | None = None  # the operator's serial number of a top-up


@dataclass(frozen=True, slots=True)
class Accepted:
    """Taken on; whether it succeeds is told later."""

    echo: Echo
    supplier_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """Final, with fewer than ordered: `quantity` came, and `cost` (in the echo) is what these cost."""

    echo: Echo
    quantity: int
    supplier_reference: str | None = None
    codes: tuple[SuppliedCode, ...] = field(default=(), repr=False)
    fetch: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Final by the vendor's documentation: no order exists under this reference, or it failed and its money is back.

    `reason` is the vendor's code or one word of the plugin's own, never a text of the vendor's. `halt` says that our
    account itself is refused (credentials, balance): further orders would only be refused as well.
    """

    reason: str
    elsewhere: bool
    halt: bool = False


@dataclass(frozen=True, slots=True)
class Reversed:
    """A success that was taken back; `returned` is what the supplier gave back, where it says."""

    reason: str
    returned: Cost | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows. The cause is one word for the log: `timeout`, `http_502`, `unreadable`, `duplicate`, `mismatch`."""

    cause: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """Looked up and unknown there at this moment."""


PlaceOutcome: TypeAlias = NotSent | Delivered | Accepted | Partial | Rejected | Reversed | Unknown
LookupOutcome: TypeAlias = Delivered | Accepted | Partial | Rejected | Reversed | Unknown | NotFound
CancelOutcome: TypeAlias = Rejected | Accepted | Unknown  # Rejected(elsewhere=True): it is cancelled
