"""Guessing codes: so many may be tried, wherever somebody says one; by who tries, whether or not the code is one."""

from collections.abc import Sequence
from uuid import UUID

from perkhub.campaigns.coupons.codes import normal_code
from perkhub.campaigns.coupons.make import fingerprint_of
from perkhub.kit import db, rates

# Of a million codes one in 25 billion guesses is one; so many in so many seconds is what somebody with paper in hand needs.
GUESSES, GUESS_SECONDS = 20, 900

HELD = "SELECT count(*) FROM coupon WHERE fingerprint = ANY($1) AND party_id = $2"


async def count_guesses(codes: Sequence[str], *, guesser: str, holder: UUID | None = None) -> None:
    """Count these codes for who tries them; those that the holder has already are no guesses.

    Takes no transaction: a guess stays counted.

    Raises:
        TooFast: too many were tried.
    """
    guessed = len(codes)
    if holder is not None and (prints := [fingerprint_of(code) for said in codes if (code := normal_code(said)) is not None]):
        guessed -= await db.value(HELD, prints, holder)
    if guessed > 0:
        await rates.take(f"coupon-code:{guesser}", limit=GUESSES, seconds=GUESS_SECONDS, tokens=guessed, lenient=True)
