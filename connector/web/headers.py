"""What every answer carries, and how long a request may be."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: browsers would then hide from us, too, which site a form comes from
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TLS = {"Strict-Transport-Security": "max-age=31536000"}
LONGEST = 256 * 1024  # bytes of a request's body


class SecureHeaders:
    """Adds the headers to every answer, also to one about a defect; what an answer says itself stays."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        self._headers = HEADERS | (_TLS if tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, headed)


class LimitedBody:
    """Reads no more of a request than it may hold; raises HTTPException 413 in whoever reads it."""

    def __init__(self, app: ASGIApp, longest: int = LONGEST) -> None:
        self._app = app
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        announced = Headers(scope=scope).get("content-length", "0") if scope["type"] == "http" else "0"
        taken = int(announced) if announced.isdigit() else 0

        async def limited() -> Message:
            nonlocal taken
            if taken > self._longest:
                raise HTTPException(413)
            message = await receive()
            if not announced.isdigit() or announced == "0":
                taken += len(message.get("body", b""))
            return message

        await self._app(scope, limited, send)
