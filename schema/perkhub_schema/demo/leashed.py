"""A child's end of the leash: `python -m perkhub_schema.demo.leashed COMMAND…` is `perkhub COMMAND…` until stdin ends.

The demo holds the other end. However it dies, its children notice and stop as if they were told to.
"""

import os
import signal
import sys
import threading

from perkhub_schema.cli import app


def _stop_with_the_demo() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_stop_with_the_demo, daemon=True).start()
    app(prog_name="perkhub")
