"""Lines that are drawn: what each unit becomes is decided when the order is paid, and delivered as what it became.

What was promised of the box (its validity, its refunds) holds for whatever is in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from perkhub.campaigns import Boxes, DrawTicket, draw_units
from perkhub.fulfilment import Demand
from perkhub.kit.db import Transaction
from perkhub.kit.money import Money
from perkhub.orders.read import OrderLine
from perkhub.suppliers import obtainable_variants
from perkhub.vault import stock_of


async def after_draws(
    tx: Transaction,
    tickets: Sequence[DrawTicket],
    demands: Sequence[Demand],
    *,
    order: UUID,
    party: UUID,
    lines: Sequence[OrderLine],
) -> list[Demand]:
    """The demands of an order, those of drawn lines by what was drawn. Codes are claimed after it, by what it says.

    Raises:
        CampaignOver: nothing is drawn in the campaign any more.
    """
    by_position = {line.position: line for line in lines}
    due = {demand.source_id: [demand] for demand in demands}
    of_campaigns: dict[tuple[UUID, UUID | None], list[Boxes]] = {}
    # By campaign, as its counters are locked.
    for ticket in sorted(tickets, key=lambda one: (one.campaign_id, one.position)):
        line = by_position[ticket.position]
        [box] = due[line.id]
        of_campaigns.setdefault((ticket.campaign_id, ticket.seed_id), []).append(
            Boxes(line.id, box.quantity, ticket.client_seed)
        )
    for (campaign, seed), boxes in of_campaigns.items():
        units = await draw_units(tx, campaign, party, boxes, order=order, seed=seed)
        for one in boxes:
            [box] = due[one.line]
            due[one.line] = _by_variant(box, [unit.variant for unit in units if unit.line == one.line])
    return await _sourced(
        [demand for each in due.values() for demand in each], {by_position[one.position].id for one in tickets}
    )


def _by_variant(box: Demand, variants: Sequence[UUID]) -> list[Demand]:
    """One demand for each that was drawn; the price of the line is shared out to its units as ever."""
    prices = box.price.allocate(box.quantity)
    found: list[Demand] = []
    first = 0
    for variant in dict.fromkeys(variants):
        its = [price.minor for price, drawn in zip(prices, variants, strict=True) if drawn == variant]
        price = Money(sum(its), box.price.currency)
        found.append(replace(box, variant_id=variant, quantity=len(its), price=price, first=first))
        first += len(its)
    return found


async def _sourced(demands: Sequence[Demand], drawn: set[UUID]) -> list[Demand]:
    """Of what was drawn, what the pool lacks and a supplier sells comes from the supplier."""
    variants = [demand.variant_id for demand in demands if demand.source_id in drawn]
    obtainable = await obtainable_variants(variants)
    free = {variant: max(0, level.free) for variant, level in (await stock_of(list(obtainable))).items()}
    found: list[Demand] = []
    for demand in demands:
        if demand.source_id in drawn and demand.variant_id in free:
            # Drawn in several lines, the same variant has the pool's codes once.
            pooled = min(demand.quantity, free[demand.variant_id])
            free[demand.variant_id] -= pooled
            demand = replace(demand, sourced=demand.quantity - pooled, elsewhere=True)
        elif demand.source_id in drawn:
            demand = replace(demand, sourced=0, elsewhere=False)
        found.append(demand)
    return found
