"""The ways to other systems, as the settings tell them."""

from __future__ import annotations

from connector.bootstrap.confidential import revealed_if_any
from connector.http.route import Route
from connector.settings.connection import Connection
from connector.telemetry import redact


def route(connection: Connection | None) -> Route:
    """Return how a system is reached; without a table straight, and as everybody reaches it."""
    if connection is None:
        return Route()
    user, _, password = (revealed_if_any(connection.proxy_credentials) or "").partition(":")
    redact.register(password)
    return Route(
        authorities=str(connection.ca_file or ""),
        certificate=str(connection.client_certificate or ""),
        key=str(connection.client_key or ""),
        proxy=connection.proxy or "",
        user=user,
        password=password,
    )
