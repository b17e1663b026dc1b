"""What is handed to plugins never shows its secrets by accident; what they hand back is closed and frozen."""

import dataclasses
from datetime import UTC, datetime
from typing import get_args

import pytest

from perkhub import plugin
from perkhub.plugin import payment


def test_a_message_hides_whom_it_reaches_and_what_it_says():
    message = plugin.Message(
        plugin.ContactChannel.SMS, "+8613800000000", "Your code", "482913 is your code", locale="zh-CN", correlation_id="c1"
    )
    shown = f"{message!r} {message} {[message]}"
    for hidden in ("13800000000", "482913", "Your code"):
        assert hidden not in shown
    assert "SMS" in shown.upper()
    assert "c1" in shown


@pytest.mark.parametrize(
    "outcome", [*get_args(payment.PaymentOutcome), *get_args(payment.RefundLookupOutcome)], ids=lambda outcome: outcome.__name__
)
def test_outcomes_are_frozen_dataclasses_with_a_description(outcome: type):
    assert dataclasses.is_dataclass(outcome)
    assert outcome.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert outcome.__doc__
    assert not outcome.__doc__.startswith(f"{outcome.__name__}(")


def test_the_sums_are_closed():
    assert {one.__name__ for one in get_args(payment.PaymentOutcome)} == {"Pending", "Paid", "Failed", "NotFound", "Unknown"}
    refunds = {one.__name__ for one in get_args(payment.RefundOutcome)}
    assert refunds == {"RefundDone", "RefundPending", "RefundRejected", "RefundUnknown"}
    assert {one.__name__ for one in get_args(payment.RefundLookupOutcome)} == refunds | {"RefundNotFound"}


def test_paid_compares_by_value():
    at = datetime(2030, 1, 1, tzinfo=UTC)
    assert plugin.Paid(100, "CNY", "p1", at) == plugin.Paid(100, "CNY", "p1", at)


def test_a_title_speaks_both_languages():
    title = plugin.Title(en="Wallet", zh="钱包")
    assert [title.text(language) for language in ("zh", "zh-CN", "ZH_hant", "en", "fr")] == [
        "钱包",
        "钱包",
        "钱包",
        "Wallet",
        "Wallet",
    ]


def test_everything_public_is_offered_and_described():
    public = {name: getattr(plugin, name) for name in plugin.__all__}
    own = {name: value for name, value in public.items() if getattr(value, "__module__", "").startswith("perkhub.")}
    assert [name for name, value in own.items() if not (value.__doc__ or "").strip()] == []
    contract = {
        name
        for module in (payment, plugin.notifier)
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
    }
    assert contract - set(plugin.__all__) == set()
