"""The demo's settings: what the environment says, and beside it what makes a demo of it."""

import socket
from collections.abc import MutableMapping

from pydantic import ValidationError

from perkhub.kit.settings import Environment, Settings, settings

FIRST_PORT = 8000
PORTS_TRIED = 100
# So that a token copied into a header outlives a newcomer's tour.
TOKEN_SECONDS = 3600


class DemoRefused(Exception):
    """The demo cannot run like this. Told to whoever starts it."""


def demo_settings(environment: MutableMapping[str, str]) -> Settings:
    """Complete the environment of this process and its children, and read it.

    Raises:
        DemoRefused: production, a setting that is wrong, or a port that is taken.
    """
    host = environment.get("PERKHUB_HOST", Settings.model_fields["host"].default)
    if "PERKHUB_PORT" not in environment:
        environment["PERKHUB_PORT"] = str(free_port(host))
    environment.setdefault("PERKHUB_PUBLIC_URL", f"http://127.0.0.1:{environment['PERKHUB_PORT']}")
    environment.setdefault("PERKHUB_ACCESS_TOKEN_SECONDS", str(TOKEN_SECONDS))
    settings.cache_clear()
    try:
        using = settings()
    except ValidationError as invalid:
        names = ", ".join(
            f"PERKHUB_{'.'.join(map(str, fault['loc'])).upper()}" for fault in invalid.errors(include_input=False)
        )
        raise DemoRefused(f"These settings are not acceptable: {names}. See core/SETTINGS.md.") from None
    if using.environment is Environment.PRODUCTION:
        raise DemoRefused("PERKHUB_ENVIRONMENT is production, and the demo's passwords are known to everybody.")
    if not is_free(using.host, using.port):
        raise DemoRefused(f"Port {using.port} of {using.host} is taken; set PERKHUB_PORT to another, or unset it.")
    return using


def free_port(host: str) -> int:
    """The first free port from 8000.

    Raises:
        DemoRefused
    """
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if is_free(host, port):
            return port
    raise DemoRefused(f"None of the ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} is free; set PERKHUB_PORT.")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a stopped server left behind is no obstacle
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
