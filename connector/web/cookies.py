"""The two cookies: of a login, and of a browser that has none (for the forms it is shown)."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from connector.settings.addresses import is_loopback
from connector.web.console import console_of

LOGIN, VISIT = "loyalty_login", "loyalty_visit"
_HOST_ONLY = "__Host-"  # browsers take a cookie of this name only if it is secure and of this very host
_BYTES = 32


def fresh() -> str:
    """Return a value that nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


def read(request: Request, name: str) -> str:
    """Return a cookie's value, empty when there is none."""
    return request.cookies.get(_full(request, name), "")


def keep(request: Request, response: Response, name: str, value: str) -> None:
    """Let the browser keep a value until it is closed, hidden from scripts and from other sites."""
    secure = _is_secure(request)
    response.set_cookie(_full(request, name), value, path="/", secure=secure, httponly=True, samesite="strict")


def drop(request: Request, response: Response, name: str) -> None:
    """Let the browser forget a value."""
    secure = _is_secure(request)
    response.delete_cookie(_full(request, name), path="/", secure=secure, httponly=True, samesite="strict")


def _full(request: Request, name: str) -> str:
    return f"{_HOST_ONLY}{name}" if _is_secure(request) else name


def _is_secure(request: HTTPConnection) -> bool:
    """Tell whether cookies must not travel in the clear: always, but within this machine."""
    return not is_loopback(_host(request.headers.get("host", ""))) or console_of(request).proxies.is_tls(request)


def _host(netloc: str) -> str:
    """Return the host of a Host header, without port and brackets; empty when it cannot be read."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""
