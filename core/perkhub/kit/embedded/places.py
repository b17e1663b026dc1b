"""Where embedded servers keep data and sockets. Never changes the rights of a folder it did not make."""

import hashlib
import logging
import os
import re
import stat
from pathlib import Path

from perkhub.kit.embedded.errors import ServerFailed
from perkhub.kit.embedded.processes import Account

log = logging.getLogger(__name__)

# sockaddr_un holds 108 bytes on Linux and 104 elsewhere, the closing zero included.
LONGEST_SOCKET = 103
# What every client reads from a URL alike; some undo percent signs and some do not.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
# Fixed, not the temp folder of the environment: every process must come to the same place.
SOCKETS = Path("/tmp")  # noqa: S108 (a private folder below it, checked for its owner)
KEPT = Path("/var/tmp")  # noqa: S108 (the same; survives a restart of the machine)


def data_folder(folder: Path) -> Path:
    """The folder, made if missing; only its owner may list it."""
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir()
    except FileExistsError:  # perhaps made by another process a moment ago
        pass
    else:
        folder.chmod(0o711)  # to pass through, so that the account that runs PostgreSQL reaches its own folder inside
    return folder.resolve()


def postgres_folder(folder: Path, account: Account | None) -> Path:
    """PostgreSQL's part of the data folder, or a place outside it where its account cannot reach the inside."""
    inside, outside = folder / "postgres", KEPT / f"perkhub-{_key(folder)}" / "postgres"
    if account is None or (may_enter(folder, account) and not outside.exists()):
        return inside
    if inside.exists():  # an empty cluster in the other place would look like lost data
        raise ServerFailed("PostgreSQL", f"its account may not pass through to {folder}, where its data is")
    return outside


def prepare_postgres_folder(chosen: Path, folder: Path) -> None:
    """Make the place outside the data folder, where that was chosen."""
    if chosen.parent != folder:
        private_folder(chosen.parent, mode=0o711)
        log.warning(
            "Embedded PostgreSQL keeps its data in %s: as root it runs as `nobody`, who cannot reach %s", chosen, folder
        )


def socket_folder(wanted: Path, name: str) -> Path:
    """The wanted folder, or a short one where a socket's path would be too long or not plain enough for a URL."""
    path = str(wanted / name)
    if len(os.fsencode(path)) <= LONGEST_SOCKET and PLAIN_PATH.fullmatch(path):
        return wanted
    return SOCKETS / f"perkhub-{_key(wanted)}"


def private_folder(path: Path, *, mode: int, account: Account | None = None) -> Path:
    """A folder of ours in a place that everybody may write to; refuses one that somebody else has put there."""
    owner = os.geteuid() if account is None else account.uid
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        path.chmod(mode)
        if account is not None:
            os.chown(path, account.uid, account.gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o022:
        raise ServerFailed("server", f"{path} belongs to somebody else")
    return path


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the account can pass through the folder and everything above it."""
    return all(_allows(step, account, stat.S_IXUSR) for step in (folder, *folder.parents))


def may_read(path: Path, account: Account) -> bool:
    """Whether the account can reach and read the file or folder."""
    return may_enter(path.parent, account) and _allows(path, account, stat.S_IRUSR)


def _allows(path: Path, account: Account, right: int) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & right)
    if found.st_gid == account.gid:
        return bool(found.st_mode & right >> 3)
    return bool(found.st_mode & right >> 6)


def _key(folder: Path) -> str:
    return hashlib.sha256(f"{os.geteuid()}:{folder}".encode()).hexdigest()[:16]
