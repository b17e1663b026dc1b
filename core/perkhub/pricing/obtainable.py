"""Whether suppliers would take what a basket asks of them: the face values that were chosen, and what its buyer said.

Looked at before money moves, so that nobody pays for what would only be refused.
"""

from collections.abc import Sequence
from dataclasses import replace

from perkhub.catalog import BenefitKind, BuyerInputInvalid
from perkhub.pricing.quoted import QuotedLine
from perkhub.suppliers import Offer, live_offers, misfit


async def from_suppliers(lines: Sequence[QuotedLine], *, complete: bool) -> tuple[QuotedLine, ...]:
    """The lines, those that nobody would sell us as they are asked for taken for what cannot be obtained.

    Raises:
        BuyerInputInvalid: the path names the line. With `complete` alone: before, a buyer may still be typing.
    """
    asking = [line.offered.variant_id for line in lines if _asks(line)]
    if not asking:
        return tuple(lines)
    offers = await live_offers(asking)
    return tuple(
        _looked_at(line, offers[line.offered.variant_id], str(place), complete=complete) if _asks(line) else line
        for place, line in enumerate(lines)
    )


def _asks(line: QuotedLine) -> bool:
    special = line.offered.face.range is not None or line.inputs or line.offered.kind == BenefitKind.TOP_UP
    return line.obtainable and bool(special)


def _looked_at(line: QuotedLine, offers: Sequence[Offer], place: str, *, complete: bool) -> QuotedLine:
    selling = [offer for offer in offers if offer.sells(line.face_value)]
    said = {one.key: one.value for one in line.inputs}
    faults = [misfit(offer.form, offer.inputs, said) for offer in selling]
    if not faults:
        return replace(line, obtainable=False, sourced=0)
    if None in faults or not complete:
        return line
    if not line.sourced:
        # It lies in the pool. Where that is emptied meanwhile, it is out of stock, and not bought in vain.
        return replace(line, obtainable=False)
    first = next(one for one in faults if one is not None)
    if not first.input:
        return replace(line, obtainable=False, sourced=0)
    raise BuyerInputInvalid(first.input, first.reason, first.reason_zh, path=("lines", place, "buyerInputs"))
