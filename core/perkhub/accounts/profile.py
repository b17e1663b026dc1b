"""What a customer says of themselves: a name, sealed like all that names a person, and the language of their messages."""

from uuid import UUID

from perkhub.accounts.locales import parse_locale
from perkhub.accounts.personal import seal_personal, unseal_personal
from perkhub.kit.db import Transaction
from perkhub.kit.errors import NotFound
from perkhub.kit.sealing import mask_name
from perkhub.kit.texts import refuse_odd_text

NAME_LENGTH = 80

LOCK = """
    SELECT 1 FROM customer cu JOIN party p ON p.id = cu.party_id
    WHERE cu.party_id = $1 AND p.erased_at IS NULL FOR NO KEY UPDATE OF cu, p
"""
SET_NAME = "UPDATE customer SET sealed_name = $2, masked_name = $3 WHERE party_id = $1"
SET_LOCALE = "UPDATE customer SET locale = $2 WHERE party_id = $1"


async def set_name(tx: Transaction, party_id: UUID, name: str | None) -> None:
    """Give oneself a name; none takes it away.

    Raises:
        InvalidInput, NotFound.
    """
    kept = (name or "").strip()
    refuse_odd_text(kept, "name", longest=NAME_LENGTH)
    await _lock(tx, party_id)
    if kept:
        await tx.execute(SET_NAME, party_id, seal_personal(kept, ("customer", party_id, "name")), mask_name(kept))
    else:
        await tx.execute(SET_NAME, party_id, None, None)


async def set_locale(tx: Transaction, party_id: UUID, locale: str) -> None:
    """Choose the language of one's messages.

    Raises:
        InvalidInput, NotFound.
    """
    spoken = parse_locale(locale)
    await _lock(tx, party_id)
    await tx.execute(SET_LOCALE, party_id, spoken)


def open_name(party_id: UUID, sealed: bytes | None) -> str | None:
    """The name in clear, for its rightful reader."""
    return None if sealed is None else unseal_personal(sealed, ("customer", party_id, "name"))


async def _lock(tx: Transaction, party_id: UUID) -> None:
    """Whoever was erased meanwhile gets no name again."""
    if await tx.value(LOCK, party_id) is None:
        raise NotFound("customer", "客户")
