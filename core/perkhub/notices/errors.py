"""Why a message did not go out. These end in the job that tried, not at a caller.

NotSent             the notifier broke; names it and the kind of fault, never what it was given
NoNotifier          no plugin that is configured, and allowed in this environment, serves the channel
"""

from perkhub.plugin.notifier import ContactChannel, NotSentYet


class NotSent(NotSentYet):
    """The notifier's own exception is left behind: its text may repeat the message."""

    def __init__(self, notifier: str, fault: str) -> None:
        self.notifier, self.fault = notifier, fault
        super().__init__(f"notifier {notifier!r} failed with {fault}")


class NoNotifier(NotSentYet):
    """Mended by configuring one; until then the notice waits."""

    def __init__(self, channel: ContactChannel) -> None:
        self.channel = channel
        super().__init__(f"no notifier is configured for {channel}")
