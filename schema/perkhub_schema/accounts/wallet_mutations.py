"""What operators do about a wallet: correct it by hand, and record what was paid out of it."""

from uuid import UUID

import strawberry

from perkhub.accounts import PartyKind, Permission, ensure_parties
from perkhub.kit.db import Transaction
from perkhub.kit.errors import InvalidInput
from perkhub.kit.idempotency import once
from perkhub.ledger import InsufficientFunds, adjust_wallet, balances, pay_out_wallet
from perkhub_schema.accounts.wallets import WalletBalanceType, to_balance
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.kept import KEPT, TOLD
from perkhub_schema.graphql.money import MoneyInput
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import fingerprint


@strawberry.input(description="A correction of a wallet: of exactly one of `customerId` and `organisationId`.")
class WalletAdjustInput:
    idempotency_key: str = strawberry.field(description="New for each correction, the same for its repetitions.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Which customer's wallet.")
    organisation_id: strawberry.ID | None = strawberry.field(default=None, description="Which organisation's wallet.")
    amount: MoneyInput = strawberry.field(description="Added to the wallet; taken from it where it is negative.")
    reason: str = strawberry.field(
        description="For colleagues, at most 300 characters; the customer never sees it.", metadata=TOLD
    )


@strawberry.input(description="Money sent to the owner of a wallet: of exactly one of `customerId` and `organisationId`.")
class WalletPayOutInput:
    idempotency_key: str = strawberry.field(description="New for each payout, the same for its repetitions.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Out of which customer's wallet.")
    organisation_id: strawberry.ID | None = strawberry.field(default=None, description="Out of which organisation's wallet.")
    amount: MoneyInput = strawberry.field(description="How much was sent; no more than is in the wallet.")
    evidence: str = strawberry.field(
        description="The bank's number of the transfer: up to 64 of A-Z, a-z, 0-9 and '._:/#-'. Kept for good.", metadata=KEPT
    )


@strawberry.type(description="The wallet after the correction.")
class WalletAdjustPayload:
    wallet: WalletBalanceType | None = strawberry.field(default=None, description="The wallet in the corrected currency.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The wallet after the payout.")
class WalletPayOutPayload:
    wallet: WalletBalanceType | None = strawberry.field(default=None, description="The wallet in the currency paid out.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(requires(Permission.ADJUST_WALLETS), "Correct a wallet by hand: credit it, or debit it down to its floor.")
async def wallet_adjust(info: Info, input: WalletAdjustInput) -> WalletAdjustPayload:
    party, owner, path = _owner_of_wallet(input)
    amount, reason = input.amount.to_money("amount"), input.reason.strip()
    if not reason:
        raise InvalidInput(path=("reason",), reason="Say why.", reason_zh="请填写原因。")
    actor = info.context.identity.actor

    async def work(tx: Transaction, result: UUID) -> UUID:
        await ensure_parties({party: owner}, path)
        await adjust_wallet(tx, party, amount, reference=result, actor=actor, reason=reason, owner=owner)
        return result

    await once(actor, "walletAdjust", key=input.idempotency_key, request=fingerprint(input), work=work, replay=_itself)
    return WalletAdjustPayload(wallet=await _wallet(party, amount.currency))


@mutation(
    requires(Permission.ADJUST_WALLETS),
    "Record that money of a wallet was sent to its owner by the bank; of a frozen or nameless wallet, too.",
)
async def wallet_pay_out(info: Info, input: WalletPayOutInput) -> WalletPayOutPayload:
    party, owner, path = _owner_of_wallet(input)
    amount, actor = input.amount.to_money("amount"), info.context.identity.actor

    async def work(tx: Transaction, result: UUID) -> UUID:
        await ensure_parties({party: owner}, path, even_erased=True)
        await pay_out_wallet(tx, party, amount, evidence=input.evidence, reference=result, actor=actor, owner=owner)
        return result

    try:
        await once(actor, "walletPayOut", key=input.idempotency_key, request=fingerprint(input), work=work, replay=_itself)
    except InsufficientFunds as refused:
        refused.path = ("amount",)
        raise
    return WalletPayOutPayload(wallet=await _wallet(party, amount.currency))


async def _itself(result: UUID) -> UUID:
    return result


async def _wallet(party: UUID, currency: str) -> WalletBalanceType:
    return next(to_balance(one) for one in await balances(party) if one.balance.currency == currency)


def _owner_of_wallet(given: WalletAdjustInput | WalletPayOutInput) -> tuple[UUID, PartyKind, str]:
    """Whose wallet, what they are, and where that was said."""
    if given.customer_id is not None and given.organisation_id is None:
        return local_id(Kind.CUSTOMER, given.customer_id, "customerId"), PartyKind.CUSTOMER, "customerId"
    if given.organisation_id is not None and given.customer_id is None:
        return local_id(Kind.ORGANISATION, given.organisation_id, "organisationId"), PartyKind.ORGANISATION, "organisationId"
    raise InvalidInput(
        path=("customerId",),
        reason="Give either customerId or organisationId.",
        reason_zh="请提供 customerId 或 organisationId 之一。",
    )


@strawberry.type
class WalletMutations:
    wallet_adjust = wallet_adjust
    wallet_pay_out = wallet_pay_out
