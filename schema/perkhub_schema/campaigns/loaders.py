"""Batched reads behind fields of campaigns."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from perkhub.campaigns import (
    Campaign,
    MechanicBroken,
    campaigns_by_ids,
    live_campaigns,
    states_of,
)
from perkhub.catalog import variants_of_products
from perkhub.kit.clock import now

MOST_SHOWN = 20


@dataclass(frozen=True)
class Looked:
    """A campaign as somebody looks at it: how far they have come themselves is part of what they see."""

    campaign: Campaign = field(compare=False)
    party: UUID | None
    id: UUID


async def load_campaigns(ids: list[UUID]) -> list[Campaign | None]:
    """Campaigns by id."""
    found = {campaign.id: campaign for campaign in await campaigns_by_ids(ids)}
    return [found.get(key) for key in ids]


async def load_states(looks: list[Looked]) -> list[Any]:
    """How campaigns stand; None where a plugin does not say."""
    found: dict[tuple[UUID, UUID | None], Any] = {}
    for party in {look.party for look in looks}:
        asked = [look.campaign for look in looks if look.party == party]
        found |= {(id, party): state for id, state in (await states_of(asked, party)).items()}
    return [found.get((look.id, look.party)) for look in looks]


async def load_campaigns_of(places: list[tuple[UUID, UUID]]) -> list[list[Campaign]]:
    """What products are part of, by channel and product: what is live first, then what comes next."""
    products = sorted({product for _, product in places})
    variants: dict[UUID, set[UUID]] = {product: set() for product in products}
    for variant in await variants_of_products(products):
        variants[variant.product_id].add(variant.id)
    concerning: dict[UUID, list[tuple[Campaign, frozenset[UUID] | None]]] = {}
    for channel in sorted({channel for channel, _ in places}):
        concerning[channel] = await _of_channel(channel)
    return [
        [one for one, named in concerning[channel] if named is None or named & variants[product]][:MOST_SHOWN]
        for channel, product in places
    ]


async def _of_channel(channel: UUID) -> list[tuple[Campaign, frozenset[UUID] | None]]:
    """Its campaigns with the variants that they name, None for all; one whose mechanic does not say is left out."""
    found = await live_campaigns(channel, coming=True)
    named: list[tuple[Campaign, frozenset[UUID] | None]] = []
    for campaign in sorted(found, key=lambda one: (one.starts_at > now(), one.starts_at, one.id)):
        try:
            working = campaign.working()
            if working is not None:
                named.append((campaign, working.variants()))
        except MechanicBroken:
            continue
    return named
