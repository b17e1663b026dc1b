"""Who bears a token, whichever kind of token it is: of a person, of a machine client, or of a host application's user."""

import json
from base64 import urlsafe_b64decode
from functools import lru_cache

from perkhub.accounts.federation.keys import KINDS
from perkhub.accounts.federation.recognise import identify_host_user
from perkhub.accounts.identity import ANONYMOUS, Identity
from perkhub.accounts.machines.recognise import TYPE, identify_machine
from perkhub.accounts.tokens import identify_person

LONGEST_HEADER = 1024


async def identify(token: str | None, *, source: str | None = None) -> Identity:
    """Who the bearer of this token is; without a token, nobody. `source` is the network address the request came from.

    Raises:
        NotSignedIn: forged, expired, not for us, or of somebody who is no longer welcome.
        NotAllowed: a machine client may not come from this address.
    """
    if token is None:
        return ANONYMOUS
    # What the header says chooses who verifies the token; it is believed in nothing else.
    header = _header(token.partition(".")[0])
    if header.get("typ") == TYPE:
        return await identify_machine(token, source=source)
    if header.get("alg") in KINDS:
        return await identify_host_user(token)
    return await identify_person(token)


@lru_cache(maxsize=256)
def _header(part: str) -> dict[str, object]:
    if len(part) > LONGEST_HEADER:
        return {}
    try:
        header = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return header if isinstance(header, dict) else {}
