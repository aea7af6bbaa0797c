"""When a certificate ends. Python's library reads certificates of authorities only, and this one is our own."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

_CERTIFICATE = re.compile("-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.+?)-----END ", re.DOTALL)
_VERSION, _TWO_DIGITS = 0xA0, 0x17  # tags of DER
_VALIDITY = 3  # after serial number, signature and issuer (RFC 5280, section 4.1)


def end_of(file: Path) -> datetime:
    """Return when the first certificate of a PEM file ends, in UTC; raises ValueError when there is none."""
    found = _CERTIFICATE.search(file.read_text(encoding="utf-8", errors="replace"))
    if not found:
        raise ValueError(f"{file.name} holds no certificate")
    whole = _first(base64.b64decode(found[1]))
    fields = [content for tag, content in _parts(_first(whole)) if tag != _VERSION]
    _, (tag, written) = _parts(fields[_VALIDITY])
    text = written.decode("ascii")
    if tag == _TWO_DIGITS:
        text = f"{'19' if text >= '50' else '20'}{text}"
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _first(content: bytes) -> bytes:
    return next(_parts(content))[1]


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the values that stand in a row, each with its tag."""
    while content:
        tag, length, begin = content[0], content[1], 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(content[2:begin])
        yield tag, content[begin : begin + length]
        content = content[begin + length :]
