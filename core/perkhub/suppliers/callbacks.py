"""Suppliers' callbacks: which order is worth a look, and no more. A forged or repeated one changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import seal
from perkhub.plugin.errors import SettingsRefused
from perkhub.plugin.supplier import CallbackAnswer, CallbackForged, CallbackHint, offers
from perkhub.suppliers.accounts import Account, accounts_by_ids
from perkhub.suppliers.errors import SupplierUnknown
from perkhub.suppliers.guarded import word
from perkhub.suppliers.live import live
from perkhub.suppliers.orders import order_hinted_at

LONGEST_NONCE, LONGEST_REFERENCE = 64, 120
KEPT_FOR = timedelta(days=90)

# The nonce is unique for each account: a replayed callback is acknowledged and does nothing.
KEEP = """
    INSERT INTO supplier_callback (id, account_id, nonce, order_id, sealed, received_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, nonce) DO NOTHING RETURNING id
"""
ERASE = """
    UPDATE supplier_callback c SET sealed = NULL FROM unnest($1::uuid[], $2::timestamptz[]) AS l(order_id, until)
    WHERE c.order_id = l.order_id AND c.received_at <= l.until AND c.sealed IS NOT NULL
"""
FORGET = "DELETE FROM supplier_callback WHERE received_at < $1"


@dataclass(frozen=True, slots=True)
class Hint:
    """What a genuine callback is about: an order of ours, or the catalog; or nothing that we know."""

    account: Account
    nonce: str
    order: UUID | None
    catalog: bool
    answer: CallbackAnswer


async def read_callback(account_id: UUID, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Hint:
    """Let the plugin check a callback; whatever it raises or returns besides a hint is a forgery.

    Raises:
        NotFound: no such account, or its supplier never calls.
        CallbackForged: signature, window, nonce or form are wrong.
    """
    account = (await accounts_by_ids([account_id])).get(account_id)
    if account is None:
        raise NotFound("supplier account", "供应商账号")
    try:
        supplier = live(account).supplier
    except (SupplierUnknown, SettingsRefused):
        raise NotFound("supplier account", "供应商账号") from None
    if not offers(type(supplier), "verify_callback"):
        raise NotFound("supplier account", "供应商账号")
    try:
        hint = supplier.verify_callback(headers, query, body)
        answer = supplier.acknowledge()
    except CallbackForged as forged:
        raise CallbackForged(word(forged.reason)) from None
    except Exception as fault:
        raise CallbackForged(f"raised_{type(fault).__name__}") from None
    if not _is_decent(hint):
        raise CallbackForged("hint")
    order = await order_hinted_at(account.id, hint.reference, hint.supplier_reference)
    return Hint(account, hint.nonce, order, hint.catalog_sku is not None, answer)


async def keep_callback(tx: Transaction, hint: Hint, body: bytes) -> bool:
    """Keep it sealed; whether it is the first of its nonce."""
    callback = new_id()
    sealed = seal(keyring().house_key(HouseKey.CALLBACK), body, associated=("supplier_callback", callback))
    kept = await tx.value(KEEP, callback, hint.account.id, hint.nonce, hint.order, sealed, now())
    return kept is not None


def erase_callbacks_of(tx: Transaction, looked: Mapping[UUID, datetime]) -> None:
    """Forget what callbacks said until these times of orders that were looked up since; their nonces stay."""
    if looked:
        tx.later(ERASE, list(looked), list(looked.values()))


async def forget_callbacks() -> None:
    """A protocol's own window is far shorter than this: a nonce that old can come back and is refused by it."""
    await transact(lambda tx: tx.execute(FORGET, now() - KEPT_FOR))


def _is_decent(hint: object) -> bool:
    """A plugin's hint comes from outside as well: nothing of it may be longer or other than it can be."""
    if not isinstance(hint, CallbackHint) or not isinstance(hint.nonce, str) or not 0 < len(hint.nonce) <= LONGEST_NONCE:
        return False
    named = (hint.reference, hint.supplier_reference, hint.catalog_sku)
    return (
        all(one is None or (isinstance(one, str) and len(one) <= LONGEST_REFERENCE and "\x00" not in one) for one in named)
        and "\x00" not in hint.nonce
    )
