"""Which parties there are, and of which kind: asked before something is granted to, or priced for, one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from uuid import UUID

from perkhub.kit import db
from perkhub.kit.errors import NotFound

KINDS = "SELECT id, kind FROM party WHERE id = ANY($1) AND ($2 OR erased_at IS NULL)"


class PartyKind(StrEnum):
    CUSTOMER = auto()
    ORGANISATION = auto()


@dataclass(frozen=True)
class PartyRef:
    """A party by its id and kind."""

    id: UUID
    kind: PartyKind


async def party_kinds(parties: Iterable[UUID], *, even_erased: bool = False) -> dict[UUID, str]:
    """By party "customer" or "organisation"; who does not exist, or was erased, is missing."""
    wanted = sorted(set(parties))
    return {row["id"]: row["kind"] for row in await db.rows(KINDS, wanted, even_erased)} if wanted else {}


async def ensure_parties(wanted: Mapping[UUID, str | None], *path: str, even_erased: bool = False) -> None:
    """Go on if every one of these parties exists, and is of its kind where one is named.

    Raises:
        NotFound: with the path.
    """
    kinds = await party_kinds(wanted, even_erased=even_erased)
    if any(party not in kinds or kind not in (None, kinds[party]) for party, kind in wanted.items()):
        raise NotFound("customer or organisation", "客户或组织", path=path)
