"""Messages on the developer's terminal instead of by e-mail or text message, one-time codes included.

It writes straight to standard error and never to the log: the log is kept and shipped, and must not hold a code.
"""

import sys

from perkhub.plugin import ContactChannel, Message, Notifier, Register, hookimpl

perkhub_contract = "1.0"


class Console(Notifier):
    """Prints each message in a frame. Anybody at the terminal reads it: for development only."""

    key = "console"
    channels = frozenset(ContactChannel)
    development_only = True

    async def send(self, message: Message) -> None:
        """Print the message."""
        sys.stderr.write(framed(message))
        sys.stderr.flush()


def framed(message: Message) -> str:
    """The message as a person wants to see it. No right-hand edge: Chinese characters are two columns wide."""
    lines = [f"{message.channel.value} to {message.destination}", message.subject, *message.text.splitlines()]
    # A destination or text from outside could otherwise move the cursor or recolour the terminal.
    shown = ["".join(c for c in line if c.isprintable()) for line in lines if line]
    return "\n".join(["", "┌" + "─" * 60, *(f"│ {line}" for line in shown), "└" + "─" * 60, ""])


@hookimpl
def register_notifiers(register: Register[type[Notifier]]) -> None:
    """Offer the console."""
    register(Console)
