"""A mail server of a few lines: it takes mail, or refuses it with one code."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class PostOffice:
    """What it got. ``refuses`` maps a command (MAIL, RCPT, AUTH, DATA) to the answer that refuses it."""

    refuses: dict[str, str] = field(default_factory=dict)
    port: int = 0
    mails: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak SMTP with one client."""
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            writer.write(f"{self.refuses.get(word) or await self._answer(word, line, reader, writer)}\r\n".encode())
            await writer.drain()
            if word == "QUIT":
                break
        writer.close()

    async def _answer(self, word: str, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        match word:
            case "EHLO":
                return "250-here\r\n250 AUTH PLAIN"
            case "AUTH":
                self.users.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
                return "235 welcome"
            case "QUIT":
                return "221 bye"
            case "RCPT":
                self.recipients.append(line.split("<")[1].split(">", maxsplit=1)[0])
            case "DATA":
                writer.write(b"354 go on\r\n")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
        return "250 taken"


@asynccontextmanager
async def post_office(tls: ssl.SSLContext | None = None, /, **refuses: str) -> AsyncIterator[PostOffice]:
    """Serve mail on this machine."""
    office = PostOffice(refuses)
    server = await asyncio.start_server(office.serve, "127.0.0.1", 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    async with server:
        yield office
