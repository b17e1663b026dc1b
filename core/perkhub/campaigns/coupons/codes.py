"""What a coupon code is: twelve characters that people can read aloud and type, the last one a check of the others.

The alphabet has 31 characters, none of which looks like another. 31 is a prime, so that the weighted sum finds every single
wrong character and every two that changed places. A code is derived from its batch's secret and its number: no code is stored,
and the export is computed again.
"""

import hmac

from perkhub.kit.ids import READABLE

BASE = len(READABLE)
LENGTH = 12
FREE = LENGTH - 1
CODES = BASE**FREE  # some 2.5e16: of a million codes one in 25 billion guesses is one
GROUP = 4
_PLACE = {character: place for place, character in enumerate(READABLE)}


def code_of(secret: bytes, number: int) -> str:
    """The code with this number."""
    drawn = int.from_bytes(hmac.digest(secret, number.to_bytes(8, "big"), "sha256")[:16], "big") % CODES
    places = []
    for _ in range(FREE):
        drawn, place = divmod(drawn, BASE)
        places.append(place)
    check = -sum(weight * place for weight, place in enumerate(places, start=2)) % BASE
    return "".join([READABLE[place] for place in places]) + READABLE[check]


def normal_code(said: str) -> str | None:
    """A code as somebody typed it: any case, with spaces and dashes. None, if it cannot be one."""
    code = "".join(character for character in said.upper() if not character.isspace() and character not in "-_")
    if len(code) != LENGTH or any(character not in _PLACE for character in code):
        return None
    places = [_PLACE[character] for character in code]
    whole = sum(weight * place for weight, place in enumerate(places[:-1], start=2)) + places[-1]
    return code if whole % BASE == 0 else None


def shown(code: str) -> str:
    """As it is printed: XXXX-XXXX-XXXX."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))
