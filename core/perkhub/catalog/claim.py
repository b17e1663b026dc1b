"""Claims on listings: a party's limit and the listing's quota, raised and given back in single statements."""

from collections.abc import Mapping
from uuid import UUID

from perkhub.catalog.errors import LimitReached, QuotaReached
from perkhub.catalog.sql import (
    CLAIM_LISTINGS,
    LISTINGS_CLAIMED,
    RELEASE_LIMITS,
    RELEASE_QUOTAS,
    TAKEN_BY,
    WANTED_LISTINGS,
)
from perkhub.kit.claims import Claim, Granted, claim
from perkhub.kit.db import Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.inserts import telling


async def claim_listings(
    tx: Transaction, party: UUID, wanted: Mapping[UUID, int], *, limits: Mapping[UUID, int | None]
) -> None:
    """Count what the party takes on its limits, then on the listings' quotas.

    Raises:
        LimitReached, QuotaReached: for the first listing that refuses; its id is the error's path.
    """
    await claim(tx, listings_to_take(party, wanted, limits=limits))


def listings_to_take(party: UUID, wanted: Mapping[UUID, int], *, limits: Mapping[UUID, int | None]) -> Claim:
    """What `claim_listings` claims, for who claims more in the same statement."""
    listings = sorted(wanted)

    async def settle(tx: Transaction, taken: Granted) -> None:
        for listing in listings:
            if listing not in taken:
                limit = limits[listing] or 0
                had: int = await tx.value(TAKEN_BY, listing, party) or 0
                raise LimitReached(limit=limit, remaining=max(0, limit - had), path=(str(listing),))
        for listing in listings:
            if not taken[listing]:
                raise QuotaReached(path=(str(listing),))

    rows = [(new_id(), listing, wanted[listing], limits[listing]) for listing in listings]
    values = (party, *WANTED_LISTINGS.values(rows))
    return Claim(telling(CLAIM_LISTINGS, WANTED_LISTINGS, len(rows), before=1), LISTINGS_CLAIMED, values, len(rows), settle)


async def release_listings(tx: Transaction, party: UUID, given: Mapping[UUID, int]) -> None:
    """Give back what a cancelled, expired or refunded order had taken."""
    listings = sorted(given)
    quantities = [given[listing] for listing in listings]
    await tx.execute(RELEASE_LIMITS, party, listings, quantities)
    await tx.execute(RELEASE_QUOTAS, listings, quantities)
