"""Who is asking: the answer that every permission check starts from. Finding it out is `tokens`' business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from functools import cached_property
from uuid import UUID

from perkhub.accounts.permissions import Permission
from perkhub.kit.errors import NotAllowed, NotSignedIn


class IdentityKind(StrEnum):
    ANONYMOUS = auto()
    CUSTOMER = auto()
    STAFF = auto()
    MACHINE = auto()


@dataclass(frozen=True)
class Identity:
    """Whoever sent the request. A customer's id is their party's; staff and machines own nothing and have no party.

    `permissions` hold everywhere; those of `in_channels` only in the channels named there.
    """

    kind: IdentityKind
    id: UUID | None = None
    party_id: UUID | None = None
    session_id: UUID | None = None
    permissions: frozenset[Permission] = frozenset()
    in_channels: Mapping[Permission, frozenset[UUID]] = field(default_factory=dict, hash=False)
    requests_per_minute: int | None = None  # of a machine client with a limit of its own

    @cached_property
    def actor(self) -> str:
        """The name in logs and idempotency keys: "customer:0197…"."""
        return f"{self.kind}:{self.id}" if self.id is not None else str(self.kind)

    def may(self, permission: Permission, *, channel: UUID | None = None) -> bool:
        """Whether this identity holds the permission: in this channel, or, where none is named, without any limit."""
        if permission in self.permissions:
            return True
        return channel is not None and channel in self.in_channels.get(permission, frozenset())

    def channels_of(self, permission: Permission) -> frozenset[UUID] | None:
        """Where it holds the permission; None means everywhere, an empty set nowhere."""
        return None if permission in self.permissions else self.in_channels.get(permission, frozenset())

    def may_give(self, permission: Permission, channels: frozenset[UUID] | None) -> bool:
        """Whether it holds the permission wherever somebody else would: in these channels, or everywhere."""
        held = self.channels_of(permission)
        return held is None or (channels is not None and channels <= held)


ANONYMOUS = Identity(IdentityKind.ANONYMOUS)


def ensure_permission(identity: Identity, permission: Permission, *, channel: UUID | None = None) -> None:
    """Go on only with the permission: for what belongs to a channel, in that channel; for all else, without any limit.

    Raises:
        NotSignedIn: nobody has signed in.
        NotAllowed: somebody has, without this permission, or with one for other channels.
    """
    if identity.kind is IdentityKind.ANONYMOUS:
        raise NotSignedIn
    if not identity.may(permission, channel=channel):
        raise NotAllowed(needs=permission)


def ensure_permission_somewhere(identity: Identity, permission: Permission) -> None:
    """Go on with the permission for any channel at all; which one it must be is looked at once the thing is known.

    Raises:
        NotSignedIn, NotAllowed.
    """
    if identity.kind is IdentityKind.ANONYMOUS:
        raise NotSignedIn
    if identity.channels_of(permission) == frozenset():
        raise NotAllowed(needs=permission)


def ensure_customer(identity: Identity) -> UUID:
    """The party of a signed-in customer.

    Raises:
        NotSignedIn: nobody has signed in.
        NotAllowed: staff and machines have no wallet and place no orders for themselves.
    """
    if identity.kind is IdentityKind.ANONYMOUS:
        raise NotSignedIn
    if identity.kind is not IdentityKind.CUSTOMER or identity.party_id is None:
        raise NotAllowed(needs="a customer's account")
    return identity.party_id
