"""The notifier contract: how a message reaches a person. What is said, to whom and how often is the host's business."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import ClassVar

from pydantic import BaseModel


class ContactChannel(StrEnum):
    """The ways by which a person can be reached."""

    EMAIL = auto()
    SMS = auto()


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. Its representation hides whom it reaches and what it says: it may hold a code."""

    channel: ContactChannel
    destination: str = field(repr=False)  # an e-mail address, or a phone number as +8613800000000
    subject: str = field(repr=False)  # empty for a text message
    text: str = field(repr=False)
    locale: str  # BCP 47: "zh-CN"
    correlation_id: str


class NotSentYet(Exception):
    """Not sent, but it may work later: the host tries again with growing pauses. Name the cause, never the person."""


class NoSettings(BaseModel):
    """For those who need none."""


class Notifier(ABC):
    """A way to send messages. One instance serves a process; `send` may run many times at once.

    A notifier that is `development_only` shows messages where others could read them: the host refuses it in production.
    """

    key: ClassVar[str]
    channels: ClassVar[frozenset[ContactChannel]]
    development_only: ClassVar[bool] = False
    Settings: ClassVar[type[BaseModel]] = NoSettings

    def __init__(self, settings: BaseModel) -> None:
        self.settings = settings

    @abstractmethod
    async def send(self, message: Message) -> None:
        """Hand the message to its carrier. It may be asked twice for one message after a crash.

        Raises:
            NotSentYet: try again later.
        """

    async def close(self) -> None:  # noqa: B027 - most notifiers have nothing to give up
        """Give up connections; called once, when the process ends."""
