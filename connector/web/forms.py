"""Forms: their fields, and the proof that a form was ours."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

FIELD = "form_token"
HEADER = "x-form-token"
_OTHERS = "This form does not come from this console, or from a login that has ended: open the page again."
_FIELDS = 200
NUL = "This holds a NUL character; expected text."  # PostgreSQL takes none


def token(secret: str) -> str:
    """Return what a form carries: only who sees pages with the browser's own secret knows it."""
    return hmac.new(secret.encode(), b"form", sha256).hexdigest()


async def fields(request: Request) -> Mapping[str, str]:
    """Return the texts of a form, stripped; of a name that stands twice the last one."""
    form = await request.form(max_files=0, max_fields=_FIELDS)
    if any("\0" in str(part) for pair in form.multi_items() for part in pair):
        raise HTTPException(400, NUL)
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


async def verify(request: Request, secret: str, base_url: str | None) -> None:
    """Let nothing pass but a form of ours; raises HTTPException 403.

    The token stands in the form or, of scripts, in a header. Browsers also tell which site a form is of.
    """
    given = request.headers.get(HEADER) or (await fields(request)).get(FIELD, "")
    if not _same_site(request, base_url) or not hmac.compare_digest(token(secret).encode(), given.encode()):
        raise HTTPException(403, _OTHERS)


def _same_site(request: Request, base_url: str | None) -> bool:
    """Tell what the browser says about the form's site; older ones only name it, and a proxy may hide our own name."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    own = {request.headers.get("host", ""), urlsplit(base_url).netloc if base_url else ""}
    return origin is None or _netloc(origin) in own - {""}


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
