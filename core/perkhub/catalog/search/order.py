"""The orders a list can have, and the cursors that name a place in one of them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto
from uuid import UUID

import orjson

from perkhub.catalog.search.errors import CursorOfAnotherOrder
from perkhub.kit.errors import InvalidInput

LONGEST_CURSOR = 2000
Key = str | int | Decimal


class Sort(StrEnum):
    """How a list is ordered. Products that are equal in it follow each other by age."""

    RELEVANCE = auto()
    NEWEST = auto()
    OLDEST = auto()
    NAME_ASC = auto()
    NAME_DESC = auto()
    PRICE_ASC = auto()
    PRICE_DESC = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """A sort of one list: `name` tells it from every list whose cursors mean something else. `kind` is its key's SQL type;
    without one, the product's id alone is the key."""

    sort: Sort
    name: str
    kind: str | None
    descending: bool

    def direction(self, *, backwards: bool) -> str:
        """As SQL says it."""
        return "DESC" if self.descending != backwards else "ASC"

    def beyond(self, *, backwards: bool) -> str:
        """The operator for what comes after a place."""
        return "<" if self.descending != backwards else ">"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a product stands in an order: its key there, and its id."""

    key: Key | None
    id: UUID


def order_of(sort: Sort, *, language: str = "en", searched: str = "") -> Order:
    """The order of a list; `searched` stands for the words that relevance is about."""
    if sort in (Sort.NEWEST, Sort.OLDEST):
        return Order(sort, str(sort), None, sort is Sort.NEWEST)
    if sort in (Sort.NAME_ASC, Sort.NAME_DESC):
        return Order(sort, f"{sort}:{language}", "text", sort is Sort.NAME_DESC)
    if sort in (Sort.PRICE_ASC, Sort.PRICE_DESC):
        return Order(sort, str(sort), "numeric", sort is Sort.PRICE_DESC)
    return Order(sort, f"{sort}:{searched}", "int", True)


def to_cursor(order: Order, place: Place) -> str:
    """Opaque to clients."""
    key = str(place.key) if isinstance(place.key, Decimal) else place.key
    return urlsafe_b64encode(orjson.dumps([order.name, key, place.id.hex])).decode().rstrip("=")


def to_place(order: Order, cursor: str, argument: str) -> Place:
    """The place that a cursor stands for.

    Raises:
        InvalidInput: it is none. CursorOfAnotherOrder: it is one of another list. Both name the argument.
    """
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError
        name, key, product = orjson.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if not isinstance(name, str):
            raise ValueError
        if name != order.name:
            raise CursorOfAnotherOrder(path=(argument,))
        return Place(_key(order, key), UUID(hex=product))
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        raise InvalidInput(path=(argument,), reason="Not a cursor of this list.", reason_zh="游标无效。") from None


def _key(order: Order, key: object) -> Key | None:
    match order.kind, key:
        case None, None:
            return None
        case "text", str() if "\x00" not in key and key.isprintable():
            return key
        case "int", int() if abs(key) < 2**31 and not isinstance(key, bool):
            return key
        case "numeric", str() if len(key) <= 40:
            number = Decimal(key)
            if (number.is_finite() and abs(number.adjusted()) <= 40) or number.is_infinite():
                return number
    raise ValueError
