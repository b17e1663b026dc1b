"""How often one contact, and one network address, may try to sign in. A coarse sieve: passwords and codes guard themselves."""

from perkhub.accounts.contacts import ContactPoint
from perkhub.accounts.personal import index_of
from perkhub.kit import rates

WINDOW_SECONDS = 900
PER_CONTACT = 20
PER_SOURCE = 200  # a whole office, or a carrier's gateway, may stand behind one address


async def count_attempt(contact: ContactPoint, source: str | None) -> None:
    """Count one more attempt to sign in, register or reset.

    Raises:
        TooFast
    """
    await count_attempt_from(source)
    await rates.take(f"sign-in:{index_of(contact).hex()}", limit=PER_CONTACT, seconds=WINDOW_SECONDS)


async def count_attempt_from(source: str | None) -> None:
    """Count one more attempt from this address, where it is known.

    Raises:
        TooFast
    """
    if source is not None:
        await rates.take(f"sign-in-from:{source}", limit=PER_SOURCE, seconds=WINDOW_SECONDS)
