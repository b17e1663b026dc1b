"""Why money did not move.

InsufficientFunds   the account would pass its floor
AccountFrozen       the party may not spend
AlreadyBooked       this reference was booked before; nothing was changed
WalletNotEmpty      there is money left, which somebody has to decide about
"""

from perkhub.kit.errors import DomainError
from perkhub.kit.money import Money


class InsufficientFunds(DomainError):
    code = "INSUFFICIENT_FUNDS"
    en = "The wallet holds too little: {shortfall} {currency} more is needed. Top it up, or pay another way."
    zh = "余额不足,还差 {shortfall} {currency}。请充值或选择其他支付方式。"

    def __init__(self, *, shortfall: Money) -> None:
        super().__init__(shortfall=str(shortfall.amount), currency=shortfall.currency)


class AccountFrozen(DomainError):
    code = "ACCOUNT_FROZEN"
    en = "This wallet is frozen. Ask the shop's support."
    zh = "该钱包已被冻结,请联系客服。"


class AlreadyBooked(DomainError):
    code = "ALREADY_BOOKED"
    en = "This was booked before."
    zh = "该笔款项已入账。"


class WalletNotEmpty(DomainError):
    code = "WALLET_NOT_EMPTY"
    en = "There is money left in the wallet: {left}. Pay it out to its owner first (walletPayOut)."
    zh = "钱包中仍有余额:{left}。请先将余额退还给本人(walletPayOut)。"

    def __init__(self, left: str, *, path: tuple[str, ...]) -> None:
        super().__init__(path=path, left=left)
