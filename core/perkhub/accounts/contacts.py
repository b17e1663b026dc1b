"""Contact points: e-mail addresses and phone numbers in one normal form, so that one person is found by any spelling."""

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum, auto

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from perkhub.kit.errors import InvalidInput
from perkhub.kit.sealing import mask_email, mask_phone

DEFAULT_REGION = "CN"
LONGEST = 254  # an e-mail address by RFC 5321; no phone number comes near
MASKED_LENGTH = 120  # what the column takes

# Other types cannot receive a text message, or would let a fraudster earn on each one.
TEXTABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class ContactKind(StrEnum):
    EMAIL = auto()
    PHONE = auto()


@dataclass(frozen=True)
class ContactPoint:
    """A contact in normal form. Its value is personal data: it stays out of representations, and so out of logs."""

    kind: ContactKind
    value: str = field(repr=False)

    @property
    def masked(self) -> str:
        """What may be shown: z••••@example.com, +86138••••8000."""
        return (mask_email if self.kind is ContactKind.EMAIL else mask_phone)(self.value)[:MASKED_LENGTH]


def parse_contact(kind: ContactKind, value: str, *, path: tuple[str, ...] = ()) -> ContactPoint:
    """The normal form of what a person typed.

    Raises:
        InvalidInput: with the given path; the message does not repeat the value.
    """
    typed = unicodedata.normalize("NFKC", value[: LONGEST + 1]).strip()
    if len(value) > LONGEST or len(typed) > LONGEST:
        raise InvalidInput(path=path, reason=f"At most {LONGEST} characters.", reason_zh=f"最多 {LONGEST} 个字符。")
    normal = _email(typed) if kind is ContactKind.EMAIL else _phone(typed)
    if normal is None:
        raise _not_a_contact(kind, path)
    return ContactPoint(kind, normal)


def national_number(phone: str) -> str:
    """A phone in normal form without its country's code, as those want it who serve one country; what is none stays."""
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        return phone
    return phonenumbers.national_significant_number(number)


def is_of_country(phone: str, country: str) -> bool:
    """Whether a phone in normal form has this country's code (ISO 3166-1 alpha-2); of what names no country nothing is known
    against it."""
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        return not phone.startswith("+")
    return number.country_code == phonenumbers.country_code_for_region(country)


def _email(typed: str) -> str | None:
    try:
        checked = validate_email(typed, check_deliverability=False)
    except EmailNotValidError:
        return None
    # Case matters to hardly any mail server, and two accounts that differ by it would be a trap.
    return checked.normalized.lower()


def _phone(typed: str) -> str | None:
    try:
        number = phonenumbers.parse(typed, DEFAULT_REGION)
    except NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in TEXTABLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _not_a_contact(kind: ContactKind, path: tuple[str, ...]) -> InvalidInput:
    if kind is ContactKind.EMAIL:
        return InvalidInput(path=path, reason="This is not an e-mail address.", reason_zh="邮箱地址格式不正确。")
    return InvalidInput(
        path=path,
        reason="This is not a mobile phone number; outside China begin it with + and the country's code.",
        reason_zh="手机号码格式不正确;中国以外的号码请以 + 和国家代码开头。",
    )
