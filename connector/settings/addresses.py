"""Addresses: of the systems we call, and of the database."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, parse_qs, unquote_plus, urlsplit

from pydantic import BeforeValidator

from connector.settings.values import Word, fault, shown

_PASSWORD_IN_QUERY = re.compile(r"(password|passwd|pwd|token)\s*=", re.IGNORECASE)  # also inside an ODBC string
_SOURCE_KIND = re.compile("[a-z][a-z0-9_]*([+][a-z0-9_]+)?")  # such as postgresql+psycopg, db2+ibm_db
_HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII)
_SQLITE = "sqlite:///"
_LIKE_LISTEN = '"off", or host and port like "127.0.0.1:8080"'
_LIKE_NETWORK = 'an address like "10.0.0.7" or a network like "10.0.0.0/24"'
_LIKE_HTTP = 'an address like "https://api.example.com"'
_LIKE_PROXY = 'an address like "http://proxy.example.com:3128"'
_LIKE_SOCKET = 'an address like "wss://ws.example.com/ws"'
_LIKE_SOURCE = 'an address like "postgresql+psycopg://user@host/database"'
_LIKE_DATABASE = '"sqlite:///FILE" or "postgresql+psycopg://user@host/database"'


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address never leaves this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _split(value: object, like: str) -> SplitResult:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        if parts is not None and parts.port != -1:
            return parts
    except ValueError:
        pass
    raise fault("is not an address", like)


def web_address(value: object) -> str:
    """Read the address of a remote system: https, or http to this machine only; no credentials in it."""
    return listing_address(value).rstrip("/")


def listing_address(value: object) -> str:
    """Read an address that is called as it stands: to some servers, one that ends in "/" is another."""
    parts = _split(value, _LIKE_HTTP)
    if parts.username is not None or parts.password is not None:
        raise fault("holds a user name or a password", "an address without credentials (they are secrets)")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise fault("is not a web address", _LIKE_HTTP)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise fault("goes over http:// to another machine", "https:// (http:// is for loopback only)")
    return parts.geturl()


def proxy_address(value: object) -> str:
    """Read the address of a proxy: host and port; what is sent through it has TLS of its own."""
    parts = _split(value, _LIKE_PROXY)
    if parts.username is not None or parts.password is not None:
        raise fault("holds a user name or a password", "an address without credentials (proxy_credentials is a secret)")
    more = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        raise fault("is not the address of a proxy", _LIKE_PROXY)
    return parts.geturl().rstrip("/")


def socket_address(value: object) -> str:
    """Read the address of a WebSocket: wss, or ws to this machine only; no credentials in it."""
    parts = _split(value, _LIKE_SOCKET)
    if parts.username is not None or parts.password is not None:
        raise fault("holds a user name or a password", "an address without credentials (they are secrets)")
    if parts.scheme not in ("ws", "wss") or not parts.hostname or parts.query or parts.fragment:
        raise fault("is not the address of a WebSocket", _LIKE_SOCKET)
    if parts.scheme == "ws" and not is_loopback(parts.hostname):
        raise fault("goes over ws:// to another machine", "wss:// (ws:// is for loopback only)")
    return parts.geturl()


def listen_address(value: object) -> str:
    """Read where to listen: "off", or host and port; an IPv6 address stands in brackets."""
    if value == "off":
        return "off"
    parts = _split(f"//{value}", _LIKE_LISTEN)
    whole = parts.netloc == value and parts.port is not None and parts.username is None
    if not whole or not _is_host(parts.hostname or ""):
        raise fault(f"{shown(value)} is not where to listen", _LIKE_LISTEN)
    return str(value)


def _is_host(text: str) -> bool:
    try:
        return bool(_HOST_NAME.fullmatch(text)) or bool(ip_address(text))
    except ValueError:
        return False


def host_and_port(listen: str) -> tuple[str, int]:
    """Return what a ``ListenAddress`` other than "off" consists of."""
    parts = urlsplit(f"//{listen}")
    return parts.hostname or "", parts.port or 0


def network(value: object) -> str:
    """Read an IP address or network."""
    try:
        return str(ip_network(value, strict=False)) if isinstance(value, str) else _no_network(value)
    except ValueError:
        return _no_network(value)


def _no_network(value: object) -> str:
    raise fault(f"{shown(value)} is neither an address nor a network", _LIKE_NETWORK)


def database_address(value: object) -> str:
    """Read the database's address: SQLite or PostgreSQL; the password is a secret of its own."""
    parts = _split(value, _LIKE_DATABASE)
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise fault("holds a password", "an address without it (database.password is a secret)")
    text = parts.geturl() if parts.scheme != "sqlite" else str(value)
    if not _is_sqlite_file(text) and not _is_postgresql(parts):
        raise fault("is not a database address", _LIKE_DATABASE)
    return text


def _is_sqlite_file(text: str) -> bool:
    return text.startswith(_SQLITE) and text[len(_SQLITE) :] not in ("", "/", ":memory:") and "?" not in text


def _is_postgresql(parts: SplitResult) -> bool:
    return parts.scheme == "postgresql+psycopg" and len(parts.path) > 1


def source_database(value: object) -> str:
    """Read the address of a database that is only read; any that SQLAlchemy knows, the password is a secret."""
    kind, mark, rest = str(value).partition("://")
    if not mark or not _SOURCE_KIND.fullmatch(kind):
        raise fault("is not a database address", _LIKE_SOURCE)
    parts = _split(f"source://{rest}", _LIKE_SOURCE)
    if parts.password is not None or _PASSWORD_IN_QUERY.search(unquote_plus(parts.query)):
        raise fault("holds a password", "an address without it (scheme.password is a secret)")
    return str(value)


def anchored_database(url: str, directory: Path) -> str:
    """Return an SQLite address whose relative file is taken from ``directory``; others as they are."""
    if not _is_sqlite_file(url):
        return url
    return f"{_SQLITE}{directory / url[len(_SQLITE) :]}"


WebAddress = Annotated[str, BeforeValidator(web_address), Word("address")]
ProxyAddress = Annotated[str, BeforeValidator(proxy_address), Word("address of a proxy")]
SocketAddress = Annotated[str, BeforeValidator(socket_address), Word("WebSocket address")]
ListingAddress = Annotated[str, BeforeValidator(listing_address), Word("address")]
SourceDatabase = Annotated[str, BeforeValidator(source_database), Word("database address")]
DatabaseAddress = Annotated[str, BeforeValidator(database_address), Word("database address")]
ListenAddress = Annotated[str, BeforeValidator(listen_address), Word("off or host:port")]
Network = Annotated[str, BeforeValidator(network), Word("address or network")]
