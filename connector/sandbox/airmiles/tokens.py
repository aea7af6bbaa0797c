"""The rehearsal credentials of AIR MILES, and its tokens.

Only the authorization-code form of the token call is published; client credentials follow OAuth 2.
"""

from __future__ import annotations

from collections.abc import Callable

from connector.sandbox.bearer import Tokens

CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret"


def tokens(lifetime: int, clock: Callable[[], float]) -> Tokens:
    """Tokens that live ``lifetime`` seconds; ``clock`` gives seconds since 1970."""
    return Tokens(CLIENT_ID, CLIENT_SECRET, lifetime, clock)
