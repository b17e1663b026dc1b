"""Sending a one-time code: opened in memory, handed to the notifier, erased from its row."""

from uuid import UUID

from perkhub.accounts import CodeToDeliver, forget_plain_code, open_for_delivery
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction, transact
from perkhub.notices.notifiers import notifier_for
from perkhub.notices.sending import CHANNELS, begin_notice, give_up, hand_over, note_sent
from perkhub.notices.texts import code_text
from perkhub.plugin.notifier import ContactChannel, Message

ONE_TIME_CODE = "one_time_code"


async def send_one_time_code(code_id: UUID) -> None:
    """Send the code, once; called again for the same code it does nothing, or tries again what failed.

    Takes no transaction: nothing is held open while the notifier works.

    Raises:
        NotSentYet: try again later. A code that has grown too old by then is given up without an error.
    """
    opened = await open_for_delivery(code_id)
    if opened is None:
        await transact(lambda tx: _give_up(tx, code_id))
        return
    channel = CHANNELS[opened.contact.kind]
    notifier = notifier_for(channel)
    notice_id = await transact(lambda tx: begin_notice(tx, ONE_TIME_CODE, code_id, channel=channel, notifier=notifier))
    if notice_id is not None:
        await hand_over(notifier, _message(opened, channel))
        await transact(lambda tx: _sent(tx, code_id, notice_id))


async def _sent(tx: Transaction, code_id: UUID, notice_id: UUID) -> None:
    await forget_plain_code(tx, code_id)
    await note_sent(tx, notice_id)


async def _give_up(tx: Transaction, code_id: UUID) -> None:
    """Too old, or used meanwhile."""
    await forget_plain_code(tx, code_id)
    await give_up(tx, ONE_TIME_CODE, code_id, why="code_no_longer_valid")


def _message(opened: CodeToDeliver, channel: ContactChannel) -> Message:
    text = code_text(opened.purpose, opened.code, valid_for=opened.expires_at - now(), locale=opened.locale)
    return Message(
        channel=channel,
        destination=opened.contact.value,
        subject=text.subject if channel is ContactChannel.EMAIL else "",
        text=text.body,
        locale=opened.locale,
        correlation_id=correlation_id(),
    )
