"""The domains in their order, low to high: a domain imports only what stands before it."""

from pathlib import Path

DOMAINS = (
    "kit",
    "plugin",
    "accounts",
    "channels",
    "notices",
    "ledger",
    "catalog",
    "vault",
    "suppliers",
    "entitlements",
    "fulfilment",
    "pricing",
    "campaigns",
    "payments",
    "orders",
    "reactions",
    "audit",
)


def model_modules() -> list[str]:
    """The dotted names of every module that declares tables, a domain's own first; imports none of them."""
    return _modules_named("models.py")


def error_modules() -> list[str]:
    """The dotted names of every module that says why something is refused."""
    return _modules_named("errors.py")


def _modules_named(file: str) -> list[str]:
    here = Path(__file__).parent
    found = (path for domain in DOMAINS for path in sorted((here / domain).rglob(file), key=_depth))
    return [".".join(("perkhub", *path.relative_to(here).with_suffix("").parts)) for path in found]


def _depth(path: Path) -> tuple[int, Path]:
    """A domain's own tables before those of its parts, which may point at them."""
    return len(path.parts), path
