"""Batched reads behind the fields of people: one statement for all of a list."""

from uuid import UUID

from perkhub.accounts import (
    CustomerRecord,
    Group,
    InClear,
    MaskedContact,
    OrganisationRecord,
    StaffRecord,
    contacts_of,
    count_group_members,
    customers_by_id,
    groups_by_id,
    in_clear,
    organisations_by_id,
    staff_by_id,
)
from perkhub.ledger import Balance, adjustment_reasons, balances_of


async def load_customers(parties: list[UUID]) -> list[CustomerRecord | None]:
    """Customers by their party."""
    found = await customers_by_id(parties)
    return [found.get(party) for party in parties]


async def load_in_clear(parties: list[UUID]) -> list[InClear]:
    """What names these customers, in clear: for themselves alone, so there is one."""
    return [await in_clear(party) for party in parties]


async def load_contacts(parties: list[UUID]) -> list[list[MaskedContact]]:
    """Contacts by party."""
    found = await contacts_of(parties)
    return [found[party] for party in parties]


async def load_balances(parties: list[UUID]) -> list[list[Balance]]:
    """Wallets by party."""
    found = await balances_of(parties)
    return [found[party] for party in parties]


async def load_reasons(references: list[UUID]) -> list[str | None]:
    """Reasons of wallet adjustments by the reference of the movement."""
    found = await adjustment_reasons(references)
    return [found.get(reference) for reference in references]


async def load_group_sizes(groups: list[UUID]) -> list[int]:
    """How many are in each customer group."""
    found = await count_group_members(groups)
    return [found[group] for group in groups]


async def load_organisations(parties: list[UUID]) -> list[OrganisationRecord | None]:
    """Organisations by their party."""
    found = await organisations_by_id(parties)
    return [found.get(party) for party in parties]


async def load_staff(ids: list[UUID]) -> list[StaffRecord | None]:
    """Members of staff by id."""
    found = await staff_by_id(ids)
    return [found.get(key) for key in ids]


async def load_groups(ids: list[UUID]) -> list[Group | None]:
    """Permission groups by id."""
    found = await groups_by_id(ids)
    return [found.get(key) for key in ids]
