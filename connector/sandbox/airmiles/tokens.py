"""Access tokens: JWTs signed by this server alone, so that they outlive a restart of it.

Only the authorization-code form of the token call is published; client credentials follow OAuth 2. Audience
and scope are not published, so every value of them is accepted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret"
_SIGNING_KEY = b"airmiles sandbox"


class Tokens:
    """Issues tokens that live ``lifetime`` seconds and checks them; ``clock`` gives seconds since 1970."""

    def __init__(self, lifetime: int, clock: Callable[[], float]) -> None:
        self._lifetime = lifetime
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Answer ``POST /oauth/token``, a form or JSON."""
        given = await _fields(request)
        if given.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "expected client_credentials")
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refused(401, "invalid_client", "the client id or its secret is wrong")
        token = _signed({"sub": CLIENT_ID, "exp": self._clock() + self._lifetime})
        return JSONResponse({"access_token": token, "expires_in": self._lifetime, "token_type": "Bearer"})

    def accepts(self, authorization: str) -> bool:
        """Whether the header ``Authorization`` holds a token of ours that has not expired."""
        scheme, _, token = authorization.partition(" ")
        claims = _claims(token) if scheme.lower() == "bearer" else None
        return claims is not None and self._clock() < claims["exp"]


async def _fields(request: Request) -> Mapping[str, Any]:
    body = await request.body()
    if not request.headers.get("content-type", "").startswith("application/json"):
        return dict(parse_qsl(body.decode("latin-1")))
    try:
        fields = json.loads(body)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _refused(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)


def _signed(claims: Mapping[str, Any]) -> str:
    content = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{content}.{_signature(content)}"


def _claims(token: str) -> dict[str, Any] | None:
    content, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(content).encode()):
        return None
    payload = content.partition(".")[2]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def _signature(content: str) -> str:
    return _encoded(hmac.digest(_SIGNING_KEY, content.encode(), hashlib.sha256))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
