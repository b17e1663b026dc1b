"""Lots, and who holds the codes of a recalled one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import strawberry

from perkhub.accounts import MaskedContact, Permission, contacts_of, ensure_permission, organisations_by_id
from perkhub.entitlements import Entitlement, holders_of_codes
from perkhub.vault import CodeState, LotState, LotView, codes_by_state, codes_sold_of_lot, lots_by_ids
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.global_ids import Kind, global_id
from perkhub_schema.graphql.money import MoneyType, unit_price
from perkhub_schema.graphql.nodes import Node
from perkhub_schema.graphql.paging import Connection, connect, cursor_id

described(
    LotState,
    "Whether a lot's codes may be sold.",
    {LotState.OPEN: "They may.", LotState.RECALLED: "No more: what was unsold is frozen for good."},
)


@strawberry.type(description="How many codes of a lot are in which state.")
class CodeCounts:
    available: int = strawberry.field(description="Can be sold.")
    sold: int = strawberry.field(description="In somebody's hands.")
    frozen: int = strawberry.field(description="Recalled before they were sold.")
    expired: int = strawberry.field(description="Too little validity left to be sold.")
    burnt: int = strawberry.field(description="Refunded after they were seen; never sold again.")


@strawberry.type(description="A way to reach a holder, masked; contactUnmask reads it in clear, and is logged.")
class HolderContact:
    id: strawberry.ID = strawberry.field(description="The contact.")
    masked: str = strawberry.field(description="As much as may be shown.")


@strawberry.type(description="Who holds a code of a recalled lot.")
class LotHolder:
    entitlement_id: strawberry.ID = strawberry.field(description="The benefit that the code was given for.")
    customer_id: strawberry.ID | None = strawberry.field(description="Whose it is; null where an organisation holds it.")
    organisation_id: strawberry.ID | None = strawberry.field(description="The organisation that holds it, if one does.")
    contacts: list[HolderContact] = strawberry.field(
        description="How to reach the customer; an organisation is reached by its members."
    )


@strawberry.type(name="Lot", description="One delivery of codes of one variant.")
class LotType(Node):
    view: strawberry.Private[LotView]

    @strawberry.field(description="What its codes are.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.view.variant_id)

    @strawberry.field(description="Who made the codes; no two codes of one issuer are alike.")
    def issuer(self) -> str:
        return self.view.issuer

    @strawberry.field(description="The delivery note or purchase it came with.")
    def reference(self) -> str | None:
        return self.view.reference

    @strawberry.field(description="What one code cost.")
    def unit_cost(self) -> MoneyType:
        return unit_price(self.view.unit_cost, self.view.currency)

    @strawberry.field(description="Whether its codes may be sold.")
    def state(self) -> LotState:
        return self.view.state

    @strawberry.field(description="How many codes came in.")
    def quantity(self) -> int:
        return self.view.quantity

    @strawberry.field(description="Why it was recalled.")
    def recalled_reason(self) -> str | None:
        return self.view.recalled_reason

    @strawberry.field(description="When it came in.")
    def created_at(self) -> datetime:
        return self.view.created_at

    @strawberry.field(description="Its codes by state; counted, so ask for few lots at a time.")
    async def counts(self, info: Info) -> CodeCounts:
        found = await info.context.loader(load_counts).load(self.view.id)
        return CodeCounts(**{str(state): found.get(state, 0) for state in CodeState})

    @strawberry.field(description="Who holds its sold codes; null until it is recalled. Needs RECALL_CODES.")
    async def holders(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[LotHolder] | None:
        ensure_permission(info.context.identity, Permission.RECALL_CODES)
        if self.view.state is not LotState.RECALLED:
            return None
        seen = cursor_id(after)
        return await connect(
            first,
            after,
            read=lambda limit: holders_of_lot(self.view.id, after=seen, limit=limit),
            to_node=to_holder,
            to_cursor=lambda held: cast("UUID", held.unit.code_id).hex,
        )


def to_lot(view: LotView) -> LotType:
    """The lot on the wire."""
    return LotType(id=global_id(Kind.LOT, view.id), view=view)


@dataclass(frozen=True)
class Held:
    """A unit of a lot, and who to tell when something is wrong with it."""

    unit: Entitlement
    by_organisation: bool
    contacts: Sequence[MaskedContact]


def to_holder(held: Held) -> LotHolder:
    """A holder on the wire."""
    party = held.unit.party_id
    return LotHolder(
        entitlement_id=global_id(Kind.ENTITLEMENT, held.unit.id),
        customer_id=None if held.by_organisation else global_id(Kind.CUSTOMER, party),
        organisation_id=global_id(Kind.ORGANISATION, party) if held.by_organisation else None,
        contacts=[HolderContact(id=global_id(Kind.CONTACT, one.id), masked=one.masked) for one in held.contacts],
    )


async def holders_of_lot(lot: UUID, *, after: UUID | None, limit: int) -> list[Held]:
    """The units that hold the lot's sold codes, in the order of the codes, with their holders' contacts."""
    codes = await codes_sold_of_lot(lot, after=after, limit=limit)
    units = {unit.code_id: unit for unit in await holders_of_codes(codes)}
    parties = {unit.party_id for unit in units.values()}
    contacts, organisations = await contacts_of(parties), await organisations_by_id(parties)
    found = [units[code] for code in codes if code in units]
    return [Held(unit, unit.party_id in organisations, contacts[unit.party_id]) for unit in found]


async def load_counts(lots: list[UUID]) -> list[dict[CodeState, int]]:
    """Codes by state, by lot."""
    counts = await codes_by_state(lots)
    return [counts[lot] for lot in lots]


async def load_lots(lots: list[UUID]) -> list[LotView | None]:
    """Lots by id."""
    found = {lot.id: lot for lot in await lots_by_ids(lots)}
    return [found.get(lot) for lot in lots]
