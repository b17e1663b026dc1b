"""One message on its way: begun as a row, handed to the notifier with no transaction open, then recorded as sent.

A process that dies between the notifier's answer and our record sends the same message again: twice is better than never.
"""

import asyncio
from uuid import UUID

from perkhub.accounts import ContactKind
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.notices.errors import NotSent
from perkhub.notices.states import NOTICES, NoticeState
from perkhub.plugin.notifier import ContactChannel, Message, Notifier, NotSentYet

SECONDS_TO_SEND = 15
CHANNELS = {ContactKind.EMAIL: ContactChannel.EMAIL, ContactKind.PHONE: ContactChannel.SMS}

BEGIN = """
    INSERT INTO notice (id, kind, reference_id, channel, notifier, state, attempts, correlation_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)
    ON CONFLICT (kind, reference_id) DO UPDATE SET attempts = notice.attempts + 1, notifier = excluded.notifier
    WHERE notice.state = 'queued'
    RETURNING id
"""
WAITING = "SELECT id FROM notice WHERE kind = $1 AND reference_id = $2 AND state = 'queued'"


async def begin_notice(
    tx: Transaction, kind: str, reference: UUID, *, channel: ContactChannel, notifier: Notifier
) -> UUID | None:
    """The notice to send; None when it was sent, or is given up."""
    born = str(NOTICES.birth(NoticeState.QUEUED))
    begun: UUID | None = await tx.value(
        BEGIN, new_id(), kind, reference, str(channel), notifier.key, born, correlation_id(), now()
    )
    return begun


async def hand_over(notifier: Notifier, message: Message) -> None:
    """Let the notifier send it.

    Raises:
        NotSentYet: try again later.
    """
    try:
        async with asyncio.timeout(SECONDS_TO_SEND):
            await notifier.send(message)
    except NotSentYet:
        raise
    except Exception as fault:
        # From None: the fault's own text and traceback may show the code.
        raise NotSent(notifier.key, type(fault).__name__) from None


async def note_sent(tx: Transaction, notice: UUID) -> None:
    """The notifier has it."""
    await NOTICES.move_many(tx, [notice], NoticeState.SENT, event=None, sent_at=now())


async def give_up(tx: Transaction, kind: str, reference: UUID, *, why: str) -> None:
    """A notice that still waits has failed. Where none was begun, none is made."""
    waiting = await tx.value(WAITING, kind, reference)
    if waiting is not None:
        await NOTICES.move_many(tx, [waiting], NoticeState.FAILED, event=None, failure=why)
