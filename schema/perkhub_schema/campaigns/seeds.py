"""Seeds on the wire: what was promised before anything was drawn, and the secret once nothing is drawn by it any more."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.campaigns.draws import DrawSeed, present_seeds, seeds_by_ids

SEED = """A secret that draws are made by, and what was promised before the first of them. All hex is in small letters.

`oddsHash` is the SHA-256 of `odds` as UTF-8, in hex. `commitment` is the SHA-256, in hex, of these bytes one after another:
the 14 of the text "perkhub draw 1", the 32 that `seed` is the hex of, the 32 that `oddsHash` is the hex of. So neither can be
changed once the commitment was published. How a draw follows from them stands at `Draw`."""
ODDS = """The odds, byte by byte as they were hashed: JSON with `prizes` [{key, weight, quantity}] in their order, `exhausted`,
and `guarantee` {after, among} or null. A prize is as likely as its weight is part of all weights; a `quantity` of null has no
end."""


async def load_present_seeds(campaigns: list[UUID]) -> list[DrawSeed | None]:
    """What is drawn by, by campaign."""
    found = await present_seeds(campaigns)
    return [found.get(campaign) for campaign in campaigns]


async def load_seeds(ids: list[UUID]) -> list[DrawSeed]:
    """Seeds by id."""
    found = await seeds_by_ids(ids)
    return [found[id] for id in ids]


@strawberry.type(name="DrawSeed", description=SEED)
class DrawSeedType:
    number: int = strawberry.field(description="Counted in the campaign from 1.")
    commitment: str = strawberry.field(description="64 digits of hex, published at `committedAt`, before the first draw by it.")
    odds_hash: str = strawberry.field(description="64 digits of hex: the SHA-256 of `odds`.")
    odds: str = strawberry.field(description=ODDS)
    committed_at: datetime = strawberry.field(description="Since when the commitment stands.")
    revealed_at: datetime | None = strawberry.field(
        description="Since when it is shown; null while draws are made by it, or due by it to unpaid orders."
    )
    seed: str | None = strawberry.field(description="64 digits of hex; null until `revealedAt`. No draw is made by it after.")


def to_seed(seed: DrawSeed) -> DrawSeedType:
    """The seed on the wire."""
    return DrawSeedType(
        number=seed.number,
        commitment=seed.commitment,
        odds_hash=seed.odds_hash,
        odds=seed.odds,
        committed_at=seed.committed_at,
        revealed_at=seed.retired_at,
        seed=seed.seed,
    )
