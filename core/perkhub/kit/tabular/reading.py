"""Reading a stranger's table: feeds the file to a limited child process and takes columns and rows back, in chunks.

The file is only ever in memory, here piece by piece and whole in the child. The child is gone when the block is left,
however it is left.
"""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog

from perkhub.kit.settings import settings
from perkhub.kit.tabular.errors import REFUSALS, FileDamaged, FileTooDemanding, FileTooLarge, WorkbookRefused
from perkhub.kit.tabular.frames import HEAD, LARGEST, Frame, read_body
from perkhub.kit.tabular.table import CellFault, CellProblem, Limits, TableChunk

CHILD = ("-I", "-X", "utf8", "-m", "perkhub.kit.tabular.child")
# Out of memory aborts the parser; out of time is SIGXCPU, or our own SIGKILL.
OVERSTRAINED = frozenset({-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU, -signal.SIGSEGV})
READ_AHEAD = 1 << 20
GRACE_SECONDS = 5

log = structlog.get_logger(__name__)


class Table:
    """A table that is being read. Rows can be taken once."""

    def __init__(self, child: Process, limits: Limits) -> None:
        self._child = child
        self._limits = limits
        self._leaving = False
        self.columns: list[str] = []  # as secret as any row: somebody may have left the header out
        self.child_peak_megabytes: float | None = None  # known once every row was read

    async def chunks(self) -> AsyncIterator[TableChunk]:
        """The rows below the header.

        Raises:
            WorkbookRefused: also after some rows, when a later one cannot be taken.
        """
        while (content := await self._take(Frame.ROWS)) is not None:
            first, rows, problems = content
            yield TableChunk(first, rows, [CellProblem(row, column, CellFault(fault)) for row, column, fault in problems])

    async def feed(self, task: dict[str, Any], source: AsyncIterator[bytes]) -> None:
        """Give the child its task and the file. What the source raises is raised here."""
        fed = 0
        alive = await self._give(orjson.dumps(task) + b"\n")
        async for piece in source:
            fed += len(piece)
            if fed > self._limits.file_bytes:
                raise FileTooLarge(megabytes=self._limits.file_bytes >> 20)
            alive = alive and await self._give(piece)
        assert self._child.stdin is not None
        self._child.stdin.close()

    async def _give(self, data: bytes) -> bool:
        """Whether the child took it. One that died tells by how it ended, and that is asked for when we read."""
        pipe = self._child.stdin
        assert pipe is not None
        try:
            pipe.write(data)
            async with asyncio.timeout(self._limits.seconds):
                await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            return False
        except TimeoutError:
            raise FileTooDemanding from None
        return True

    async def take_columns(self) -> None:
        """The first answer: the header, or why there is none."""
        content = await self._take(Frame.COLUMNS)
        if content is None:
            raise FileDamaged
        (self.columns,) = content

    async def _take(self, expected: Frame) -> list[Any] | None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                kind, content = await self._frame()
        except TimeoutError:
            raise FileTooDemanding from None
        except asyncio.IncompleteReadError:
            self._leaving = True
            raise await self._why_it_ended() from None
        self._leaving = kind in (Frame.REFUSED, Frame.END)
        if kind is Frame.REFUSED:
            code, data = content
            raise REFUSALS[code](**data)
        if kind is Frame.END:
            self.child_peak_megabytes = content[0] / 1024
            return None
        if kind is not expected:
            raise FileDamaged
        return content

    async def _frame(self) -> tuple[Frame, list[Any]]:
        pipe = self._child.stdout
        assert pipe is not None
        (length,) = HEAD.unpack(await pipe.readexactly(HEAD.size))
        if length > LARGEST:
            raise FileDamaged
        return read_body(await pipe.readexactly(length))

    async def _why_it_ended(self) -> WorkbookRefused:
        """The child died without a word. Its exit status is logged, because it may also be our own fault."""
        status = await self.end()
        log.warning("tabular.child_ended", status=status)
        return FileTooDemanding() if status in OVERSTRAINED else FileDamaged()

    async def end(self) -> int:
        """Reap the child, also when the one who waits is cancelled; its exit status."""
        # One that leaves by itself is not killed: that would race for its exit status.
        if self._leaving:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GRACE_SECONDS):
                    return await self._child.wait()
        with contextlib.suppress(ProcessLookupError):
            self._child.kill()
        return await asyncio.shield(self._child.wait())


def configured_limits() -> Limits:
    """The limits that the settings ask for."""
    return Limits(file_bytes=settings().upload_megabytes << 20, memory_megabytes=settings().import_memory_megabytes)


@asynccontextmanager
async def read_table(
    source: AsyncIterator[bytes], *, filename: str, limits: Limits, sheet: str | None = None
) -> AsyncIterator[Table]:
    """Read the file that `source` yields: `async with read_table(...) as table`, then `table.columns` and `table.chunks()`.

    `sheet` names a visible sheet; without it, the first visible one is read.

    Raises:
        WorkbookRefused: one of its kinds.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, *CHILD, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", limit=READ_AHEAD
    )
    table = Table(child, limits)
    try:
        await table.feed({"filename": filename, "sheet": sheet, "limits": limits.as_dict()}, source)
        await table.take_columns()
        yield table
    finally:
        await table.end()
