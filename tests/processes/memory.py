"""What processes hold in memory: now, at their peak, and together at one moment."""

import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

from tests.processes.child import Child

MEGABYTE = 2**20


def resident_megabytes(pid: int) -> float:
    """What the process holds now."""
    return float(psutil.Process(pid).memory_info().rss / MEGABYTE)


def peak_megabytes(pid: int) -> float:
    """The most it held so far, as the kernel noted it; where no kernel does, what it holds now."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return resident_megabytes(pid)
    noted = status.read_text().partition("VmHWM:")[2].split()
    return int(noted[0]) / 1024 if noted else 0.0


class MemoryWatch:
    """Watches a process and its children, short-lived ones included, until the block ends.

    Of each process the last look counts, not the largest: a child between fork and exec still shows its parent's peak.
    """

    def __init__(self, child: Child, *, every: float = 0.05) -> None:
        self.child = child
        self.every = every
        self.peaks: dict[int, float] = {}
        self.together = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    @property
    def own_peak(self) -> float:
        """Of the process itself."""
        return self.peaks.get(self.child.pid, 0.0)

    @property
    def largest_child(self) -> float:
        """Of its largest child."""
        return max((peak for pid, peak in self.peaks.items() if pid != self.child.pid), default=0.0)

    def _watch(self) -> None:
        while True:
            self._look()
            if self._over.wait(self.every):
                self._look()
                return

    def _look(self) -> None:
        held = 0.0
        for pid in self.child.tree():
            with suppress(psutil.Error, OSError):
                self.peaks[pid] = peak_megabytes(pid) or self.peaks.get(pid, 0.0)
                held += resident_megabytes(pid)
        self.together = max(self.together, held)
