"""Typed errors tell a person in their language what happened, and where, without repeating what was typed."""

import pytest

from perkhub.kit.errors import (
    AccessError,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooCostly,
    TooFast,
    every_error,
)


@pytest.mark.parametrize(
    ("error", "code", "english", "chinese"),
    [
        (NotFound("order", "订单"), "NOT_FOUND", "no such order", "找不到该订单"),
        (InvalidInput(path=("input",), reason="Too long.", reason_zh="太长。"), "INVALID_INPUT", "Too long.", "太长。"),
        (InvalidInput(path=("input",), reason="Too long."), "INVALID_INPUT", "Too long.", "Too long."),
        (NotSignedIn(), "NOT_SIGNED_IN", "Sign in", "请先登录"),
        (NotAllowed("orders.refund"), "NOT_ALLOWED", "orders.refund", "orders.refund"),
        (TooFast(7), "TOO_FAST", "7 seconds", "7 秒"),
        (TooCostly(9000, 2000), "TOO_COSTLY", "costs 9000; at most 2000", "9000,上限为 2000"),
    ],
)
def test_each_tells_its_story_in_two_languages(error: DomainError | AccessError, code: str, english: str, chinese: str) -> None:
    assert error.code == code
    assert english in error.message("en")
    assert chinese in error.message("zh")
    assert str(error) == error.message("en")


def test_an_unknown_language_is_answered_in_english() -> None:
    assert NotFound().message("fr") == NotFound().message("en")
    assert NotFound().message("code") == NotFound().message("en")


def test_a_reason_is_never_read_as_a_template() -> None:
    assert InvalidInput(path=(), reason="{path} {0} {reason}").message("en") == "{path} {0} {reason}"


def test_the_path_grows_from_the_inside_out() -> None:
    error = InvalidInput(path=("phone",), reason="Too short.")
    assert error.at("recipients", "3") is error
    assert error.at("input").path == ("input", "recipients", "3", "phone")
    assert NotFound().path == ()


def test_every_error_is_found_below_its_root() -> None:
    found = set(every_error())
    assert {InvalidInput, NotFound} <= found
    assert not found & set(every_error(AccessError))
    assert set(every_error(AccessError)) >= {NotSignedIn, NotAllowed, TooFast, TooCostly}


def test_a_class_without_a_code_of_its_own_only_groups() -> None:
    class Refused(DomainError):
        """Groups."""

    class SoldOut(Refused):
        code = "TEST_SOLD_OUT"
        en = "Sold out."
        zh = "已售罄。"

    try:
        assert SoldOut in set(every_error(Refused))
        assert Refused not in set(every_error())
    finally:
        del SoldOut.code  # or tests that look at all errors would meet it
