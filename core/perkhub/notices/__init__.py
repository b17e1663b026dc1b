"""Messages to people: chooses the notifier, says the words, keeps that it was sent and never what it said."""

from perkhub.notices.invitation import send_invitation
from perkhub.notices.low_balance import LowBalance, forget_low_balance, send_low_balance
from perkhub.notices.notifiers import close_notifiers, configured_notifiers, notifier_for
from perkhub.notices.one_time_code import send_one_time_code
from perkhub.notices.states import NoticeState

__all__ = [
    "LowBalance",
    "NoticeState",
    "close_notifiers",
    "configured_notifiers",
    "forget_low_balance",
    "notifier_for",
    "send_invitation",
    "send_low_balance",
    "send_one_time_code",
]
