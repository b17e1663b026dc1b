"""Texts in cells: an apostrophe in front keeps a spreadsheet from running what looks like a formula, and us from reading
another thing than was written."""

from perkhub.kit.tabular.cells import BLANKS, read_text

MARK = "'"
# What spreadsheets run, in some languages also by its full-width form.
RUN = ("=", "+", "-", "@", "|", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """The text as it stands in a cell that we write; what is invisible at its ends is not, for no cell is read with it."""
    text = text.strip(BLANKS)
    return MARK + text if _needs_mark(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell."""
    return cell[1:] if cell.startswith(MARK) and _needs_mark(cell[1:]) else cell


def _needs_mark(text: str) -> bool:
    # Also behind marks that belong to the text: what we then take away is always ours.
    bare = text.lstrip(MARK + BLANKS)
    return bare[:1] in RUN or read_text(bare) != bare.strip()
