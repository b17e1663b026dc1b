"""Sending an invitation to an organisation: opened in memory, handed to the notifier, its token erased from its row."""

from uuid import UUID

from perkhub.accounts import InvitationToDeliver, forget_invitation_token, open_invitation_for_delivery
from perkhub.kit.clock import now
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import Transaction, transact
from perkhub.notices.notifiers import notifier_for
from perkhub.notices.sending import CHANNELS, begin_notice, give_up, hand_over, note_sent
from perkhub.notices.texts import invitation_text
from perkhub.plugin.notifier import ContactChannel, Message

INVITATION = "invitation"


async def send_invitation(invitation: UUID, sending: UUID) -> None:
    """Send this sending of an invitation, once; called again for the same one it does nothing, or tries what failed.

    Takes no transaction: nothing is held open while the notifier works.

    Raises:
        NotSentYet: try again later. What was sent again, or is over by then, is given up without an error.
    """
    opened = await open_invitation_for_delivery(invitation)
    if opened is None or opened.sending_id != sending:
        await transact(lambda tx: give_up(tx, INVITATION, sending, why="invitation_no_longer_valid"))
        return
    channel = CHANNELS[opened.contact.kind]
    notifier = notifier_for(channel)
    notice_id = await transact(lambda tx: begin_notice(tx, INVITATION, sending, channel=channel, notifier=notifier))
    if notice_id is not None:
        await hand_over(notifier, _message(opened, channel))
        await transact(lambda tx: _sent(tx, opened, notice_id))


async def _sent(tx: Transaction, opened: InvitationToDeliver, notice: UUID) -> None:
    await forget_invitation_token(tx, opened.invitation_id, opened.sending_id)
    await note_sent(tx, notice)


def _message(opened: InvitationToDeliver, channel: ContactChannel) -> Message:
    text = invitation_text(opened.organisation, opened.token, valid_for=opened.expires_at - now(), locale=opened.locale)
    return Message(
        channel=channel,
        destination=opened.contact.value,
        subject=text.subject if channel is ContactChannel.EMAIL else "",
        text=text.body,
        locale=opened.locale,
        correlation_id=correlation_id(),
    )
