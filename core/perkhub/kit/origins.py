"""Origins of web pages, as browsers say them: scheme, host, and the port where it is not the scheme's own."""

from collections.abc import Iterable
from urllib.parse import urlsplit

OWN_PORTS = {"http": 80, "https": 443}
LOCAL = ("localhost", "127.0.0.1", "::1")
EXPECTED = "an origin is https://host or https://host:port (http on localhost alone), with nothing after it"


def origin_of(address: str) -> str | None:
    """The origin of a web address in the form of an Origin header; None where it has none."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:  # half an IPv6 address, or a port that is no number
        return None
    if parts.scheme not in OWN_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" if port in (None, OWN_PORTS[parts.scheme]) else f"{parts.scheme}://{host}:{port}"


def read_origins(given: str | Iterable[str]) -> frozenset[str]:
    """The origins of a comma-separated list.

    Raises:
        ValueError: one is no origin, or one that anybody on the way could speak for. There is no `*`: whoever may ask from
            a browser may ask with the browser's cookies.
    """
    named = [one.strip() for one in (given.split(",") if isinstance(given, str) else given)]
    return frozenset(_fit(one) for one in named if one)


def read_names(given: str | Iterable[str]) -> frozenset[str]:
    """The host names of a comma-separated list, in small letters."""
    return frozenset(one.strip().lower() for one in (given.split(",") if isinstance(given, str) else given) if one.strip())


def _fit(given: str) -> str:
    origin = origin_of(given)
    if origin is None:
        raise ValueError(EXPECTED)
    parts = urlsplit(given)
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(EXPECTED)
    if parts.scheme != "https" and parts.hostname not in LOCAL:
        raise ValueError(EXPECTED)
    return origin
