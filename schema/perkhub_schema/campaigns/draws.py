"""Draws on the wire: all that a result follows from, and how anybody computes it again."""

from datetime import datetime
from uuid import UUID

import strawberry

from perkhub.campaigns.draws import Drawn, draws_of_lines
from perkhub_schema.campaigns.seeds import DrawSeedType, load_seeds, to_seed
from perkhub_schema.catalog.types import VariantType, variant_of
from perkhub_schema.graphql.context import Info

DRAW = """What one unit was drawn from, and on what it fell. Whoever knows the seed computes it again:

1. The candidates are the `prizes` of `seed.odds` in their order; where its `guarantee` is not null and `pity` is at least
`guarantee.after`, only those whose key is in `guarantee.among`. W is the sum of their weights.
2. The message is `clientSeed`, `who`, `nonce` and `pity`, numbers in decimal, with ":" between, as UTF-8.
3. Its HMAC-SHA256 under the bytes that `seed.seed` is the hex of makes 32 bytes: four numbers of 8 bytes, the highest byte
first.
4. The first of them below 2^64 - (2^64 mod W) is taken modulo W. Where none of the four is, the same again with ":1" after the
message, then ":2" and so on in its place.
5. Going through the candidates: where the number is below a candidate's weight, that is `drawn`; else the weight is taken off
the number, and the next one looked at.
6. `given` is `drawn`; or `exhausted` of the odds, where all of `drawn` had been given by then."""
WHO = """Who drew, as the log names them: the first 24 digits of the SHA-256, in hex, of 32 bytes: the 16 that the digits after
"cmp_" in the campaign's id are the hex of, and the 16 of the digits after "_" in the owner's id."""


async def load_draws(lines: list[UUID]) -> list[list[Drawn]]:
    """Draws by line of an order."""
    found = await draws_of_lines(lines)
    return [found[line] for line in lines]


@strawberry.type(name="Draw", description=DRAW)
class DrawType:
    made: strawberry.Private[Drawn]

    @strawberry.field(description="Of which unit of the line, counted from 0.")
    def position(self) -> int:
        return self.made.position

    @strawberry.field(description="When.")
    def at(self) -> datetime:
        return self.made.at

    @strawberry.field(description="The prize that it fell on, by its key in the odds.")
    def drawn(self) -> str:
        return self.made.drawn

    @strawberry.field(description="The prize that was given, by its key: another one only where none of `drawn` was left.")
    def given(self) -> str:
        return self.made.given

    @strawberry.field(description="The benefit that was given.")
    async def variant(self, info: Info) -> VariantType:
        return await variant_of(info, self.made.variant_id)

    @strawberry.field(description="The buyer's own part, as they chose it when they ordered.")
    def client_seed(self) -> str:
        return self.made.client_seed

    @strawberry.field(description=WHO)
    def who(self) -> str:
        return self.made.who

    @strawberry.field(description="How many draws its owner had made in the campaign by then, this one too.")
    def nonce(self) -> int:
        return self.made.nonce

    @strawberry.field(
        description="How many draws its owner had made before it since they were last given a prize of the guarantee."
    )
    def pity(self) -> int:
        return self.made.pity

    @strawberry.field(description="What it was drawn by.")
    async def seed(self, info: Info) -> DrawSeedType:
        return to_seed(await info.context.loader(load_seeds).load(self.made.seed_id))
