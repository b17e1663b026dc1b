"""What a coupon code is: twelve characters that people can read aloud and type, the last one a check of the others.

The alphabet has 31 characters, none of which looks like another. 31 is a prime, so that the weighted sum finds every single
wrong character and every two that changed places. A code is derived from its batch's secret and its number: no code is stored,
and the export is computed again. Codes are made by the million, so they are derived many at once, and written some characters
at a time from tables.
"""

import struct
from collections.abc import Iterable
from itertools import product

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from perkhub.kit.ids import READABLE

BASE = len(READABLE)
LENGTH = 12
CODES = BASE ** (LENGTH - 1)  # some 2.5e16: of a million codes one in 25 billion guesses is one
GROUP = 4
BLOCK = 16
FIRST_WEIGHT = 2
_PLACE = {character: place for place, character in enumerate(READABLE)}


def _written(places: int) -> list[str]:
    return ["".join(characters) for characters in product(READABLE, repeat=places)]


def _weighed(places: int, *, after: int) -> list[int]:
    """What each of `_written` adds to the weighted sum, with so many characters before it."""
    weights = range(FIRST_WEIGHT + after, FIRST_WEIGHT + after + places)
    ways = product(range(BASE), repeat=places)
    return [sum(weight * place for weight, place in zip(weights, way, strict=True)) % BASE for way in ways]


_THREE, _TWO = _written(3), _written(2)
_WEIGHTS = (_weighed(3, after=0), _weighed(3, after=3), _weighed(3, after=6), _weighed(2, after=9))
_CHECK = [READABLE[-weighed % BASE] for weighed in range(len(_WEIGHTS) * BASE)]


def codes_of(secret: bytes, numbers: Iterable[int]) -> list[str]:
    """The codes with these numbers.

    A number's block under AES is what nobody tells from chance without the secret. Each of its four 32-bit words gives two or
    three characters; the remainder favours none of them by more than one part in a hundred thousand.
    """
    blocks = b"".join([number.to_bytes(BLOCK, "big") for number in numbers])
    # No two numbers are the same, so no two blocks are: what is wrong with ECB elsewhere is just what is wanted here.
    drawn = Cipher(AES(secret), ECB()).encryptor().update(blocks)  # noqa: S305
    three, two, (one, other, third, last) = BASE**3, BASE**2, _WEIGHTS
    codes = []
    for a, b, c, d in struct.iter_unpack(">4I", drawn):
        a, b, c, d = a % three, b % three, c % three, d % two
        check = _CHECK[one[a] + other[b] + third[c] + last[d]]
        codes.append(f"{_THREE[a]}{_THREE[b]}{_THREE[c]}{_TWO[d]}{check}")
    return codes


def code_of(secret: bytes, number: int) -> str:
    """The code with this number."""
    return codes_of(secret, [number])[0]


def normal_code(said: str) -> str | None:
    """A code as somebody typed it: any case, with spaces and dashes. None, if it cannot be one."""
    code = "".join(character for character in said.upper() if not character.isspace() and character not in "-_")
    if len(code) != LENGTH or any(character not in _PLACE for character in code):
        return None
    places = [_PLACE[character] for character in code]
    whole = sum(weight * place for weight, place in enumerate(places[:-1], start=FIRST_WEIGHT)) + places[-1]
    return code if whole % BASE == 0 else None


def shown(code: str) -> str:
    """As it is printed: XXXX-XXXX-XXXX."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))
