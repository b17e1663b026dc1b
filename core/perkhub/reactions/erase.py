"""Erasing a person across the house: accounts at once, with the wallet; every other domain by a job of its own."""

from contextlib import suppress
from uuid import UUID

from perkhub.accounts import erase_customer
from perkhub.campaigns import forget_consents
from perkhub.entitlements import forget_inputs
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.jobs import Context, on
from perkhub.ledger import WalletNotEmpty, balances, forget_notes, freeze_wallet
from perkhub.orders import forget_buyer
from perkhub.payments import forget_payer
from perkhub.plugin.events import CustomerErased


async def erase_person(tx: Transaction, party: UUID) -> None:
    """Erase who a customer was, once nothing is owed to them: nobody could pay it out to a person without a name.

    Money that was on its way meanwhile, a top-up or a refund, still comes into their wallet. The audit tells of it, and
    `pay_out_wallet` pays it out.

    Raises:
        NotFound, WalletNotEmpty.
    """
    await erase_customer(tx, party)
    # Frozen first, which locks it: from here on nothing is spent, and what is counted is what is left.
    with suppress(NotFound):
        await freeze_wallet(tx, party, frozen=True)
    left = [one.balance for one in await balances(party) if one.balance]
    if left:
        raise WalletNotEmpty(", ".join(f"{one.amount} {one.currency}" for one in left), path=("customerId",))


def register_erasure() -> None:
    """Each domain erases its own, and is tried again alone where it fails."""
    on(CustomerErased, "entitlements.forget_inputs")(_forget_inputs)
    on(CustomerErased, "campaigns.forget_consents")(_forget_consents)
    on(CustomerErased, "orders.forget_buyer")(_forget_buyer)
    on(CustomerErased, "payments.forget_payer")(_forget_payer)
    on(CustomerErased, "ledger.forget_notes")(_forget_notes)


async def _forget_inputs(_: Context, event: CustomerErased) -> None:
    await forget_inputs(event.party_id)


async def _forget_consents(_: Context, event: CustomerErased) -> None:
    await forget_consents(event.party_id)


async def _forget_buyer(_: Context, event: CustomerErased) -> None:
    await forget_buyer(event.party_id)


async def _forget_payer(_: Context, event: CustomerErased) -> None:
    await forget_payer(event.party_id)


async def _forget_notes(_: Context, event: CustomerErased) -> None:
    await forget_notes(event.party_id)
