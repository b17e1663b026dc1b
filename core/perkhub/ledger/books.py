"""The books of the house. Signs: a book's balance is the sum of its entries; what we owe to others is positive."""

from enum import StrEnum, auto


class Book(StrEnum):
    """Where an entry stands. Only PARTY entries name an account."""

    PARTY = auto()  # a party's wallet: money we owe it
    CLEARING = auto()  # payment gateways: negative while they hold money for us
    UNAPPLIED = auto()  # money that came in and belongs to no order yet
    DEFERRED = auto()  # paid for, not issued
    REVENUE = auto()  # earned at issue
    INVENTORY = auto()  # codes in the vault, at cost: negative while we hold them
    COST = auto()  # cost of what was issued
    PAYABLE = auto()  # owed to suppliers for what came into the vault
    REFUNDING = auto()  # promised back, on its way through a gateway
    LOSS = auto()  # refunded although the code was already seen; goodwill
    PAID_OUT = auto()  # sent to a party by other ways than a gateway, with its evidence in wallet_payout
    ADJUSTMENT = auto()  # an operator's correction of a wallet, with its reason in wallet_adjustment
    PREPAID = auto()  # what was bought of suppliers against the money that lies there, without a floor
    EXPOSURE = auto()  # what a supplier may yet charge for an order that was given up while nobody knew
    ROUNDING = auto()  # between an order's cost and those of its codes, each rounded by itself
