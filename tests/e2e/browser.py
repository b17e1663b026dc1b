"""A real browser for the tests: Debian's Chromium, found or installed, and the built shop that it looks at."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.house.tree import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium"
INSTALL_SECONDS = 600
BUILT = ROOT / "storefront-demo/dist/index.html"
BUILD = ROOT / "storefront-demo/build/make.sh"


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Tests run in several processes; what they need is made once."""
    with (Path(tempfile.gettempdir()) / f"perkhub-{name}-{os.getuid()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def chromium() -> str:
    """The browser's path; installed where that is possible, else the test is skipped."""
    with one_at_a_time("chromium"):
        if found := _found():
            return found
        if os.geteuid() == 0 and shutil.which("apt-get"):
            done = subprocess.run(["sh", "-c", INSTALL], capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
            if found := _found():
                return found
            pytest.skip(f"no Chromium, and apt-get could not install one: {done.stderr[-500:]}")
    pytest.skip(f"no Chromium ({', '.join(NAMES)}); on Debian and Ubuntu: apt install chromium")


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_built() -> None:
    """The shop as it is now; skipped where there is no node to build it with."""
    with one_at_a_time("storefront"):
        done = subprocess.run([str(BUILD), "dist"], capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if not BUILT.is_file():
        pytest.skip(done.stdout.strip() or "the storefront is not built")


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Chromium without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        # As root there is no sandbox to be had, and a container's /dev/shm is small.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()
