"""What a child process that reads a stranger's file does first: it limits itself. Its parent decides what its end means."""

import ctypes
import resource
import sys

PR_SET_DUMPABLE = 4


def limit_process(*, memory_megabytes: int, seconds: int) -> None:
    """Memory and time; and nothing of what is read here may reach a disk, neither as a file nor as a core dump."""
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, memory_megabytes << 20)
        # A core pattern that pipes to a program ignores RLIMIT_CORE: only this keeps memory out of its hands.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))
