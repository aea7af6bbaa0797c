"""The content of an answer, unpacked as far as it may grow and no further.

httpx unpacks at once what one read has brought, and anew for every packing that the answer names: a kilobyte on the
wire is a gigabyte here before anybody has counted a byte of it.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

import httpx

ACCEPTED = "gzip"
"""What requests name as ``Accept-Encoding``."""

_PACKINGS = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # by whichever header there is
_MEMBER = b"\x1f"  # with which a member of a gzip begins, and padding behind it does not
_STEP = 256 * 1024  # bytes that are unpacked before they are counted


class Unreadable(httpx.DecodingError):
    """An answer whose content cannot be taken, in words for the one who reads of it."""


async def whole(response: httpx.Response, longest: int) -> bytes:
    """Return the content, of at most so many bytes; raises Unreadable for a longer one as soon as that shows."""
    unpacker = _unpacker(response)
    content = io.BytesIO()  # gives its bytes away without copying them
    async for chunk in response.aiter_raw():
        for piece in unpacker.pieces(chunk) if unpacker else (chunk,):
            if content.tell() + len(piece) > longest:
                raise Unreadable(f"the answer is larger than {longest} bytes")
            content.write(piece)
    if unpacker and not unpacker.is_done:
        raise Unreadable("the packed answer broke off")
    return content.getvalue()


def _unpacker(response: httpx.Response) -> _Unpacker | None:
    """Return what unpacks the content, or None for one that comes as it is."""
    named = response.headers.get_list("content-encoding", split_commas=True)
    packings = [name for name in named if name.strip().lower() in _PACKINGS]
    if len(packings) > 1:
        raise Unreadable("the answer is packed more than once")
    return _Unpacker() if packings else None


class _Unpacker:
    """What is inside one packing; a gzip may have several members, one behind the other (RFC 1952, section 2.2)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    @property
    def is_done(self) -> bool:
        """Whether the last member came to its end, checksum included; nothing at all is an answer without content."""
        return self._member.eof or not self._begun

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what a chunk holds, in steps; what stands behind the last member is left."""
        self._begun = self._begun or bool(chunk)
        left = True
        try:
            while left:
                if self._member.eof:
                    if not chunk.startswith(_MEMBER):
                        return
                    self._member = zlib.decompressobj(_GZIP_OR_ZLIB)
                piece = self._member.decompress(chunk, _STEP)
                yield piece
                chunk = self._member.unused_data or self._member.unconsumed_tail
                left = bool(chunk) or len(piece) == _STEP
        except zlib.error as error:
            raise Unreadable("the answer could not be decompressed") from error
