"""What comes to our own doors: the forms of the console, in both ways in which browsers send them."""

from __future__ import annotations

import logging
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from connector.web.forms import fields, token, verify
from tests.campaigns.targets.outcome import Outcome, Target
from tests.campaigns.targets.wire import run

logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it tells of every form that is none

_OURS = "the browser's own secret"
_PLAIN = b"application/x-www-form-urlencoded"
_PARTS = b"multipart/form-data; boundary=edge"
_TOKEN = token(_OURS).encode()


def _form(kind: bytes, document: bytes) -> Outcome:
    async def receive() -> Message:
        return {"type": "http.request", "body": document, "more_body": False}

    headers = [(b"content-type", kind), (b"host", b"console.test"), (b"origin", b"https://console.test")]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers, "app": Starlette()}

    async def read() -> Outcome:
        request = Request(scope, receive)
        found = await fields(request)
        try:
            await verify(request, _OURS, None)
        except HTTPException as refusal:
            return Outcome(refused=(str(refusal.detail),))
        return Outcome((dict(found),))

    try:
        return run(read())
    except HTTPException as refusal:
        return Outcome(refused=(str(refusal.detail),))


_FIELDS = b"form_token=%s&reason=asked+the+partner&key=123&operator=Anna%%20B." % _TOKEN
_MULTIPART = b"".join(
    b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
    for pair in ((b"form_token", _TOKEN), (b"reason", b"asked the partner"))
)

TARGETS = (
    Target("form", partial(_form, _PLAIN), (_FIELDS,), "bytes"),
    Target("form in parts", partial(_form, _PARTS), (_MULTIPART + b"--edge--\r\n",), "bytes"),
)
