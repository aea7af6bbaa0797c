"""Whom a request comes from, when reverse proxies stand between."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

from connector.settings.web import Web

_FORWARDED, _PROTOCOL = "x-forwarded-for", "x-forwarded-proto"
_SITE = 64  # bits of an IPv6 address that one customer of a network has


class Proxies:
    """The reverse proxies whose headers are believed."""

    def __init__(self, web: Web) -> None:
        self._header = web.proxy_header
        self._networks = [ip_network(each) for each in web.proxy_addresses]

    def login(self, request: HTTPConnection) -> str | None:
        """Return whom the proxy names as logged in; None when it names nobody, or the header is not a proxy's."""
        if self._header is None or not self._is_proxy(_peer(request)):
            return None
        named = request.headers.getlist(self._header)
        return named[0].strip() or None if len(named) == 1 else None

    def address(self, request: HTTPConnection) -> str:
        """Return the address that a request comes from, as the last proxy that is believed saw it.

        IPv6 addresses are those of their network of 64 bits: one visitor has them all.
        """
        address = _peer(request)
        hops = [hop.strip() for line in request.headers.getlist(_FORWARDED) for hop in line.split(",")]
        while hops and self._is_proxy(address):
            address = hops.pop()
        return _site(address)

    def is_tls(self, request: HTTPConnection) -> bool:
        """Tell whether the proxy got the request over TLS, as far as it says."""
        return request.headers.get(_PROTOCOL) == "https" and self._is_proxy(_peer(request))

    def _is_proxy(self, address: str) -> bool:
        return any(_within(address, network) for network in self._networks)


def _peer(request: HTTPConnection) -> str:
    return request.client.host if request.client else ""


def _within(address: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(address) in network
    except ValueError:
        return False


def _site(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ip_network(f"{address}/{_SITE}", strict=False))
    return str(parsed)
