"""Addresses that operators type in: what stands beside us is not reached by them, however they are written."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import httpx2
import pytest

from perkhub.kit.errors import InvalidInput
from perkhub.kit.public_addresses import AddressRefused, PublicTransport, is_reachable, parse_remote_url
from perkhub.kit.settings import settings
from tests.accounts.remote_keys import KeyServer, key_server


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PERKHUB_ENVIRONMENT", "production")
    monkeypatch.setenv("PERKHUB_PRIVATE_HOSTS", "Login.Internal, ")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server({"keys": []}) as running:
        yield running


async def fetch(url: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=PublicTransport()) as http:
        return await http.get(url)


@pytest.mark.parametrize(
    "url",
    ["https://login.example.com", "https://login.example.com:8443/realms/a", "http://localhost:9000/x", "http://[::1]/x"],
)
def test_what_may_be_called(url: str):
    assert parse_remote_url(url, "issuer") == url


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "https://", "http://login.example.com", "ftp://login.example.com", "file:///etc/passwd", "//login.example.com",
        "https://user@login.example.com", "https://user:pw@login.example.com", "https://login.example.com?x", "https://a.com#b",
        "https://a.com\\@b.com", "https://a.com /", "https://a.com\n", "https://例子.com", "https://a.com:99999", "https://[::1",
        "https://10.0.0.1", "https://169.254.169.254/latest", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0", "https://a.com/" + "x" * 500,
    ],
)  # fmt: skip
def test_what_may_not(url: str):
    with pytest.raises(InvalidInput) as refused:
        parse_remote_url(url, "issuer")
    assert refused.value.path == ("issuer",)


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("url", ["http://localhost:9000", "http://127.0.0.1", "https://127.0.0.1", "https://[::1]"])
def test_in_production_this_machine_is_no_one(url: str):
    with pytest.raises(InvalidInput):
        parse_remote_url(url, "issuer")


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_networks_beside_us_are_not_reached(address: str):
    assert not is_reachable(ip_address(address), "login.example.com")
    assert is_reachable(ip_address(address), "login.internal")


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_the_internet_is(address: str):
    assert is_reachable(ip_address(address), "login.example.com")


async def test_this_machine_answers_in_development(server: KeyServer):
    assert (await fetch(server.url)).json() == {"keys": []}
    assert (await fetch(server.url.replace("127.0.0.1", "localhost"))).json() == {"keys": []}


@pytest.mark.usefixtures("production")
async def test_a_public_name_that_leads_home_is_not_followed(server: KeyServer, monkeypatch: pytest.MonkeyPatch):
    port = int(server.url.split(":")[2].split("/")[0])
    answers = {"all.example.com": ["127.0.0.1"], "some.example.com": ["8.8.8.8", "10.0.0.1"]}
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in answers:
            return real(host, *rest, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in answers[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for host in answers:
        with pytest.raises(AddressRefused):
            await fetch(f"http://{host}:{port}/keys")
    assert server.asked == 0
