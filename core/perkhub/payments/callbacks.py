"""Gateways' callbacks: a hint to look a payment up, never more. A forged or repeated one changes nothing."""

from collections.abc import Mapping

from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import NotFound
from perkhub.kit.ids import new_id
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.outbox import enqueue
from perkhub.kit.sealing import seal
from perkhub.payments.gateway import payment_by_reference
from perkhub.payments.methods import gateways
from perkhub.plugin.payment import Acknowledgement

# The nonce is unique per gateway: a replayed callback is acknowledged and does nothing.
KEEP = """
    INSERT INTO gateway_callback (id, method, nonce, our_reference, sealed, received_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (method, nonce) DO NOTHING RETURNING id
"""
ERASE = "UPDATE gateway_callback SET sealed = NULL WHERE our_reference = $1 AND sealed IS NOT NULL"


async def receive_callback(method: str, headers: Mapping[str, str], body: bytes) -> Acknowledgement:
    """Check a callback, keep it sealed, and accept the job that looks its payment up.

    Raises:
        NotFound: no such gateway here.
        CallbackForged: signature, window, nonce or form are wrong; nothing is kept.
    """
    plugin = gateways().get(method)
    if plugin is None:
        raise NotFound("payment method", "支付方式")
    hint = plugin.read_callback(headers, body)
    payment = await payment_by_reference(hint.our_reference, method=method)
    if payment is not None:
        key = keyring().house_key(HouseKey.CALLBACK)
        callback = new_id()
        sealed = seal(key, body, associated=("callback", callback))

        async def keep(tx: Transaction) -> None:
            kept = await tx.value(KEEP, callback, method, hint.nonce, hint.our_reference, sealed, now())
            if kept is not None:
                enqueue(tx, "payments.settle", payment_id=payment)

        await transact(keep)
    return plugin.acknowledge()


async def erase_callbacks(tx: Transaction, reference: str) -> None:
    """Forget the bodies once the payment they hinted at was looked up."""
    await tx.execute(ERASE, reference)
