"""The rehearsal credentials of the sandbox; they open nothing but the sandbox."""

from __future__ import annotations

CLIENT_TOKEN = "sandbox-client"
_PREFIX = "sandbox-access-"
PORTFOLIO_TOKEN = f"{_PREFIX}portfolio"


def access_token(table: str) -> str:
    """Return the token of the property with this ``_Table``."""
    return _PREFIX + table


ACCESS_TOKENS = {table: access_token(table) for table in ("wien", "montreal")}


def table_of(token: str) -> str:
    """Return the ``_Table`` that a token is made for, whether there is one or not; "" for any other text."""
    return token.removeprefix(_PREFIX) if token.startswith(_PREFIX) else ""
