"""Folders for data and logs that go with their run."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_folder(name: str = "perkhub-processes") -> Iterator[Path]:
    """A folder on a real disk. Others may pass through, for as root PostgreSQL runs under another account."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
