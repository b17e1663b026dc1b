"""How personal data of accounts is sealed, found again, and hashed: which house key, bound to what."""

from uuid import UUID

from perkhub.accounts.contacts import ContactPoint
from perkhub.kit.keys import HouseKey, keyring
from perkhub.kit.sealing import Associated, blind_index, seal_text, unseal_text


def seal_personal(plain: str, place: Associated) -> bytes:
    """Sealed for one field of one row; moved elsewhere it does not open."""
    return seal_text(keyring().house_key(HouseKey.PERSONAL), plain, associated=place)


def unseal_personal(sealed: bytes, place: Associated) -> str:
    """The plain text, for its rightful reader."""
    return unseal_text(keyring().house_key(HouseKey.PERSONAL), sealed, associated=place)


def index_of(contact: ContactPoint) -> bytes:
    """What finds a contact without its being stored."""
    return blind_index(keyring().house_key(HouseKey.BLIND_INDEX), str(contact.kind), contact.value)


def staff_index(email: ContactPoint) -> bytes:
    """Likewise for staff: another word, so that nobody sees from the tables which customer also works here."""
    return blind_index(keyring().house_key(HouseKey.BLIND_INDEX), "staff", email.value)


def code_hash(code_id: UUID, code: str) -> bytes:
    """What a one-time code is compared by. Six digits are quickly tried through: hence a key. No two are alike."""
    return blind_index(keyring().house_key(HouseKey.BLIND_INDEX), f"one_time_code:{code_id}", code)
