"""Every refusal of the domain can be told: its code is in the schema, and its data, if it is for programs, has a type."""

import inspect
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest

from perkhub.accounts import CodeWrong, InvitationSentTooOften, TooManyCodes
from perkhub.campaigns import (
    CampaignInvalid,
    CampaignLimitReached,
    CampaignNotOpen,
    CampaignQueued,
    CampaignRefused,
    CampaignSoldOut,
)
from perkhub.campaigns.bargains import CutsSpent
from perkhub.campaigns.coupons import CouponExpired
from perkhub.catalog import BuyerInputInvalid, LimitReached, VersionMoved
from perkhub.kit.errors import LANGUAGES, DomainError, every_error
from perkhub.kit.money import Money
from perkhub.ledger import InsufficientFunds
from perkhub.orders import HoldLimitReached, RefundWindowClosed
from perkhub.pricing import PriceMoved
from perkhub.vault import OutOfStock
from perkhub_schema.graphql.errors import ERROR_TYPES, TABLE, ErrorCode, to_error
from perkhub_schema.schema import schema
from tests.house.test_errors import holes
from tests.house.tree import PACKAGES, every_module

every_module(*PACKAGES)
ERRORS = [error for error in every_error() if error.__module__.startswith("perkhub")]
# What these say besides their code only completes the sentence for people. A new error is in the table, or named here.
FOR_PEOPLE = {
    "ALREADY_NAMED",
    "BASKET_INVALID",
    "BENEFIT_OVER",
    "CAMPAIGN_NOT_MOVABLE",
    "CELL_TOO_LONG",
    "COLUMNS_UNKNOWN",
    "COLUMN_MISSING",
    "CURRENCY_MISMATCH",
    "ENTITLEMENT_NOT_REVEALABLE",
    "EVERY_ROW_REFUSED",
    "FACE_VALUE_INVALID",
    "FILE_TOO_LARGE",
    "HEADER_REPEATED",
    "IMAGE_TOO_DEMANDING",
    "IMAGE_TOO_LARGE",
    "INVALID_INPUT",
    "INVITATION_FOR_ANOTHER",
    "MECHANIC_BROKEN",
    "NOT_FOUND",
    "OFFER_NOT_MAPPABLE",
    "ORDER_NOT_CANCELLABLE",
    "ORDER_NOT_PAYABLE",
    "ORGANISATION_DECIDED",
    "PASSWORD_TOO_WEAK",
    "PAYMENT_METHOD_UNKNOWN",
    "PAYMENT_NOT_STARTED",
    "QUOTES_BROKEN",
    "SUPPLIER_NOT_ANSWERING",
    "SUPPLIER_ORDER_SETTLED",
    "SUPPLIER_UNKNOWN",
    "ROWS_REFUSED",
    "SHEET_COLUMNS_UNKNOWN",
    "SHEET_COLUMN_REPEATED",
    "SHEET_PRODUCTS_UNTAKEN",
    "SHEET_ROWS_REFUSED",
    "TABLE_TOO_LONG",
    "TABLE_TOO_WIDE",
    "WALLET_NOT_EMPTY",
    "TOO_MANY_MEDIA",
}
MADE: list[DomainError] = [
    OutOfStock(available=3, path=("lines", "0")),
    OutOfStock(),
    LimitReached(limit=5, remaining=2),
    BuyerInputInvalid("phone", "Not in the form that is asked for.", "格式不正确。", path=("lines", "0", "buyerInputs")),
    PriceMoved(now=Money(1990, "CNY")),
    InsufficientFunds(shortfall=Money(1, "JPY")),
    VersionMoved(version=7),
    HoldLimitReached(limit=5),
    CodeWrong(2, path=("code",)),
    TooManyCodes(30),
    InvitationSentTooOften(30, path=("contact",)),
    CampaignInvalid(path=("mechanic", "flashSale"), reason="No.", reason_zh="不行。", rule="SAMR order 32"),
    CampaignNotOpen(starts_at=datetime(2027, 1, 31, 16, tzinfo=UTC), path=("lines", "0", "campaign")),
    CampaignSoldOut(available=2),
    CutsSpent(limit=3),
    CouponExpired(ended_at=datetime(2027, 1, 31, 16, tzinfo=UTC), path=("code",)),
    CampaignLimitReached(limit=3),
    CampaignQueued(ticket="AAAA", position=3, retry_after_ms=200, path=("lines", "0", "campaign")),
    CampaignRefused(reason="other_variant", text="Not that.", text_zh="不是它。"),
    RefundWindowClosed(until=datetime(2027, 1, 31, 15, 59, 59, tzinfo=UTC), path=("orderId",)),
]


def carries_data(error: type[Any]) -> bool:
    """Whether it says anything that varies, besides where it stands."""
    told = set(inspect.signature(error).parameters) - {"path", "data"} if "__init__" in vars(error) else set()
    return bool(told | holes(error, "en") | holes(error, "zh"))


def test_every_code_is_in_the_schema():
    assert {error.code for error in ERRORS} == set(ErrorCode.__members__)
    assert set(schema._schema.type_map["ErrorCode"].values) == set(ErrorCode.__members__)


def test_every_error_with_data_is_in_the_table_or_for_people_alone():
    told = {error.code for error in TABLE}
    assert {error.code for error in ERRORS if carries_data(error)} - told == FOR_PEOPLE
    assert told & FOR_PEOPLE == set()


def test_every_row_of_the_table_is_tried_here():
    assert {type(error) for error in MADE} == set(TABLE)


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_told_with_its_data(error: DomainError, language: str):
    told = to_error(error, language)
    assert type(told) is TABLE[type(error)][0]
    assert told.code.name == error.code
    assert told.message == error.message(language)
    assert told.path == (["input", *error.path] if error.path else None)
    data = TABLE[type(error)][1](error.data)
    assert {name: getattr(told, name) for name in data} == data
    # All that its type has beyond the interface is filled from the error.
    beyond = get_type_hints(TABLE[type(error)][0]).keys() - {"code", "message", "path"}
    assert set(data) == beyond


def test_every_type_of_error_can_be_answered():
    kinds = {kind.__strawberry_definition__.name for kind in ERROR_TYPES}
    possible = {kind.name for kind in schema._schema.get_possible_types(schema._schema.type_map["Error"])}
    assert kinds == possible
