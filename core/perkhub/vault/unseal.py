"""Opening codes: between unseal and its rightful reader a plain code exists only in memory."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.kit.db import Transaction
from perkhub.kit.keys import keyring
from perkhub.kit.sealing import unseal
from perkhub.vault.claim import SealedCode
from perkhub.vault.credentials import Credential, from_bytes
from perkhub.vault.sql import READ_SEALED

FIELD = "credentials"


async def read_sealed(tx: Transaction, codes: Sequence[UUID]) -> list[SealedCode]:
    """The sealed codes, in the order of their ids."""
    return [
        SealedCode(row["id"], row["lot_id"], row["data_key_id"], row["sealed"])
        for row in await tx.rows(READ_SEALED, list(codes))
    ]


async def unseal_credentials(code: SealedCode) -> list[Credential]:
    """The typed credentials of one code. The caller has recorded the reveal, and commits before it shows them."""
    key = await keyring().data_key(code.data_key_id)
    return from_bytes(unseal(key, code.sealed, associated=(code.lot_id, code.code_id, FIELD)))
