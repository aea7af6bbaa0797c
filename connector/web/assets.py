"""Files that pages load: style, script, icon. Their addresses hold a digest, so browsers keep them for ever."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

PATH = "/static"
_FOREVER = "public, max-age=31536000, immutable"
_FILES = Path(__file__).with_name("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _Asset:
    address: str
    content: bytes
    media_type: str


@cache
def _assets() -> dict[str, _Asset]:
    return {file.name: _asset(file) for file in sorted(_FILES.iterdir()) if file.suffix in _TYPES}


def _asset(file: Path) -> _Asset:
    content = file.read_bytes()
    digest = sha256(content).hexdigest()[:16]
    return _Asset(f"{PATH}/{digest}/{file.name}", content, _TYPES[file.suffix])


def address(name: str) -> str:
    """Return the address of a file."""
    return _assets()[name].address


async def static(request: Request) -> Response:
    """Serve a file of this version."""
    asset = _assets().get(request.path_params["name"])
    if asset is None or asset.address != request.url.path:
        raise HTTPException(404)
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": _FOREVER})
