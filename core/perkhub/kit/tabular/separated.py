"""Rows out of a text table (CSV): encoding and delimiter are found out, strictly. Runs only in the child process."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from perkhub.kit.tabular.cells import NO_FAULTS, RawRow
from perkhub.kit.tabular.errors import CellTooLong, FileEncodingUnknown, FileUnreadable, QuotesBroken
from perkhub.kit.tabular.table import Limits

# Longer marks first: the mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNMARKED = ("utf-8", "gb18030")  # gb18030 includes GBK, what a Chinese Excel writes as "CSV"
DELIMITERS = ",;\t|"
QUOTED = re.compile(r'"[^"]*"?')
PIECE = 1 << 20
FIRST_LINE = 1 << 16


def separated_rows(data: bytes, *, limits: Limits) -> Iterator[RawRow]:
    """Every record; its number is the row a spreadsheet would show it in, also after quoted line breaks."""
    encoding = find_encoding(data)
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
        delimiter = find_delimiter(text.readline(FIRST_LINE))
        text.seek(0)
        csv.field_size_limit(limits.cell_characters)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        whole = 0
        try:
            for values in reader:
                whole += 1
                yield values, NO_FAULTS
        except csv.Error as error:
            if "field limit" in str(error):
                raise CellTooLong(row=whole + 1, limit=limits.cell_characters) from None
            raise QuotesBroken(row=whole + 1) from None


def find_encoding(data: bytes) -> str:
    """The one encoding in which the whole text is valid.

    Raises:
        FileEncodingUnknown; FileUnreadable when it has NUL bytes, as no text has.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            if encoding is None or not _is_valid(data, encoding):
                raise FileEncodingUnknown
            return encoding
    for encoding in UNMARKED:
        if _is_valid(data, encoding):
            return encoding
    raise FileEncodingUnknown


def find_delimiter(first_line: str) -> str:
    """What separates the column names most often; a comma when there is only one column."""
    bare = QUOTED.sub("", first_line)
    return max(DELIMITERS, key=bare.count)


def _is_valid(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    try:
        for start in range(0, len(data), PIECE):
            if "\0" in decoder.decode(view[start : start + PIECE], final=start + PIECE >= len(data)):
                raise FileUnreadable
    except UnicodeDecodeError:
        return False
    return True
