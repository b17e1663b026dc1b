"""What a unit price and a face value may be."""

from decimal import Decimal

from perkhub.kit.errors import InvalidInput
from perkhub.kit.money import UNIT_PLACES

LARGEST_PRICE = Decimal(10**9)


def refuse_odd_price(price: Decimal, *path: str, zero_allowed: bool = False) -> None:
    """Go on with a price that is not negative, not huge, and of at most six decimal places.

    Raises:
        InvalidInput: with the path.
    """
    if not price.is_finite() or price < 0 or (price == 0 and not zero_allowed) or price > LARGEST_PRICE:
        least, least_zh = ("from 0", "不小于 0") if zero_allowed else ("above 0", "大于 0")
        reason_zh = f"须{least_zh}且不超过 {LARGEST_PRICE}。"
        raise InvalidInput(path=path, reason=f"A price {least} up to {LARGEST_PRICE}.", reason_zh=reason_zh)
    if price != price.quantize(UNIT_PLACES):
        raise InvalidInput(path=path, reason="At most six decimal places.", reason_zh="最多六位小数。")
