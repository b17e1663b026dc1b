"""A sealed value opens with its key in its place and nowhere else; hashes are apart by purpose; masks tell little."""

from itertools import count
from uuid import UUID

import pytest

from perkhub.kit.sealing import (
    Sealer,
    Unsealable,
    bind,
    blind_index,
    fingerprint,
    mask_email,
    mask_phone,
    mask_tail,
    seal,
    seal_text,
    set_cipher,
    unseal,
    unseal_text,
)

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
LOT, CODE = UUID(int=7), UUID(int=8)
PLACE = (LOT, CODE, "number")
SECRET = "MARKER-7H4Q-2291 王五"


def test_a_sealed_text_opens_again():
    sealed = seal_text(KEY, SECRET, associated=PLACE)
    assert unseal_text(KEY, sealed, associated=PLACE) == SECRET
    assert len(sealed) == 1 + 12 + len(SECRET.encode()) + 16
    assert SECRET[:6].encode() not in sealed


def test_equal_values_are_sealed_differently():
    assert len({seal(KEY, b"same", associated=PLACE) for _ in range(100)}) == 100


def test_the_batch_form_is_the_same_form():
    sealer = Sealer(KEY)
    assert sealer.unseal(seal(KEY, b"x", associated=PLACE), associated=PLACE) == b"x"
    assert unseal(KEY, sealer.seal(b"", associated=()), associated=()) == b""


def damaged(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


SEALED = seal_text(KEY, SECRET, associated=PLACE)


@pytest.mark.parametrize(
    ("key", "sealed", "place"),
    [
        (OTHER_KEY, SEALED, PLACE),
        (KEY, SEALED, (LOT, CODE, "pin")),
        (KEY, SEALED, (CODE, LOT, "number")),
        (KEY, SEALED, ()),
        *((KEY, damaged(SEALED, at), PLACE) for at in range(len(SEALED))),
        *((KEY, SEALED[:length], PLACE) for length in range(len(SEALED))),
        (KEY, SECRET.encode(), PLACE),
    ],
    ids=count(),  # sealed bytes differ in each process, and so would ids made of them
)
def test_anything_else_does_not_open_and_says_nothing(key: bytes, sealed: bytes, place: tuple[str | UUID, ...]):
    with pytest.raises(Unsealable) as caught:
        unseal_text(key, sealed, associated=place)
    assert caught.value.args == ("a sealed value does not open with this key in this place",)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_sealed_bytes_that_are_no_text_are_no_text():
    with pytest.raises(Unsealable):
        unseal_text(KEY, seal(KEY, b"\xff\xfe", associated=PLACE), associated=PLACE)


def test_no_two_places_look_alike():
    places: list[tuple[str | UUID, ...]] = [
        (),
        ("",),
        ("", ""),
        ("ab", "c"),
        ("a", "bc"),
        ("abc",),
        ("as1:b",),
        ("a", "b"),
        (LOT,),
        (str(LOT),),
        (LOT.bytes.decode("latin-1"),),
    ]
    assert len({bind(place) for place in places}) == len(places)


def test_hashes_are_apart_by_key_kind_and_purpose():
    hashes = [
        blind_index(KEY, "phone", "+8613800000001"),
        blind_index(KEY, "email", "+8613800000001"),
        blind_index(OTHER_KEY, "phone", "+8613800000001"),
        fingerprint(KEY, "phone", "+8613800000001"),
        fingerprint(KEY, "other", "+8613800000001"),
        fingerprint(KEY, "phone+", "8613800000001"),
    ]
    assert len(set(hashes)) == len(hashes)
    assert {len(made) for made in hashes} == {32}
    assert blind_index(KEY, "phone", "+8613800000001") == hashes[0]


@pytest.mark.parametrize(
    ("value", "masked"),
    [("ABCD-EFGH-7421", "•••• 7421"), ("123456789012", "•••• 9012"), ("12345678901", "••••"), ("", "••••")],
)
def test_a_tail_is_shown_of_long_values_only(value: str, masked: str):
    assert mask_tail(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [("zhang.san@example.com", "z••••@example.com"), ("z@example.com", "••••@example.com"), ("nonsense", "••••"), ("", "••••")],
)
def test_an_address_is_masked(value: str, masked: str):
    assert mask_email(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [("+8613812347421", "+86138••••7421"), ("13812347421", "138••••7421"), ("12347421", "••••"), ("", "••••")],
)
def test_a_phone_number_is_masked(value: str, masked: str):
    assert mask_phone(value) == masked


class Plain:
    """Seals nothing."""

    def __init__(self, key: bytes) -> None: ...

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        return data

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        return data


def test_the_negative_control_really_seals_nothing():
    from_before = set_cipher(Plain)
    try:
        assert SECRET.encode() in seal_text(KEY, SECRET, associated=PLACE)
        assert unseal_text(KEY, seal_text(KEY, SECRET, associated=PLACE), associated=PLACE) == SECRET
    finally:
        set_cipher(from_before)
    assert SECRET.encode() not in seal_text(KEY, SECRET, associated=PLACE)
