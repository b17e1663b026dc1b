"""What the groups of a member of staff add up to: permissions that hold everywhere, and those of some channels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from perkhub.accounts.permissions import Permission, known_permissions


@dataclass(frozen=True)
class Rights:
    """As `Identity` carries them."""

    everywhere: frozenset[Permission]
    in_channels: Mapping[Permission, frozenset[UUID]]


def rights_of(groups: Iterable[tuple[Iterable[str], Iterable[UUID] | None]]) -> Rights:
    """The sum of groups, each with its permissions and the channels it is limited to; None is no limit.

    What one group gives everywhere, another one's limit does not take back.
    """
    everywhere: set[Permission] = set()
    limited: dict[Permission, set[UUID]] = {}
    for stored, channels in groups:
        if channels is None:
            everywhere |= known_permissions(stored)
        else:
            for permission in known_permissions(stored):
                limited.setdefault(permission, set()).update(channels)
    return Rights(
        frozenset(everywhere),
        {permission: frozenset(channels) for permission, channels in limited.items() if permission not in everywhere},
    )
