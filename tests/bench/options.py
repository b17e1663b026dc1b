"""What a benchmark may be asked for on the command line; None where it decides by itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`rows` is what the bench counts: orders, codes, reveals, starts, imported products."""

    rows: int | None = None
    seconds: float | None = None
    wallets: int | None = None
    variants: int | None = None
    products: int | None = None
    channels: int | None = None
    buyers: int | None = None
