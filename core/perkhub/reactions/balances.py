"""Telling those who manage suppliers that too little lies at one: once for each fall, while it is still so."""

from perkhub.accounts import Permission, staff_who_may
from perkhub.kit.jobs import Context, on
from perkhub.notices import LowBalance, forget_low_balance, send_low_balance
from perkhub.plugin.events import SupplierBalanceLow
from perkhub.suppliers import Account, account_by_id


def register_balances() -> None:
    """Register everything."""
    on(SupplierBalanceLow, "notices.low_balance")(_tell)


async def _tell(context: Context, event: SupplierBalanceLow) -> None:
    """The event's own row is the fall: whatever tries again is about the same one."""
    account, fall = await account_by_id(event.account_id), context.row_id
    staff = await staff_who_may(Permission.MANAGE_SUPPLIERS)
    low = _low(account)
    if low is None:
        await forget_low_balance(fall, staff)
    else:
        await send_low_balance(fall, low, staff)


def _low(account: Account) -> LowBalance | None:
    """How little lies there; None where there is enough by now, or nobody wants to be told any more."""
    amount, wanted, currency = account.balance, account.balance_wanted, account.balance_currency
    if account.balance_low_since is None or amount is None or wanted is None or currency is None:
        return None
    return LowBalance(account.name, amount, wanted, currency)
