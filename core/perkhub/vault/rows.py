"""Checking the rows of a table of codes: normal forms, the rules of each kind, and fingerprints. Pure, and fast enough for
a million rows; it runs in a thread, chunk by chunk.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perkhub.kit.sealing import HIDDEN, fingerprint, mask_tail
from perkhub.kit.tabular.cells import normalise_cell
from perkhub.kit.tabular.table import CellProblem, column_letters
from perkhub.vault.columns import Column, Layout
from perkhub.vault.credentials import IDENTIFYING, NEVER_MASKED_BY_TAIL, CredentialKind
from perkhub.vault.expiry_dates import read_expiry
from perkhub.vault.refusals import Refusal, RowFault, Tally

# Printable ASCII with single spaces inside, as card numbers are printed in groups.
CODE = re.compile(r"(?=.{4,128}\Z)[!-~]+(?: [!-~]+)*")
PIN = re.compile(r"(?=.{1,64}\Z)[!-~]+(?: [!-~]+)*")
LINK = re.compile(r"(?=.{1,1024}\Z)https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:[/?#][!-~]*)?", re.I)
FORMS: dict[CredentialKind, tuple[re.Pattern[str], RowFault]] = {
    CredentialKind.NUMBER: (CODE, RowFault.CODE_MALFORMED),
    CredentialKind.CLAIM_CODE: (CODE, RowFault.CODE_MALFORMED),
    CredentialKind.BARCODE: (CODE, RowFault.CODE_MALFORMED),
    CredentialKind.URL: (LINK, RowFault.LINK_MALFORMED),
    CredentialKind.PIN: (PIN, RowFault.PIN_MALFORMED),
    CredentialKind.SECURITY_CODE: (PIN, RowFault.PIN_MALFORMED),
}
HOST = re.compile(r"[^/?#]*")
SEPARATORS = str.maketrans("", "", " -")


@dataclass(frozen=True, slots=True)
class Terms:
    """What every row of one import is held to. `usable_at` is fixed, so that both passes judge alike."""

    usable_at: datetime
    zone: str
    default_expires_at: datetime


@dataclass(slots=True)
class GoodRow:
    """A row with nothing against it but, perhaps, a code of the same fingerprint."""

    number: int
    values: tuple[str, ...] = field(repr=False)
    expires_at: datetime
    fingerprint: UUID


Rows = Sequence[tuple[int, Sequence[str]]]


class RowCheck:
    """Checks rows of one layout. `key` and `issuer` are what fingerprints are made with."""

    def __init__(self, layout: Layout, terms: Terms, *, key: bytes, issuer: str) -> None:
        self._layout = layout
        self._terms = terms
        self._key = key
        self._issuer = plain_issuer(issuer)
        self._forms = [FORMS[kind] for kind in layout.kinds]
        self._positions = [column.position for column in layout.credentials]
        self.kinds = layout.kinds
        told_apart_by = next(kind for kind in IDENTIFYING if kind in self.kinds)
        self._identifying = self.kinds.index(told_apart_by)
        self._plain = plain_form(told_apart_by)
        self._masked_by_tail = told_apart_by not in NEVER_MASKED_BY_TAIL
        self._named = {column.position: column.name for column in layout.credentials}
        if layout.expiry:
            self._named[layout.expiry.position] = layout.expiry.name

    @property
    def identifying_column(self) -> Column:
        """The column that tells codes apart."""
        return self._layout.credentials[self._identifying]

    def mask(self, row: GoodRow) -> str:
        """What of a code may be shown: a tail of what is long enough, nothing of a link."""
        return mask_tail(row.values[self._identifying]) if self._masked_by_tail else HIDDEN

    def check(self, rows: Rows, problems: Iterable[CellProblem]) -> tuple[list[GoodRow], Tally]:
        """The good rows, and the others counted."""
        troubled: dict[int, dict[int, CellProblem]] = {}
        for problem in problems:
            troubled.setdefault(problem.row, {})[problem.column] = problem
        good: list[GoodRow] = []
        tally = Tally()
        for number, cells in rows:
            tally.read += 1
            found = None if number in troubled else self._read(number, cells)
            if found is None:
                found = self._explain(number, cells, troubled.get(number, {}), tally)
            if found is not None:
                good.append(found)
        return good, tally

    def _read(self, number: int, cells: Sequence[str]) -> GoodRow | None:
        """The row, or None when something is wrong with it: what it is costs more to find out, and is rarely asked."""
        values = tuple([_normal(cells[position]) for position in self._positions])
        for value, (form, _) in zip(values, self._forms, strict=True):
            if not form.fullmatch(value):
                return None
        if any(cells[position] for position in self._layout.unnamed):
            return None
        expires_at = self._expires_at(cells)
        if expires_at is None or expires_at <= self._terms.usable_at:
            return None
        told_apart = self._plain(values[self._identifying])
        made = fingerprint(self._key, self._issuer, told_apart)
        return GoodRow(number, values, expires_at, UUID(bytes=made[:16]))

    def _expires_at(self, cells: Sequence[str]) -> datetime | None:
        expiry = self._layout.expiry
        text = _normal(cells[expiry.position]) if expiry else ""
        return read_expiry(text, self._terms.zone) if text else self._terms.default_expires_at

    def _explain(self, number: int, cells: Sequence[str], problems: dict[int, CellProblem], tally: Tally) -> GoodRow | None:
        """Note everything that is wrong with a row; a problem in a column that means nothing is no fault of the row."""
        against = [
            Refusal(number, self._named.get(position, column_letters(position)), problem.fault.upper())
            for position, problem in problems.items()
            if position in self._named or position >= len(cells)
        ]
        for column, (form, fault) in zip(self._layout.credentials, self._forms, strict=True):
            value = _normal(cells[column.position])
            if column.position not in problems and not form.fullmatch(value):
                against.append(Refusal(number, column.name, fault if value else RowFault.CREDENTIAL_MISSING))
        against += [
            Refusal(number, column_letters(position), RowFault.COLUMN_UNNAMED)
            for position in self._layout.unnamed
            if cells[position]
        ]
        expiry = self._layout.expiry or self.identifying_column
        if expiry.position not in problems:
            expires_at = self._expires_at(cells)
            if expires_at is None:
                against.append(Refusal(number, expiry.name, RowFault.EXPIRY_UNREADABLE))
            elif expires_at <= self._terms.usable_at:
                against.append(Refusal(number, expiry.name, RowFault.EXPIRES_TOO_SOON))
        if against:
            tally.refuse(against)
            return None
        return self._read(number, cells)


def plain_issuer(issuer: str) -> str:
    """One issuer however it is written: the same code of "Netflix" and "NETFLIX " is one code."""
    return " ".join(normalise_cell(issuer).casefold().split())


def plain_form(kind: CredentialKind) -> Callable[[str], str]:
    """How a credential of this kind is compared: a link by its letters, all else without case and grouping."""
    return _plain_link if kind is CredentialKind.URL else _plain_code


def _plain_code(value: str) -> str:
    return value.translate(SEPARATORS).upper() or value


def _plain_link(value: str) -> str:
    address = value.partition("://")[2]
    host = HOST.match(address)
    assert host is not None
    return host[0].lower() + address[host.end() :]


def _normal(text: str) -> str:
    # What is plain ASCII was trimmed when it was read.
    return text if text.isascii() else normalise_cell(text)
