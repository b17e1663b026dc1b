"""Claiming what a basket's parts in campaigns need, in the order's transaction; confirming it when the order is paid; giving it
back when the order ends or units of it come back. Exact under any rush: the database refuses, never this process."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from perkhub.campaigns.bargains.take import confirm_bargains, give_back_bargains, take_bargains, take_bargains_again
from perkhub.campaigns.circles.places import give_up_places, pay_places, retake_places
from perkhub.campaigns.consents import keep_consents
from perkhub.campaigns.coupons import coupons_to_use, give_back_coupons, use_coupons
from perkhub.campaigns.draws import keep_tickets, tickets_of
from perkhub.campaigns.errors import CampaignBudgetSpent, CampaignLimitReached, CampaignRefusal, CampaignSoldOut
from perkhub.campaigns.models import EVERYBODY
from perkhub.campaigns.parts import CounterClaim, Part
from perkhub.campaigns.rush import open_after_commit
from perkhub.campaigns.sql import (
    CLAIM,
    CLAIM_AGAIN,
    CLAIMED,
    CONFIRM,
    COUNTERS_WANTED,
    GIVE_BACK,
    INSERT_PARTS,
    KEEP_RETURNED,
    LEFT,
    PARTS,
    PARTS_OF,
)
from perkhub.campaigns.states import PART, PartState
from perkhub.campaigns.tell import tell_after_commit
from perkhub.kit.claims import Claim, Granted
from perkhub.kit.clock import now
from perkhub.kit.db import ClaimContended, Row, Transaction
from perkhub.kit.ids import new_id
from perkhub.kit.inserts import telling
from perkhub.plugin.mechanic import Seen

# Counters of the house's own limits begin with it; no mechanic's do.
BUDGET = "$"

Key = tuple[UUID, UUID, str]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """All that an order claims of one counter; of several ceilings the lowest holds."""

    amount: int
    ceiling: int | None
    version: int
    part: Part


def record_parts(tx: Transaction, parts: Sequence[Part], *, order: UUID, party: UUID, paid: bool = False) -> None:
    """Write these parts down with the order's other writes, before anything that others wait for is claimed; `paid` ones as
    taken at once. What they need is claimed by `take_own_of_parts`, `coupons_to_claim`, `parts_to_claim` and `take_places`, in
    this order."""
    if not parts:
        return
    tell_after_commit(tx, (part.campaign.id for part in parts))
    _record(tx, parts, order=order, party=party, state=PartState.TAKEN if paid else PartState.HELD)
    keep_consents(tx, parts, order=order, party=party)


async def take_own_of_parts(tx: Transaction, parts: Sequence[Part], *, order: UUID, party: UUID, paid: bool = False) -> None:
    """Take what is this buyer's alone: their bargains, and what they will draw by once they have paid. Their coupons are
    claimed by `coupons_to_claim`.

    Raises:
        CampaignRefusal: with the path where the campaign was asked for.
    """
    if not paid:
        await keep_tickets(tx, order, tickets_of(parts))
    if parts:
        await take_bargains(tx, parts, order=order, party=party, paid=paid)


def coupons_to_claim(parts: Sequence[Part], *, order: UUID, party: UUID) -> list[Claim]:
    """The coupons that these parts go by, for who claims more in the same statement; they come first, for they are this buyer's
    alone. Refused as `coupons_to_use` says, with the path where the code was given."""
    paths = {part.coupon: part.path for part in parts if part.coupon is not None}
    return [coupons_to_use(paths, party=party, order=order)] if paths else []


def parts_to_claim(parts: Sequence[Part], party: UUID) -> list[Claim]:
    """What these parts need of what is counted, for who claims more in the same statement; it comes last. Whoever waits for the
    same counter waits until this transaction ends.

    It is refused with CampaignSoldOut, CampaignLimitReached or CampaignBudgetSpent, with the path where the campaign was asked
    for; with ClaimContended, of a campaign that applied by itself or was changed meanwhile: the basket is priced again.
    """
    wanted = _wanted(parts, party)
    if not wanted:
        return []
    by_id = {new_id(): key for key in wanted}

    async def settle(tx: Transaction, granted: Granted) -> None:
        refused = {key: wanted[key] for id, key in by_id.items() if id not in granted}
        if refused:
            raise await _why(tx, refused)

    asked = ((id, key, wanted[key]) for id, key in by_id.items())
    rows = [(id, *key, one.amount, one.ceiling, one.version) for id, key, one in asked]
    return [Claim(telling(CLAIM, COUNTERS_WANTED, len(rows)), CLAIMED, COUNTERS_WANTED.values(rows), len(rows), settle)]


def confirm_parts(tx: Transaction, order: UUID) -> None:
    """The order is paid: what it held is taken. Written with the transaction's other writes."""
    tx.later(CONFIRM, order)
    confirm_bargains(tx, order)


async def release_parts(tx: Transaction, order: UUID, *, units: Mapping[int, int] | None = None) -> None:
    """Give back what the order claims; with `units`, by the position of their line, only what these units' share is. What was
    given back before is not given back again."""
    kept = [row for row in await tx.rows(f"{PARTS_OF} FOR NO KEY UPDATE", order) if row["state"] != PartState.RELEASED]
    back: dict[Key, int] = defaultdict(int)
    changed: list[tuple[UUID, list[int], list[dict[str, Any]]]] = []
    ended: list[UUID] = []
    gone: dict[UUID, set[int]] = {}
    for row in kept:
        returned = _returned(row, units)
        gone[row["id"]] = {line for line, of, back in zip(row["lines"], row["units"], returned, strict=True) if of == back}
        if returned == row["returned"] and units is not None:
            continue
        claims, lowered = _lowered(row, returned)
        for key, amount in lowered:
            back[key] += amount
        changed.append((row["id"], returned, claims))
        if returned == row["units"]:
            ended.append(row["id"])
    if not changed:
        return
    campaigns = {row["campaign_id"] for row in kept}
    tell_after_commit(tx, campaigns)
    open_after_commit(tx, campaigns)
    await _keep(tx, changed)
    if units is None and any(row["bargain_id"] is not None for row in kept):
        await give_back_bargains(tx, order)
    if units is None and any(row["coupon_id"] is not None for row in kept):
        await give_back_coupons(tx, order)
    if ended:
        await PART.move_many(tx, ended, PartState.RELEASED, event=None)
    await _give_back(tx, back)
    # A place is its line's: it goes back with the last unit.
    given_up = {line for row in kept for line in row["places"] if line in gone[row["id"]]}
    if given_up:
        await give_up_places(tx, order, given_up)


async def reclaim_parts(tx: Transaction, order: UUID) -> None:
    """Claim again what an order that ended had held: a genuine payment came late.

    Raises:
        CampaignSoldOut, CampaignLimitReached, CampaignBudgetSpent, CircleFull, CircleOver, CircleTwice, BargainOver.
    """
    ended = [row for row in await tx.rows(f"{PARTS_OF} FOR NO KEY UPDATE", order) if row["state"] == PartState.RELEASED]
    if not ended:
        return
    tell_after_commit(tx, (row["campaign_id"] for row in ended))
    wanted: dict[Key, tuple[int, int | None]] = {}
    changed: list[tuple[UUID, list[int], list[dict[str, Any]]]] = []
    for row in ended:
        claims = [{**claim, "living": claim["amount"]} for claim in orjson.loads(row["claims"])]
        for claim in claims:
            key = _claim_key(row, claim)
            amount, ceiling = wanted.get(key, (0, claim["ceiling"]))
            wanted[key] = (amount + claim["amount"], _lowest(ceiling, claim["ceiling"]))
        changed.append((row["id"], [0] * len(row["units"]), claims))
    await PART.move_many(tx, [row["id"] for row in ended], PartState.TAKEN, event=None, origin=[PartState.RELEASED])
    await _keep(tx, changed)
    if bargains := [row["bargain_id"] for row in ended if row["bargain_id"] is not None]:
        await take_bargains_again(tx, bargains, order)
    if coupons := [row["coupon_id"] for row in ended if row["coupon_id"] is not None]:
        await use_coupons(tx, coupons, party=ended[0]["party_id"], order=order)
    await _claim_again(tx, wanted)
    if any(row["places"] for row in ended):
        await retake_places(tx, order)
        await pay_places(tx, order)


async def _claim_again(tx: Transaction, wanted: Mapping[Key, tuple[int, int | None]]) -> None:
    if not wanted:
        return
    keys, amounts = list(wanted), list(wanted.values())
    claimed = await tx.rows(CLAIM_AGAIN, *_columns(keys), [one[0] for one in amounts], [one[1] for one in amounts])
    for key in sorted(wanted.keys() - {_key(row) for row in claimed}, key=_as_locked):
        raise _refusal(key[1] != EVERYBODY, key[2], wanted[key][1] or 0, available=0)


def refuse_above_seen(claims: Iterable[CounterClaim], seen: Seen) -> None:
    """Turn away whom the database would turn away as well, by what was seen of it: without touching what others wait for.

    Raises:
        CampaignSoldOut, CampaignLimitReached, CampaignBudgetSpent.
    """
    wanted: dict[tuple[bool, str], tuple[int, int | None]] = {}
    for claim in claims:
        amount, ceiling = wanted.get((claim.per_buyer, claim.counter), (0, claim.ceiling))
        wanted[claim.per_buyer, claim.counter] = (amount + claim.amount, _lowest(ceiling, claim.ceiling))
    # A buyer's own limits first: they say more than that all is gone.
    for (per_buyer, counter), (amount, ceiling) in sorted(wanted.items(), key=lambda one: not one[0][0]):
        taken = seen.mine_taken(counter) if per_buyer else seen.taken(counter)
        if ceiling is not None and taken + amount > ceiling:
            raise _refusal(per_buyer, counter, ceiling, available=max(0, ceiling - taken))


def _wanted(parts: Iterable[Part], party: UUID) -> dict[Key, _Wanted]:
    wanted: dict[Key, _Wanted] = {}
    for part in parts:
        for claim in part.claims:
            key = (part.campaign.id, claim.buyer(party), claim.counter)
            known = wanted.get(key)
            amount, ceiling = claim.amount, claim.ceiling
            if known is not None:
                amount, ceiling = amount + known.amount, _lowest(ceiling, known.ceiling)
            wanted[key] = _Wanted(amount, ceiling, part.campaign.version, part)
    return wanted


async def _why(tx: Transaction, refused: Mapping[Key, _Wanted]) -> Exception:
    """Why the database refused: the first by lock order. What an operator changed meanwhile is looked at again."""
    keys = sorted(refused, key=_as_locked)
    left = {_key(row): row for row in await tx.rows(LEFT, *_columns(keys))}
    if any(left[key]["version"] > refused[key].version for key in keys):
        return ClaimContended()
    key = keys[0]
    wanted, taken = refused[key], left[key]["value"]
    ceiling = wanted.ceiling or 0
    refusal = _refusal(key[1] != EVERYBODY, key[2], ceiling, available=max(0, ceiling - taken))
    refusal.path = wanted.part.path
    # Nobody asked for it: without it the basket is as good, at another price, which the buyer may not want.
    return ClaimContended(refusal) if wanted.part.automatic else refusal


def _refusal(per_buyer: bool, counter: str, ceiling: int, *, available: int) -> CampaignRefusal:
    if per_buyer:
        return CampaignLimitReached(limit=ceiling)
    return CampaignBudgetSpent() if counter.startswith(BUDGET) else CampaignSoldOut(available=available)


def _record(tx: Transaction, parts: Sequence[Part], *, order: UUID, party: UUID, state: PartState) -> None:
    rows = [
        (
            new_id(),
            part.campaign.id,
            part.campaign.version,
            _array(part.lines),
            _array(part.units),
            _array([0] * len(part.units)),
            _array([place.line for place in part.places]),
            orjson.dumps([_claim_data(claim) for claim in part.claims]).decode(),
            part.discount,
            part.coupon,
            None if part.bargain is None else part.bargain.id,
        )
        for part in parts
    ]
    sql = telling(INSERT_PARTS, PARTS, len(rows), before=4)
    tx.later(sql, order, party, str(PART.birth(state)), now(), *PARTS.values(rows))


def _claim_data(claim: CounterClaim) -> dict[str, Any]:
    return {
        "counter": claim.counter,
        "amount": claim.amount,
        "living": claim.amount,
        "ceiling": claim.ceiling,
        "line": claim.line,
        "per_buyer": claim.per_buyer,
        "kept": claim.kept,
    }


def _returned(row: Row, units: Mapping[int, int] | None) -> list[int]:
    """How many units of each line are back, with these."""
    if units is None:
        return list(row["units"])
    lines = zip(row["lines"], row["units"], row["returned"], strict=True)
    return [min(of, back + units.get(line, 0)) for line, of, back in lines]


def _lowered(row: Row, returned: Sequence[int]) -> tuple[list[dict[str, Any]], list[tuple[Key, int]]]:
    """The claims as they stand then, and what that gives back: of each the share of its units, never more than lives."""
    claims: list[dict[str, Any]] = []
    back: list[tuple[Key, int]] = []
    for claim in orjson.loads(row["claims"]):
        living = claim["living"]
        if not (claim["kept"] and row["state"] == PartState.TAKEN):
            living = min(living, claim["amount"] - _share(row, returned, claim))
        if living < claim["living"]:
            back.append((_claim_key(row, claim), claim["living"] - living))
        claims.append({**claim, "living": living})
    return claims, back


def _share(row: Row, returned: Sequence[int], claim: Mapping[str, Any]) -> int:
    """What the returned units had claimed, rounded down until the last of them is back."""
    lines = zip(row["lines"], row["units"], returned, strict=True)
    mine = [(of, back) for line, of, back in lines if claim["line"] in (None, line)]
    of, back = sum(one[0] for one in mine), sum(one[1] for one in mine)
    share: int = claim["amount"] * back // of
    return share


async def _keep(tx: Transaction, changed: Sequence[tuple[UUID, list[int], list[dict[str, Any]]]]) -> None:
    await tx.execute(
        KEEP_RETURNED,
        [id for id, _, _ in changed],
        [_array(returned) for _, returned, _ in changed],
        [orjson.dumps(claims).decode() for _, _, claims in changed],
    )


async def _give_back(tx: Transaction, back: Mapping[Key, int]) -> None:
    if back:
        keys = list(back)
        await tx.execute(GIVE_BACK, *_columns(keys), [back[key] for key in keys])


def _columns(keys: Sequence[Key]) -> tuple[list[UUID], list[UUID], list[str]]:
    return [key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]


def _key(row: Row) -> Key:
    return (row["campaign_id"], row["buyer_id"], row["name"])


def _claim_key(row: Row, claim: Mapping[str, Any]) -> Key:
    return (row["campaign_id"], row["party_id"] if claim["per_buyer"] else EVERYBODY, claim["counter"])


def _as_locked(key: Key) -> tuple[bool, UUID, UUID, str]:
    return (key[1] == EVERYBODY, *key)


def _lowest(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _array(numbers: Sequence[int]) -> str:
    """An array of arrays must have rows of one length: as text they need not."""
    return "{" + ",".join(str(number) for number in numbers) + "}"
