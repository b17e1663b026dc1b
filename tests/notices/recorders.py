"""Notifiers for tests: one keeps what it is given, others fail in the ways notifiers fail."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import BaseModel, SecretStr

from perkhub.plugin.notifier import ContactChannel, Message, Notifier, NotSentYet
from perkhub.plugin.registry import Registry, set_registry


class Recorder(Notifier):
    """Keeps every message, and fails as often as it is told to."""

    key = "recorder"
    channels = frozenset(ContactChannel)
    sent: ClassVar[list[Message]] = []
    faults: ClassVar[list[BaseException]] = []
    closed: ClassVar[int] = 0

    async def send(self, message: Message) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append(message)

    async def close(self) -> None:
        type(self).closed += 1


class TextMessages(Recorder):
    """Serves phones alone, and must be told where."""

    key = "acme_sms"
    channels = frozenset({ContactChannel.SMS})

    class Settings(BaseModel):
        api_key: SecretStr


class Terminal(Recorder):
    """Sorts before the others by its key; made for development."""

    key = "a_terminal"
    development_only = True


def later() -> NotSentYet:
    return NotSentYet("the carrier is busy")


def use(*offered: type[Notifier]) -> None:
    """This process has these notifiers and no others."""
    Recorder.sent.clear()
    Recorder.faults.clear()
    Recorder.closed = 0
    nothing: Mapping[str, Any] = MappingProxyType({})
    set_registry(Registry(nothing, nothing, nothing, MappingProxyType({n.key: n for n in offered}), ()))
