"""What a product promises: how long it is good for, and when its money comes back."""

from dataclasses import dataclass
from datetime import date, datetime

from perkhub.catalog.models import RefundKind, ValidityKind
from perkhub.kit.errors import InvalidInput
from perkhub.kit.moments import end_of_day, end_of_day_after, refuse_odd_day

LONGEST_VALIDITY = 3650


@dataclass(frozen=True, slots=True)
class Validity:
    """How long the benefit is good for: as its code says, so many days from delivery, or until a day."""

    kind: ValidityKind = ValidityKind.AS_PRINTED
    days: int | None = None
    until: date | None = None

    def ends(self, delivered_at: datetime, zone: str) -> datetime | None:
        """The last moment of what is delivered then, where the code itself does not end before; None: it says nothing."""
        if self.days is not None:
            return end_of_day_after(delivered_at, self.days, zone)
        return None if self.until is None else end_of_day(self.until, zone)


AS_PRINTED = Validity()


@dataclass(frozen=True, slots=True)
class RefundPolicy:
    """When a buyer may have the money back on their own word. A code that was seen never comes back this way."""

    kind: RefundKind = RefundKind.UNSEEN
    days: int | None = None

    def ends(self, paid_at: datetime, zone: str) -> datetime | None:
        """Until when the money may be asked back; None: for ever, or never."""
        return None if self.days is None else end_of_day_after(paid_at, self.days, zone)


UNTIL_SEEN = RefundPolicy()


def refuse_odd_validity(validity: Validity) -> None:
    """Go on with a validity that says what its kind needs, and nothing else.

    Raises:
        InvalidInput.
    """
    _refuse_odd_days(validity.days, "validity", needed=validity.kind is ValidityKind.FROM_DELIVERY)
    if (validity.until is not None) != (validity.kind is ValidityKind.UNTIL):
        reason, reason_zh = "A day goes with the kind UNTIL, and with no other.", "仅 UNTIL 类型须填写截止日期。"
        raise InvalidInput(path=("validity", "until"), reason=reason, reason_zh=reason_zh)
    refuse_odd_day(validity.until, "validity", "until")


def refuse_odd_refund(policy: RefundPolicy) -> None:
    """Go on with a refund policy that says what its kind needs, and nothing else.

    Raises:
        InvalidInput.
    """
    _refuse_odd_days(policy.days, "refundPolicy", needed=policy.kind is RefundKind.WITHIN_DAYS)


def _refuse_odd_days(days: int | None, field: str, *, needed: bool) -> None:
    if (days is not None) != needed:
        needing = "FROM_DELIVERY" if field == "validity" else "WITHIN_DAYS"
        reason, reason_zh = f"Days go with the kind {needing}, and with no other.", f"仅 {needing} 类型须填写天数。"
        raise InvalidInput(path=(field, "days"), reason=reason, reason_zh=reason_zh)
    if days is not None and not 1 <= days <= LONGEST_VALIDITY:
        reason, reason_zh = f"Between 1 and {LONGEST_VALIDITY} days.", f"须在 1 至 {LONGEST_VALIDITY} 天之间。"
        raise InvalidInput(path=(field, "days"), reason=reason, reason_zh=reason_zh)
