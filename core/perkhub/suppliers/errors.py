"""Why a supplier account, an offer or a supplier order could not be set up, changed or asked.

SupplierUnknown         no such plugin is loaded
SupplierNotAnswering    the supplier did not answer, or refused the question
OfferNotMappable        the offer and the variant do not fit
OfferNotLive            it is not mapped, not available, or its account is paused
OrderSettled            nothing is to be decided about this supplier order
SecondPersonNeeded      who proposed a settlement may not approve it
SettlementMoved         somebody proposed something else meanwhile
DifferenceClosed        somebody has cleared it up, or it agrees by now
"""

from perkhub.kit.errors import DomainError


class SupplierUnknown(DomainError):
    code = "SUPPLIER_UNKNOWN"
    en = "No plugin for this supplier is loaded. Available: {available}."
    zh = "未加载该供应商插件,可用:{available}。"

    def __init__(self, *, available: str, path: tuple[str, ...] = ("settings",)) -> None:
        super().__init__(path=path, available=available or "-")


class SupplierNotAnswering(DomainError):
    code = "SUPPLIER_NOT_ANSWERING"
    en = "The supplier did not answer as it should ({reason}). Check the settings, or try again later."
    zh = "供应商未正常应答({reason}),请检查配置或稍后重试。"

    def __init__(self, *, reason: str, path: tuple[str, ...] = ("accountId",)) -> None:
        super().__init__(path=path, reason=reason)


class OfferNotMappable(DomainError):
    code = "OFFER_NOT_MAPPABLE"
    en = "{reason}"
    zh = "{reason_zh}"

    def __init__(self, reason: str, reason_zh: str, *, path: tuple[str, ...]) -> None:
        super().__init__(path=path, reason=reason, reason_zh=reason_zh)


class OfferNotLive(DomainError):
    code = "OFFER_NOT_LIVE"
    en = "Nothing can be bought by this offer now: it is not mapped or not available, or its account is paused."
    zh = "该供货项当前不可采购:未映射、无货,或所属账号已暂停。"


class OrderSettled(DomainError):
    code = "SUPPLIER_ORDER_SETTLED"
    en = "Nothing is to be decided about this supplier order: it is {state}."
    zh = "该采购单状态为 {state},无需人工处理。"

    def __init__(self, *, state: str) -> None:
        super().__init__(path=("supplierOrderId",), state=state.upper())


class SecondPersonNeeded(DomainError):
    code = "SECOND_PERSON_NEEDED"
    en = "A colleague has to approve this: who proposed it may not."
    zh = "须由另一位同事批准,提议人不能自行批准。"


class SettlementMoved(DomainError):
    code = "SETTLEMENT_MOVED"
    en = "Somebody proposed something else meanwhile, or took it back. Read the supplier order again."
    zh = "结算提议已被他人更改或撤回,请重新读取采购单。"


class DifferenceClosed(DomainError):
    code = "SUPPLIER_DIFFERENCE_CLOSED"
    en = "This difference was cleared up meanwhile, or both sides agree by now."
    zh = "该差异已处理,或双方数据现已一致。"
