"""The content of an answer, unpacked as far as it may grow and no further.

httpx unpacks at once what one read has brought, and anew for every packing that the answer names: a kilobyte on the
wire is a gigabyte here before anybody has counted a byte of it.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

import httpx

ACCEPTED = "gzip"
"""What requests name as ``Accept-Encoding``."""

_PACKINGS = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # by whichever header there is
_STEP = 256 * 1024  # bytes that are unpacked before they are counted


class Unreadable(httpx.DecodingError):
    """An answer whose content cannot be taken, in words for the one who reads of it."""


async def whole(response: httpx.Response, longest: int) -> bytes:
    """Return the content, of at most so many bytes; raises Unreadable for a longer one as soon as that shows."""
    unpacker = _unpacker(response)
    content = io.BytesIO()  # gives its bytes away without copying them
    async for chunk in response.aiter_raw():
        for piece in _unpacked(chunk, unpacker) if unpacker else (chunk,):
            if content.tell() + len(piece) > longest:
                raise Unreadable(f"the answer is larger than {longest} bytes")
            content.write(piece)
    return content.getvalue()


def _unpacker(response: httpx.Response) -> Any:
    """Return what unpacks the content, or None for one that comes as it is."""
    named = response.headers.get_list("content-encoding", split_commas=True)
    packings = [name for name in named if name.strip().lower() in _PACKINGS]
    if len(packings) > 1:
        raise Unreadable("the answer is packed more than once")
    return zlib.decompressobj(_GZIP_OR_ZLIB) if packings else None


def _unpacked(chunk: bytes, unpacker: Any) -> Iterator[bytes]:
    """Yield what a chunk holds, in steps; what comes after the end of the packed content is left."""
    try:
        while not unpacker.eof:
            piece = unpacker.decompress(chunk, _STEP)
            yield piece
            if len(piece) < _STEP:
                return
            chunk = unpacker.unconsumed_tail
    except zlib.error as error:
        raise Unreadable("the answer could not be decompressed") from error
