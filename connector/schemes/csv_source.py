"""A CSV file as a source of members: read in a thread, so that nothing else waits for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from connector.schemes.csv_file import CsvFile
from connector.schemes.listing import Listing
from connector.schemes.source import Chunk


@dataclass(frozen=True, slots=True)
class CsvSource:
    """The members of a file, which is read to its end before anything of it is taken."""

    file: CsvFile

    async def verify(self) -> CsvRoll:
        """Read the whole file once; raises Unfinished unless it is whole."""
        return CsvRoll(self.file, await asyncio.to_thread(self.file.verify))


@dataclass(frozen=True, slots=True)
class CsvRoll:
    """A file that was found whole; its content hash tells whether another reading brings anything new."""

    file: CsvFile
    listing: Listing
    meaning: str = ""
    full_every: timedelta | None = None

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the file has."""
        return self.listing.columns

    @property
    def programs(self) -> frozenset[str]:
        """The programs that a column was named for."""
        return self.file.programs

    @property
    def mark(self) -> str:
        """The SHA-256 of the file, and what it was read by."""
        return self.listing.sha256 + self.file.meaning

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the first reading noticed."""
        return self.listing.warnings

    async def take(self, since: str, size: int) -> AsyncIterator[Chunk]:
        """Yield the members; ``since`` is for sources that know changes. Raises Unfinished when the file changed."""
        chunks = self.file.chunks(self.listing, size)
        while records := await asyncio.to_thread(next, chunks, None):
            yield Chunk(records)
