"""Which pages are ours: origins in the form in which browsers say them, and nothing that merely looks like one."""

import pytest
from pydantic import ValidationError

from perkhub.kit.origins import origin_of, read_origins
from perkhub.kit.settings import Settings


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Shop.Example.com/a?b#c", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("http://127.0.0.1:8000/graphql", "http://127.0.0.1:8000"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://somebody@shop.example.com", "https://shop.example.com"),
        ("null", None),
        ("", None),
        ("shop.example.com", None),
        ("javascript:alert(1)", None),
        ("https://[", None),
        ("https://shop.example.com:port", None),
    ],
)
def test_the_origin_of_an_address(address: str, origin: str | None):
    assert origin_of(address) == origin


def test_a_list_of_origins():
    assert read_origins(" https://shop.example.com, http://localhost:5173/ ,,") == {
        "https://shop.example.com",
        "http://localhost:5173",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "null",
        "https://*.example.com/a",
        "https://shop.example.com/shop",
        "http://shop.example.com",
        "https://a@shop.example.com",
        "https://ok.example.com,nonsense",
    ],
)
def test_what_anybody_could_be_is_refused_at_the_start(wrong: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PERKHUB_ALLOWED_ORIGINS", wrong)
    with pytest.raises(ValidationError, match="an origin is https://host"):
        Settings()


def test_ours_are_the_public_address_and_those_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PERKHUB_PUBLIC_URL", "https://api.example.com")
    monkeypatch.setenv("PERKHUB_ALLOWED_ORIGINS", "https://shop.example.com")
    using = Settings()
    assert using.is_ours("https://api.example.com/shop/")
    assert using.is_ours("https://SHOP.example.com:443/signed-in?code=1")
    for other in ("https://shop.example.com.evil.example", "http://shop.example.com", "//shop.example.com", "null", ""):
        assert not using.is_ours(other)
