"""What the vendor knows: products, transactions, our balance. In memory; its rules about money, and nothing about HTTP."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

ACCOUNT_CURRENCY = "USD"


class Refused(Exception):
    """Nothing was recorded; status, error code and text to answer with."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


@dataclass
class Product:
    """A gift card; its denominations, or the range of them."""

    product_id: int
    name: str
    brand: str
    country: str
    currency: str
    rate: Decimal  # of the account's currency for one of the card's
    discount: Decimal
    fixed: tuple[Decimal, ...] = ()
    least: Decimal | None = None
    greatest: Decimal | None = None
    active: bool = True

    def cost(self, unit: Decimal) -> Decimal:
        """Of one card, to our account."""
        return (unit * self.rate * (100 - self.discount) / 100).quantize(Decimal("0.00001"))


@dataclass
class Transaction:
    """An order of the client's."""

    transaction_id: int
    custom_identifier: str
    product: Product
    quantity: int
    unit: Decimal
    amount: Decimal
    placed_at: datetime
    status: str = "PENDING"
    cards: list[dict[str, Any]] = field(default_factory=list)

    def sold(self) -> dict[str, Any]:
        """As every sandbox tells it: reference, quantity, cost, secrets; and how it stands by now. Its cards have no deadline,
        and the money of what failed is only back when it is refunded."""
        return {
            "reference": self.custom_identifier,
            "quantity": self.quantity,
            "cost": {"amount": str(self.amount), "currency": ACCOUNT_CURRENCY},
            "secrets": [[str(card["cardNumber"]), card["pinCode"]] for card in self.cards],
            "expires_at": None,
            "face_value": {"amount": str(self.unit), "currency": self.product.currency},
            "state": self.status,
            "charged": str(Decimal(0) if self.status == "REFUNDED" else self.amount),
        }


def some_products() -> dict[int, Product]:
    """A believable catalog."""
    listed = [
        Product(120, "Amazon US", "Amazon", "US", "USD", Decimal(1), Decimal("2.5"), tuple(map(Decimal, (5, 10, 25, 50, 100)))),
        Product(121, "Steam China", "Steam", "CN", "CNY", Decimal("0.14"), Decimal(3), (Decimal(50), Decimal(100))),
        Product(
            122, "App Store & iTunes CN", "Apple", "CN", "CNY", Decimal("0.14"), Decimal(1), (), Decimal(10), Decimal(1000)
        ),
        Product(123, "Closed", "Closed", "US", "USD", Decimal(1), Decimal(0), (Decimal(10),), active=False),
    ]
    return {product.product_id: product for product in listed}


@dataclass
class Books:
    """Everything the vendor ever accepted since it started."""

    clock: Callable[[], datetime]
    products: dict[int, Product] = field(default_factory=some_products)
    transactions: dict[int, Transaction] = field(default_factory=dict)
    identifiers: dict[str, int] = field(default_factory=dict)
    balance: Decimal = Decimal(10_000_000)

    def between(self, start: str, end: str) -> list[Transaction]:
        """Placed within these times, both included, as the vendor writes them."""
        return [made for made in self.transactions.values() if start <= f"{made.placed_at:%F %T}" <= end]

    def place(self, product_id: int, quantity: int, unit: Decimal, identifier: str) -> Transaction:
        """Take an order on.

        Raises:
            Refused.
        """
        product = self.products.get(product_id)
        if product is None or not product.active:
            raise Refused(404, "PRODUCT_NOT_FOUND", "Product was not found or is not currently available")
        fits = unit in product.fixed or (product.least is not None and product.least <= unit <= (product.greatest or unit))
        if not fits or not 1 <= quantity <= 1000:
            raise Refused(400, "INVALID_UNIT_PRICE", "Unit price or quantity is not valid for this product")
        if identifier in self.identifiers:
            raise Refused(400, None, "The custom identifier must be unique: it has already been used")
        amount = product.cost(unit) * quantity
        if amount > self.balance:
            raise Refused(400, "INSUFFICIENT_BALANCE", "The account balance is not enough for this order")
        self.balance -= amount
        made = Transaction(1_000_000 + len(self.transactions), identifier, product, quantity, unit, amount, self.clock())
        self.transactions[made.transaction_id] = made
        self.identifiers[identifier] = made.transaction_id
        return made

    def finish(self, transaction: Transaction) -> None:
        """Deliver it."""
        if transaction.status in ("PENDING", "PROCESSING"):
            transaction.status = "SUCCESSFUL"
            transaction.cards = [
                # A number as a JSON integer, as the vendor's own sample has it.
                {"cardNumber": secrets.randbelow(9 * 10**15) + 10**15, "pinCode": f"{secrets.randbelow(10**4):04d}"}
                for _ in range(transaction.quantity)
            ]

    def fail(self, transaction: Transaction) -> None:
        """It did not work out; the money comes back later, as a refund."""
        if transaction.status in ("PENDING", "PROCESSING"):
            transaction.status = "FAILED"

    def reverse(self, transaction: Transaction) -> None:
        """Give the money back."""
        if transaction.status in ("SUCCESSFUL", "FAILED"):
            transaction.status = "REFUNDED"
            self.balance += transaction.amount
