"""What is said of a person in a token, read by an operator's mapping. A token may say anything in any shape."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from perkhub.accounts.contacts import ContactKind, ContactPoint, parse_contact
from perkhub.accounts.locales import parse_locale
from perkhub.kit.errors import InvalidInput
from perkhub.kit.texts import refuse_odd_text

LONGEST_SUBJECT = 255  # what OpenID Connect allows
LONGEST_NAME = 80
LONGEST_CLAIM = 120
LONGEST_GROUP = 120
MOST_GROUPS = 50


@dataclass(frozen=True)
class ClaimMapping:
    """The names of the claims that say it. With dots one looks into objects: realm_access.roles."""

    email: str | None = "email"
    email_verified: str | None = "email_verified"
    name: str | None = "name"
    locale: str | None = "locale"
    groups: str | None = None

    def checked(self, *path: str) -> "ClaimMapping":
        """The same, if it can be kept.

        Raises:
            InvalidInput
        """
        for field_name, claim in asdict(self).items():
            if claim is not None:
                head, *rest = field_name.split("_")
                refuse_odd_text(claim, *path, head + "".join(part.title() for part in rest), longest=LONGEST_CLAIM)
        return self


USUAL = ClaimMapping()


@dataclass(frozen=True)
class Vouched:
    """Who somebody is, as another says it. `verified_email` is there only where they say that it was proved."""

    subject: str = field(repr=False)
    verified_email: ContactPoint | None = None
    name: str | None = field(default=None, repr=False)
    locale: str | None = None
    groups: tuple[str, ...] | None = None


def read_claims(claims: Mapping[str, Any], mapping: ClaimMapping) -> Vouched:
    """What the claims say; what is odd counts as not said.

    Raises:
        ValueError: there is no subject in them.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\x00" in subject:
        raise ValueError("no subject")
    verified = _at(claims, mapping.email_verified) in (True, "true")  # some say it as a text
    return Vouched(
        subject,
        verified_email=_email(_at(claims, mapping.email)) if verified else None,
        name=_name(_at(claims, mapping.name)),
        locale=_locale(_at(claims, mapping.locale)),
        groups=None if mapping.groups is None else _groups(_at(claims, mapping.groups)),
    )


def domain_of(email: ContactPoint) -> str:
    """What stands behind the @."""
    return email.value.rpartition("@")[2]


def _at(claims: Mapping[str, Any], name: str | None) -> Any:
    if name is None:
        return None
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _email(said: Any) -> ContactPoint | None:
    try:
        return parse_contact(ContactKind.EMAIL, said) if isinstance(said, str) else None
    except InvalidInput:
        return None


def _name(said: Any) -> str | None:
    kept = said.strip()[:LONGEST_NAME] if isinstance(said, str) else ""
    return kept if kept.isprintable() and kept else None


def _locale(said: Any) -> str | None:
    try:
        return parse_locale(said) if isinstance(said, str) else None
    except InvalidInput:
        return None


def _groups(said: Any) -> tuple[str, ...]:
    """A list of names, or one text with commas or spaces between them."""
    listed = said.replace(",", " ").split() if isinstance(said, str) else said if isinstance(said, list) else []
    names = {one for one in listed if isinstance(one, str) and 0 < len(one) <= LONGEST_GROUP and "\x00" not in one}
    return tuple(sorted(names)[:MOST_GROUPS])
