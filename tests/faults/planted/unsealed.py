"""The negative control: web and worker with a cipher that leaves everything as it is. The search must find the codes then.

`python -m tests.faults.planted.unsealed serve` or `worker`. The processes that the web server starts import this module
again, so that they have the same cipher.
"""

import sys

import uvloop

from perkhub.kit.sealing import set_cipher
from perkhub_schema.cli import app
from tests.faults.quick_worker import work


class Plain:
    """Not a cipher."""

    def __init__(self, key: bytes) -> None: ...

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The data."""
        return data

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The data."""
        return data


set_cipher(Plain)

if __name__ == "__main__":
    if sys.argv[1:] == ["worker"]:
        uvloop.run(work())
    else:
        app()
