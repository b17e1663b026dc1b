"""Why something could not be priced.

BasketInvalid   no lines, too many, a quantity out of range, one variant twice
BenefitOver     it was good until a day that is over
PriceMoved      the total is not what the buyer saw
PriceListEnded  an archived list is not changed any more
"""

from datetime import date

from perkhub.kit.errors import DomainError
from perkhub.kit.money import Money


class BasketInvalid(DomainError):
    code = "BASKET_INVALID"
    en = "{reason}"
    zh = "{reason_zh}"

    def __init__(self, reason: str, reason_zh: str, *, path: tuple[str, ...]) -> None:
        super().__init__(path=path, reason=reason, reason_zh=reason_zh)


class BenefitOver(DomainError):
    code = "BENEFIT_OVER"
    en = "This benefit was good until {until}, and is not sold any more."
    zh = "该权益有效期至 {until},现已停止销售。"

    def __init__(self, *, until: date, path: tuple[str, ...]) -> None:
        super().__init__(path=path, until=until)


class PriceMoved(DomainError):
    code = "PRICE_MOVED"
    en = "The total is now {total} {currency}. Show it to the buyer, then order again with the new expected total."
    zh = "当前总价为 {total} {currency},请确认后重新下单。"

    def __init__(self, *, now: Money) -> None:
        super().__init__(path=("expectedTotal",), total=str(now.amount), currency=now.currency)


class PriceListEnded(DomainError):
    code = "PRICE_LIST_ENDED"
    en = "This price list is archived, for good. Make a new one."
    zh = "该价格表已归档,无法再修改,请新建价格表。"

    def __init__(self) -> None:
        super().__init__(path=("priceListId",))
