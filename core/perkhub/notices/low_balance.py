"""Telling staff that too little lies at a supplier: each of them once for each fall, by e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid5

from perkhub.accounts import Colleague
from perkhub.kit.correlation import correlation_id
from perkhub.kit.db import transact
from perkhub.kit.settings import settings
from perkhub.notices.notifiers import notifier_for
from perkhub.notices.sending import begin_notice, give_up, hand_over, note_sent
from perkhub.notices.texts import low_balance_text
from perkhub.plugin.notifier import ContactChannel, Message, Notifier, NotSentYet

LOW_BALANCE = "low_balance"


@dataclass(frozen=True)
class LowBalance:
    """At which account how much lies, and how much shall."""

    account: str
    amount: Decimal
    wanted: Decimal
    currency: str


async def send_low_balance(fall: UUID, low: LowBalance, to: Sequence[Colleague]) -> None:
    """Tell each of them, once; called again for the same fall, those alone whom it did not reach.

    Takes no transaction: nothing is held open while the notifier works.

    Raises:
        NotSentYet: try again later. One who cannot be reached keeps it from no other.
    """
    notifier = notifier_for(ContactChannel.EMAIL)
    failed: NotSentYet | None = None
    for colleague in to:
        try:
            await _send(fall, low, colleague, notifier)
        except NotSentYet as not_yet:
            failed = not_yet
    if failed is not None:
        raise failed


async def forget_low_balance(fall: UUID, to: Sequence[Colleague]) -> None:
    """There is enough again: whom it has not reached is not told any more."""
    for colleague in to:
        await transact(partial(give_up, kind=LOW_BALANCE, reference=_reference(fall, colleague), why="enough_again"))


async def _send(fall: UUID, low: LowBalance, colleague: Colleague, notifier: Notifier) -> None:
    told, channel = _reference(fall, colleague), ContactChannel.EMAIL
    notice = await transact(lambda tx: begin_notice(tx, LOW_BALANCE, told, channel=channel, notifier=notifier))
    if notice is not None:
        await hand_over(notifier, _message(low, colleague))
        await transact(lambda tx: note_sent(tx, notice))


def _reference(fall: UUID, colleague: Colleague) -> UUID:
    """One notice for a fall and a person, whoever tries again."""
    return uuid5(fall, colleague.staff_id.hex)


def _message(low: LowBalance, colleague: Colleague) -> Message:
    locale = settings().staff_locale
    text = low_balance_text(low.account, low.amount, low.wanted, low.currency, locale=locale)
    return Message(
        channel=ContactChannel.EMAIL,
        destination=colleague.email,
        subject=text.subject,
        text=text.body,
        locale=locale,
        correlation_id=correlation_id(),
    )
