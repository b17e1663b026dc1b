"""Why something is not for sale, or could not be set up.

ListingRefused
├── NotListed           not sold in this channel, or not at this time
├── QuotaReached        the listing's quota leaves fewer than asked
├── LimitReached        this party's limit on the listing, counted across orders, unpaid ones included
├── FaceValueInvalid    not one of the values that a buyer may choose
└── BuyerInputInvalid   what the product asks of its buyer is missing or cannot be
AlreadyNamed            a slug, SKU or external reference is taken
VersionMoved            somebody changed it since it was read
WouldCircle             a category cannot stand below itself
"""

from perkhub.kit.errors import AlreadyNamed, DomainError, VersionMoved

__all__ = [
    "AlreadyNamed",
    "BuyerInputInvalid",
    "FaceValueInvalid",
    "LimitReached",
    "ListingRefused",
    "NotListed",
    "QuotaReached",
    "VersionMoved",
    "WouldCircle",
]


class ListingRefused(DomainError):
    """A line of the basket cannot be sold; the path names the line."""


class NotListed(ListingRefused):
    code = "NOT_LISTED"
    en = "This variant is not on sale here now."
    zh = "该商品当前不在本渠道销售。"


class QuotaReached(ListingRefused):
    code = "QUOTA_REACHED"
    en = "Fewer are left of this offer than you asked for."
    zh = "该商品的可售数量不足。"


class LimitReached(ListingRefused):
    code = "LIMIT_REACHED"
    en = "One customer may buy {limit} of these; you can still take {remaining}. Unpaid orders count."
    zh = "每位顾客限购 {limit} 件,您还可购买 {remaining} 件(含未付款订单)。"

    def __init__(self, *, limit: int, remaining: int, path: tuple[str, ...] = ()) -> None:
        super().__init__(path=path, limit=limit, remaining=remaining)


class FaceValueInvalid(ListingRefused):
    code = "FACE_VALUE_INVALID"
    en = "{reason}"
    zh = "{reason_zh}"

    def __init__(self, reason: str, reason_zh: str, *, path: tuple[str, ...]) -> None:
        super().__init__(path=path, reason=reason, reason_zh=reason_zh)


class BuyerInputInvalid(ListingRefused):
    """Tells which input and why, and never what was typed."""

    code = "BUYER_INPUT_INVALID"
    en = "{reason}"
    zh = "{reason_zh}"

    def __init__(self, key: str | None, reason: str, reason_zh: str, *, path: tuple[str, ...]) -> None:
        super().__init__(path=path, key=key, reason=reason, reason_zh=reason_zh)


class WouldCircle(DomainError):
    code = "WOULD_CIRCLE"
    en = "A category cannot stand below itself or what is below it. Choose another parent."
    zh = "分类不能移动到自身或其下级分类之下,请选择其他上级。"
