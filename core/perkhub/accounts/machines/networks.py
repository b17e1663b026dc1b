"""Networks that a machine client may come from, in the notation of CIDR."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from perkhub.kit.errors import InvalidInput

AT_MOST = 50
LONGEST = 50


def parse_networks(given: Sequence[str], *, path: tuple[str, ...]) -> list[str]:
    """The networks in their normal form, each once; a single address is a network of one.

    Raises:
        InvalidInput
    """
    if len(given) > AT_MOST:
        raise InvalidInput(path=path, reason=f"At most {AT_MOST} networks.", reason_zh=f"最多 {AT_MOST} 个网段。")
    return list(dict.fromkeys(_normal(text, (*path, str(position))) for position, text in enumerate(given)))


def comes_from(source: str | None, networks: Sequence[str]) -> bool:
    """Whether an address is in one of the networks; in no network at all there is no limit."""
    if not networks:
        return True
    try:
        address = ip_address(source or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return any(_holds(_network(text), mapped or address) for text in networks)


def _holds(network: IPv4Network | IPv6Network, address: IPv4Address | IPv6Address) -> bool:
    return network.version == address.version and address in network


@lru_cache(maxsize=1000)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def _normal(text: str, path: tuple[str, ...]) -> str:
    try:
        return str(ip_network(text.strip() if len(text) <= LONGEST else "", strict=False))
    except ValueError:
        raise InvalidInput(
            path=path,
            reason="Not a network such as 203.0.113.0/24 or 2001:db8::/32.",
            reason_zh="须为网段,例如 203.0.113.0/24 或 2001:db8::/32。",
        ) from None
