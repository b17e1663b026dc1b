"""Wallets on the wire: what is in them, and what moved."""

from datetime import datetime

import strawberry

from perkhub.accounts import IdentityKind
from perkhub.kit.errors import InvalidInput
from perkhub.ledger import Balance, Movement
from perkhub_schema.accounts.loaders import load_reasons
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import MoneyType, to_money

ADJUSTMENT = "wallet.adjust"
# What the reference of each kind of movement is the id of.
ABOUT = {"order.paid": Kind.ORDER, "refund": Kind.REFUND, "top_up": Kind.PAYMENT, "payment.review": Kind.PAYMENT}


@strawberry.type(name="WalletBalance", description="What a customer has with the shop in one currency.")
class WalletBalanceType:
    balance: MoneyType = strawberry.field(description="What is there.")
    spendable: MoneyType = strawberry.field(description="What can be spent: down to the wallet's floor.")
    frozen: bool = strawberry.field(description="Whether spending is stopped.")


def to_balance(balance: Balance) -> WalletBalanceType:
    """The balance on the wire."""
    return WalletBalanceType(balance=to_money(balance.balance), spendable=to_money(balance.spendable), frozen=balance.frozen)


@strawberry.type(name="WalletMovement", description="Money that came into a wallet, or left it.")
class WalletMovementType:
    movement: strawberry.Private[Movement]

    @strawberry.field(description="Why it moved: order.paid, refund, top_up, payment.review, wallet.adjust, wallet.pay_out.")
    def kind(self) -> str:
        return self.movement.kind

    @strawberry.field(description="When.")
    def at(self) -> datetime:
        return self.movement.at

    @strawberry.field(description="How much: negative where it left.")
    def amount(self) -> MoneyType:
        return to_money(self.movement.amount)

    @strawberry.field(description="Id of the order, refund or payment that it was for; null for an adjustment by staff.")
    def about_id(self) -> strawberry.ID | None:
        kind = ABOUT.get(self.movement.kind)
        return None if kind is None else global_id(kind, self.movement.reference_id)

    @strawberry.field(description="What staff noted on their adjustment; null for customers.")
    async def reason(self, info: Info) -> str | None:
        # Whoever is no customer sees movements by READ_LEDGER only. What is noted about a customer is not for them.
        if self.movement.kind != ADJUSTMENT or info.context.identity.kind in (IdentityKind.CUSTOMER, IdentityKind.ANONYMOUS):
            return None
        reason: str | None = await info.context.loader(load_reasons).load(self.movement.reference_id)
        return reason or None


def to_movement(movement: Movement) -> WalletMovementType:
    """The movement on the wire."""
    return WalletMovementType(movement=movement)


def cursor_number(after: str | None) -> int | None:
    """The place in a wallet's movements that a cursor of ours stands for.

    Raises:
        InvalidInput: it is not one.
    """
    if after is None:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise InvalidInput(path=("after",), reason="Not a cursor of this list.", reason_zh="游标无效。")
    return int(after)
