"""What the members of an organisation may do in it: one literal table. Approving comes with what there is to approve."""

from collections.abc import Mapping
from enum import StrEnum, auto


class Role(StrEnum):
    OWNER = auto()
    ADMIN = auto()
    BUYER = auto()
    VIEWER = auto()


class Right(StrEnum):
    SEE = auto()
    BUY = auto()
    MANAGE_MEMBERS = auto()
    MANAGE_OWNERS = auto()


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset({Right.SEE, Right.BUY, Right.MANAGE_MEMBERS, Right.MANAGE_OWNERS}),
    Role.ADMIN: frozenset({Right.SEE, Right.BUY, Right.MANAGE_MEMBERS}),
    Role.BUYER: frozenset({Right.SEE, Right.BUY}),
    Role.VIEWER: frozenset({Right.SEE}),
}


def right_to_manage(role: Role) -> Right:
    """What is needed to give this role to somebody, or to take it from them."""
    return Right.MANAGE_OWNERS if role is Role.OWNER else Right.MANAGE_MEMBERS
