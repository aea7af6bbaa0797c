"""A small TCP proxy before a server, for what goes wrong on the way: each new connection takes the next trouble."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_HEAD = b"\r\n\r\n"
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: closing says RST


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to a connection; ``words`` name it.

    ``delay`` seconds pass before anything is carried. ``refuse`` lets nothing of the request reach the server. Of the
    request ``asked`` bytes are carried, of the answer ``told`` bytes (None: all, below 0: all but so many),
    then the connection ends: ``hang``
    leaves it open and silent instead, ``reset`` ends it by RST. ``drip`` seconds lie between the bytes of the answer.
    ``says`` is answered in the server's place, again and again where ``endless``. ``only_once``: the connection
    answers one request; the next one finds it dead, which is told as late as possible: by an answer of RST.
    ``polite``: the server closes after each answer.
    """

    words: str
    delay: float = 0.0
    asked: int | None = None
    told: int | None = None
    hang: bool = False
    reset: bool = False
    drip: float = 0.0
    says: bytes = b""
    endless: bool = False
    only_once: bool = False
    polite: bool = False


@dataclass(slots=True)
class Proxy:
    """A proxy on a port of this machine, in a thread of its own. ``met`` counts connections by the words of trouble."""

    target: tuple[str, int]
    url: str = ""
    plan: deque[Trouble] = field(default_factory=deque)
    always: Trouble | None = None
    met: Counter[str] = field(default_factory=Counter)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def expect(self, troubles: Iterable[Trouble]) -> None:
        """Plan a trouble for each of the next connections."""
        self.plan.extend(troubles)

    async def serve(self, listening: socket.socket, stop: asyncio.Event) -> None:
        """Carry connections until it is told to stop."""
        server = await asyncio.start_server(self._connected, sock=listening)
        await stop.wait()
        server.close()
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        trouble = self.plan.popleft() if self.plan else self.always or Trouble("")
        self.met[trouble.words] += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _Connection(trouble, self.target, reader, writer).carry()
        writer.transport.abort()


@dataclass(slots=True)
class _Connection:
    trouble: Trouble
    target: tuple[str, int]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    upstream: asyncio.StreamWriter | None = None

    async def carry(self) -> None:
        """Carry one request after another, as well as the trouble lets them."""
        answered = 0
        try:
            while request := await _message(self.reader):
                if answered and self.trouble.only_once:
                    self._reset()
                    return
                if not await self._exchange(request):
                    return
                answered += 1
        finally:
            if self.upstream:
                self.upstream.transport.abort()

    async def _exchange(self, request: bytes) -> bool:
        """Carry a request and its answer; False: the connection is over."""
        trouble = self.trouble
        await asyncio.sleep(trouble.delay)
        if trouble.says:
            await self._say(trouble.says)
            return False
        if trouble.asked is not None:
            await self._ask(request[: trouble.asked], whole=False)
            return await self._end()
        answer = await self._ask(request, whole=True)
        await self._tell(answer[: trouble.told])
        if trouble.told is not None or trouble.polite:
            return await self._end()
        return True

    async def _ask(self, request: bytes, *, whole: bool) -> bytes:
        if not request:
            return b""
        reader, self.upstream = await asyncio.open_connection(*self.target)
        self.upstream.write(request)
        await self.upstream.drain()
        answer = await _message(reader) if whole else b""
        self.upstream.close()
        return answer

    async def _say(self, words: bytes) -> None:
        self.writer.write(words)
        await self.writer.drain()
        while self.trouble.endless:
            self.writer.write(words[-65536:])
            await self.writer.drain()
        await self._end()

    async def _tell(self, answer: bytes) -> None:
        if self.trouble.drip:
            for byte in answer:
                self.writer.write(bytes([byte]))
                await self.writer.drain()
                await asyncio.sleep(self.trouble.drip)
            return
        self.writer.write(answer)
        await self.writer.drain()

    async def _end(self) -> bool:
        if self.trouble.hang:
            await self.reader.read()  # until the other side has had enough
        elif self.trouble.reset:
            self._reset()
        else:
            self.writer.close()
            await self.writer.wait_closed()
        return False

    def _reset(self) -> None:
        own: socket.socket = self.writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.writer.transport.abort()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Return one request or answer, head and body; b"" when the other side has no more to say."""
    try:
        head = await reader.readuntil(_HEAD)
    except asyncio.IncompleteReadError as rest:
        return rest.partial
    if length := _LENGTH.search(head):
        return head + await reader.readexactly(int(length[1]))
    if b"chunked" in head.lower():
        return head + await reader.readuntil(b"0\r\n\r\n")
    return head


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """Put a proxy before a server while the block runs."""
    parts = urlsplit(url)
    proxy = Proxy((str(parts.hostname), int(parts.port or 80)))
    listening = socket.create_server(("127.0.0.1", 0))
    proxy.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    begun, told = threading.Event(), []

    async def main() -> None:
        stop = asyncio.Event()
        told.append((asyncio.get_running_loop(), stop))
        begun.set()
        await proxy.serve(listening, stop)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    begun.wait()
    try:
        yield proxy
    finally:
        loop, stop = told[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
