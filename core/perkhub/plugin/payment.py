"""The payment contract: what a way to pay must be able to do, and every answer it may give.

There are two kinds, told apart by type and closed:

- `BalancePayment`: the money already lies with us. The plugin gives the method its name; the host debits the party's
  wallet inside the order's own transaction, so a plugin never touches the ledger.
- `GatewayPayment`: somebody else takes the money. The plugin translates between us and their protocol, decides nothing
  and keeps nothing.

Amounts are integers in minor units (分, cents) of an ISO 4217 currency. References are ours: 24 characters of 0-9A-Z,
the same in every repetition. Times are aware and in UTC.

What a gateway method raises:

    PaymentProblem
    ├── StartRefused        the gateway's documented, final no: nothing was begun there
    ├── StartUnanswered     it may or may not have begun; the same request may be started again, or looked up
    └── CallbackForged      not from the gateway, or not now
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Title:
    """What a customer reads, in the house's languages."""

    en: str
    zh: str

    def text(self, language: str) -> str:
        """The text in `language` ("zh", "zh-CN", "en" …), or in English."""
        return self.zh if language.lower().startswith("zh") else self.en


# --- errors ---


class PaymentProblem(Exception):
    """`reason` is one word of the plugin's own (`timeout`, `http_500`, `signature`), never a text of the gateway."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{type(self).__name__}: {reason}")


class StartRefused(PaymentProblem):
    """Final, by the gateway's documentation: no payment exists under this reference and none will."""


class StartUnanswered(PaymentProblem):
    """No connection, a timeout, a 5xx, an answer that cannot be read or does not match: nobody knows. Never final."""


class CallbackForged(PaymentProblem):
    """The callback must change nothing. Reasons: `headers`, `nonce`, `window`, `signature`, `body`."""


# --- starting ---


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One payment to begin. Repeating it with the same reference must never begin a second one."""

    our_reference: str
    amount_minor: int
    currency: str
    subject: str  # one line that the customer reads at the gateway, without personal data
    locale: str  # BCP 47: "zh-CN"
    return_url: str  # where the customer's browser goes afterwards
    notify_url: str  # where the gateway's callbacks go
    expires_at: datetime  # the gateway should refuse money after this; should it come, the host still books it


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the customer's browser there."""

    url: str


@dataclass(frozen=True, slots=True)
class ShowQr:
    """Show this text as a QR code for the customer's wallet app."""

    text: str


PaymentAction: TypeAlias = Redirect | ShowQr


@dataclass(frozen=True, slots=True)
class PaymentStarted:
    """The gateway waits for the customer."""

    action: PaymentAction
    gateway_reference: str | None = None


# --- looking up ---


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """Which payment is meant. The gateway's reference is absent when the start was never answered."""

    our_reference: str
    gateway_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Known there, not paid yet."""


@dataclass(frozen=True, slots=True)
class Paid:
    """Money has arrived: what really came, which the host compares with what was due."""

    amount_minor: int
    currency: str
    gateway_reference: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """Final: no money came and none will."""

    reason_code: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """Unknown there at this moment. A start still under way may yet arrive, so this is no failure by itself."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer that could be understood; ask again later. The cause is one word for the log: `timeout`, `http_502`."""

    cause: str = "unanswered"


PaymentOutcome: TypeAlias = Pending | Paid | Failed | NotFound | Unknown


# --- refunding ---


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give back some or all of a payment. Repeating it with the same reference must never refund twice."""

    our_reference: str  # of this refund
    payment_reference: str  # ours, of the payment
    payment_gateway_reference: str | None
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundDone:
    """The money has gone back: what really went."""

    amount_minor: int
    currency: str
    gateway_reference: str
    refunded_at: datetime


@dataclass(frozen=True, slots=True)
class RefundPending:
    """Accepted there and under way."""


@dataclass(frozen=True, slots=True)
class RefundRejected:
    """Final for this reference: nothing went back and nothing will."""

    reason_code: str


@dataclass(frozen=True, slots=True)
class RefundUnknown:
    """No answer that could be understood; look it up, or send the same request again."""

    cause: str = "unanswered"


@dataclass(frozen=True, slots=True)
class RefundNotFound:
    """Looked up and unknown there at this moment: the same request may be sent again."""


RefundOutcome: TypeAlias = RefundDone | RefundPending | RefundRejected | RefundUnknown
RefundLookupOutcome: TypeAlias = RefundOutcome | RefundNotFound


# --- callbacks ---


@dataclass(frozen=True, slots=True)
class CallbackHint:
    """Which payment to look up, and no more: what the callback claims is not even passed on."""

    our_reference: str
    nonce: str  # 16 to 64 characters, new in each message; the host refuses one that it has seen
    at: datetime  # when the gateway says it was signed


class Acknowledgement(NamedTuple):
    """What makes the gateway stop repeating a callback."""

    status: int = 200
    content_type: str = "text/plain"
    body: bytes = b"ok"


# --- the methods ---


class BalancePayment(ABC):
    """Pay from the party's own wallet with us. Nothing to implement: a name is all the host needs."""

    key: ClassVar[str]
    title: ClassVar[Title]
    capture: ClassVar[Literal["balance"]] = "balance"


class GatewayPayment(ABC):
    """Pay through somebody else.

    `key` is lower-case letters, digits and underscores, and never changes: stored payments name it. `Settings` is a
    pydantic model, its secrets `SecretStr`. One instance serves a process; its methods may run at the same time.
    """

    key: ClassVar[str]
    title: ClassVar[Title]
    currencies: ClassVar[frozenset[str]]
    Settings: ClassVar[type[BaseModel]]
    capture: ClassVar[Literal["gateway"]] = "gateway"

    @abstractmethod
    def __init__(self, settings: BaseModel) -> None:
        """Take the settings, an instance of this class's `Settings`. Open no connection yet."""

    @abstractmethod
    async def start(self, request: PaymentRequest) -> PaymentStarted:
        """Begin a payment at the gateway, or find the one already begun under this reference.

        Raises:
            StartRefused, StartUnanswered.
        """

    @abstractmethod
    async def lookup(self, request: LookupRequest) -> PaymentOutcome:
        """The payment as the gateway knows it now. Never raises: what goes wrong is `Unknown`."""

    @abstractmethod
    async def refund(self, request: RefundRequest) -> RefundOutcome:
        """Give money back, once per reference however often it is asked. Never raises: doubt is `RefundUnknown`."""

    @abstractmethod
    async def lookup_refund(self, request: RefundRequest) -> RefundLookupOutcome:
        """The refund as the gateway knows it now. Never raises: what goes wrong is `RefundUnknown`."""

    @abstractmethod
    def read_callback(self, headers: Mapping[str, str], body: bytes) -> CallbackHint:
        """Check signature (in constant time), window and nonce format of a callback; header names are lower-case.

        Raises:
            CallbackForged: whatever is wrong with it; malformed input of any shape ends here too.
        """

    @abstractmethod
    def acknowledge(self) -> Acknowledgement:
        """The answer to a genuine callback, also when it is repeated or no longer news."""

    async def close(self) -> None:  # noqa: B027 - most gateways have nothing to give up
        """Give up connections; called once, when the process ends."""


PaymentMethod: TypeAlias = type[BalancePayment] | type[GatewayPayment]
