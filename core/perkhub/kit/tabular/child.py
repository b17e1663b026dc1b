"""The child that reads a stranger's file: limits itself first, takes the file from stdin, answers in frames on stdout.

It may be killed, abort or run out of memory: only its parent decides what that means. It writes no file and its stderr
goes nowhere.
"""

import contextlib
import gc
import resource
import sys
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import orjson

from perkhub.kit.limited import limit_process
from perkhub.kit.tabular.archive import EMPTY_ZIP, OLE, ZIP, refuse_ole
from perkhub.kit.tabular.cells import RawRow
from perkhub.kit.tabular.errors import FileEmpty, FileTooDemanding, FileUnreadable, WorkbookRefused
from perkhub.kit.tabular.frames import Frame, write_frame
from perkhub.kit.tabular.separated import separated_rows
from perkhub.kit.tabular.shaping import shape_table
from perkhub.kit.tabular.table import Limits
from perkhub.kit.tabular.workbook import workbook_rows

TEXT_NAMES = ("", ".csv", ".tsv", ".txt", ".tab")


def rows_of(data: bytes, *, filename: str, sheet: str | None, limits: Limits) -> Iterator[RawRow]:
    """The rows, by what the file is; its name only tells a text table from something else that is no workbook."""
    if not data:
        raise FileEmpty
    if data.startswith(OLE):
        refuse_ole(data)
    if data.startswith((ZIP, EMPTY_ZIP)):
        return workbook_rows(data, sheet=sheet, limits=limits)
    if PurePath(filename).suffix.lower() not in TEXT_NAMES:
        raise FileUnreadable
    return separated_rows(data, limits=limits)


def peak_kilobytes() -> int:
    """The most memory held so far. The kernel's other figure (ru_maxrss) also counts what the parent had at the fork."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def answer(task: dict[str, Any], limits: Limits, out: BinaryIO) -> None:
    """Read the table and write it out; a refusal is the last frame."""
    try:
        data = sys.stdin.buffer.read()
        shape_table(rows_of(data, filename=task["filename"], sheet=task["sheet"], limits=limits), limits, out)
        write_frame(out, Frame.END, peak_kilobytes())
    except WorkbookRefused as refused:
        write_frame(out, Frame.REFUSED, refused.code, refused.data)
    except MemoryError:
        write_frame(out, Frame.REFUSED, FileTooDemanding.code, {})
    out.flush()


def main() -> None:
    """One task line, then the file until its end."""
    gc.disable()  # rows come and go without cycles
    task = orjson.loads(sys.stdin.buffer.readline())
    limits = Limits(**task["limits"])
    limit_process(memory_megabytes=limits.memory_megabytes, seconds=limits.seconds)
    with contextlib.suppress(BrokenPipeError):
        answer(task, limits, sys.stdout.buffer)


if __name__ == "__main__":
    main()
