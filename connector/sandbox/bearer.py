"""Access tokens by client credentials, as OAuth 2 has them: JWTs signed by the server, so that they outlive a restart.

Audience and scope are not published by any partner, so every value of them is accepted.
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


class Tokens:
    """Issues tokens for one client that live ``lifetime`` seconds and checks them; ``clock``: seconds since 1970."""

    def __init__(self, client_id: str, client_secret: str, lifetime: int, clock: Callable[[], float]) -> None:
        self._client = (client_id, client_secret)
        self._lifetime = lifetime
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Answer a token request, a form or JSON."""
        given = await _fields(request)
        if given.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "expected client_credentials")
        if (given.get("client_id"), given.get("client_secret")) != self._client:
            return _refused(401, "invalid_client", "the client id or its secret is wrong")
        token = self._signed({"sub": self._client[0], "exp": self._clock() + self._lifetime})
        return JSONResponse({"access_token": token, "expires_in": self._lifetime, "token_type": "Bearer"})

    def accepts(self, authorization: str) -> bool:
        """Whether the header ``Authorization`` holds a token of ours that has not expired."""
        scheme, _, token = authorization.partition(" ")
        claims = self._claims(token) if scheme.lower() == "bearer" else None
        return claims is not None and self._clock() < claims["exp"]

    def _signed(self, claims: Mapping[str, Any]) -> str:
        content = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{content}.{self._signature(content)}"

    def _claims(self, token: str) -> dict[str, Any] | None:
        content, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            return None
        payload = content.partition(".")[2]
        return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))

    def _signature(self, content: str) -> str:
        return _encoded(hmac.digest("/".join(self._client).encode(), content.encode(), hashlib.sha256))


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


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
