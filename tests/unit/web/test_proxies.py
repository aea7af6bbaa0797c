"""Whom a request comes from: believed are the proxies that the settings name."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from connector.settings import Web
from connector.web.proxies import Proxies

PROXIES = Proxies(Web(proxy_header="X-Forwarded-User", proxy_addresses=("10.0.0.0/24", "::1/128")))


def request(peer: str, *headers: tuple[str, str]) -> HTTPConnection:
    """Return a request from an address."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return HTTPConnection({"type": "http", "headers": raw, "client": (peer, 1)})


@pytest.mark.parametrize("peer", ["10.0.0.7", "::1"])
def test_a_proxy_says_who_is_logged_in(peer: str) -> None:
    assert PROXIES.login(request(peer, ("X-Forwarded-User", " anna "))) == "anna"


@pytest.mark.parametrize("peer", ["10.0.1.7", "127.0.0.1", "::2", "", "unix"])
def test_nobody_else_does(peer: str) -> None:
    assert PROXIES.login(request(peer, ("X-Forwarded-User", "anna"))) is None


@pytest.mark.parametrize(
    "headers",
    [(), (("X-Forwarded-User", " "),), (("X-Forwarded-User", "anna"), ("X-Forwarded-User", "petra"))],
    ids=["none", "empty", "two"],
)
def test_a_header_that_names_not_exactly_one_names_nobody(headers: tuple[tuple[str, str], ...]) -> None:
    assert PROXIES.login(request("10.0.0.7", *headers)) is None


def test_without_a_header_in_the_settings_nobody_is_named() -> None:
    proxies = Proxies(Web(proxy_addresses=("10.0.0.7/32",)))

    assert proxies.login(request("10.0.0.7", ("X-Forwarded-User", "anna"))) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.7", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.7", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.7", ["198.51.100.1", "203.0.113.9, 10.0.0.8"], "203.0.113.9"),
        ("10.0.0.7", ["10.0.0.8"], "10.0.0.8"),
        ("10.0.0.7", ["no address"], "no address"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
    ],
)
def test_the_address_is_what_the_last_believed_proxy_saw(peer: str, forwarded: list[str], address: str) -> None:
    headers = [("X-Forwarded-For", each) for each in forwarded]

    assert PROXIES.address(request(peer, *headers)) == address


@pytest.mark.parametrize(
    ("peer", "protocol", "tls"),
    [("10.0.0.7", "https", True), ("10.0.0.7", "http", False), ("192.0.2.1", "https", False)],
)
def test_a_proxy_says_whether_it_was_reached_by_tls(peer: str, protocol: str, tls: bool) -> None:
    assert PROXIES.is_tls(request(peer, ("X-Forwarded-Proto", protocol))) is tls
