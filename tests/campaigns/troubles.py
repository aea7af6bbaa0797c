"""What goes wrong between two machines, as the proxy does it."""

from __future__ import annotations

import random
import zlib

from tests.campaigns.proxy import Trouble

PAGE = b"<html><body><h1>Please sign in to the network</h1></body></html>"
_GZIPPED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"


def _said(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _bomb(mebibytes: int) -> bytes:
    """Return an answer that is so large when it is unpacked: the same packed bytes again and again."""
    packer, zeros = zlib.compressobj(9, wbits=31), bytes(1024 * 1024)
    first, again = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = first + again * (mebibytes - 1)
    return _GZIPPED % len(packed) + packed


def elsewhere(status: str, url: str) -> Trouble:
    """Return a redirect."""
    return Trouble(f"redirect {status}", says=_said(status, b"", f"Location: {url}"))


POLITE = Trouble("closed after each answer", polite=True)
BEFORE = (  # the server did nothing
    Trouble("cut before the request", asked=0),
    Trouble("reset before the request", asked=0, reset=True),
    Trouble("cut within the request", asked=60),
    Trouble("reset within the request", asked=200, reset=True),
    Trouble("silent after the request came", asked=0, hang=True),
)
AFTER = (  # the server did what it was asked
    Trouble("cut before the answer", told=0),
    Trouble("reset before the answer", told=0, reset=True),
    Trouble("truncated within the head", told=12),
    Trouble("truncated within the body", told=-2),
    Trouble("reset within the answer", told=25, reset=True),
    Trouble("silent before the answer", told=0, hang=True),
    Trouble("silent within the answer", told=-1, hang=True),
)
SAID = (Trouble("a page of a hotel's network", says=_said("200 OK", PAGE)), Trouble("no HTTP", says=b"220 ready\r\n"))
SLOW = (
    Trouble("late", delay=0.1),
    Trouble("byte by byte", drip=0.0005),
    POLITE,
    Trouble("a kept connection that dies", only_once=True),
)
BOMBS = (
    Trouble("a gzip bomb of 1 GiB", says=_bomb(1024)),
    Trouble("an endless head", says=b"HTTP/1.1 200 OK\r\nX-Endless: " + b"a" * 65536, endless=True),
    Trouble(
        "an endless answer",
        says=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * 65536,
        endless=True,
    ),
)
EVERY = (*BEFORE, *AFTER, *SAID, *SLOW)


def mixed(count: int, chance: random.Random) -> list[Trouble]:
    """Return troubles for so many connections: every one of them at least once, where there is room."""
    drawn = list(EVERY)[:count] + [chance.choice(EVERY) for _ in range(count - len(EVERY))]
    chance.shuffle(drawn)
    return drawn
