"""What somebody says of many products at once: each named by its reference or slug, made where it is not there yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any
from uuid import UUID

from perkhub.catalog.listings import ListingDraft
from perkhub.kit.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Amended:
    """Some entries of a mapping, in place of the whole of it: those that are not named stay, None takes one away."""

    entries: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something of a draft that could not be read, and is not in it."""

    path: tuple[str, ...]
    reason: str
    reason_zh: str

    def refusal(self) -> InvalidInput:
        """As it is told."""
        return InvalidInput(path=self.path, reason=self.reason, reason_zh=self.reason_zh)


@dataclass(frozen=True, slots=True)
class ListingUpsert:
    """How a channel shall sell the variant, said in full but for the fields that are `unsaid`: these stay as they are."""

    channel_id: UUID
    listing: ListingDraft
    expected_version: int | None = None
    unsaid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class VariantUpsert:
    """A buyable form, by `external_reference` or `sku`; `changes` by the names of the draft's fields, what is missing stays."""

    changes: Mapping[str, Any]
    listings: tuple[ListingUpsert, ...] = ()
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ProductUpsert:
    """A product, by `external_reference` or `slug`; `changes` by the names of the draft's fields, what is missing stays.

    Variants that are not named stay as they are.
    """

    changes: Mapping[str, Any]
    variants: tuple[VariantUpsert, ...] = ()
    expected_version: int | None = None
    faults: tuple[Unreadable, ...] = ()


class Outcome(StrEnum):
    """What came of a row, or would."""

    CREATED = auto()
    CHANGED = auto()
    UNCHANGED = auto()
    LEFT_OUT = auto()
