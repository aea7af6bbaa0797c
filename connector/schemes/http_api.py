"""Members from a JSON API, page after page.

With ``changed_since``, a query parameter, most readings take only the members that changed since a moment: that of the
server when the reading before began, less five minutes. A change does not tell who is gone, a full reading does.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.domain.members import BadLine, Member
from connector.errors import Unfinished
from connector.schemes.http_listing import HttpListing
from connector.schemes.once import Once
from connector.schemes.paging import CIRCLES, Page
from connector.schemes.positions import OVERLAP
from connector.schemes.records import Records
from connector.schemes.source import Chunk

_WRITTEN = "%Y-%m-%dT%H:%M:%SZ"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class HttpApi:
    """A listing, and the path of each field in a member's record; ``partner_numbers`` are paths by program.

    ``full_every`` counts only with ``changed_since``: without it every reading takes everything.
    """

    listing: HttpListing
    fields: Mapping[str, str]
    partner_numbers: Mapping[str, str] = field(default_factory=dict)
    changed_since: str = ""
    full_every: timedelta | None = None

    async def verify(self) -> HttpRoll:
        """Return the roll without a request: the settings say what it has, and reading it once must suffice.

        An API that is out of reach or breaks off is noticed by ``take``. Mews has been read by then, but nothing is
        written anywhere in Mews before the taking has ended.
        """
        return HttpRoll(self)


@dataclass(frozen=True, slots=True)
class HttpRoll:
    """What the API lists; only reading tells whether anything is new."""

    source: HttpApi
    mark: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """The fields that have a path."""
        return self._records().columns

    @property
    def programs(self) -> frozenset[str]:
        """The programs whose numbers have a path."""
        return self._records().programs

    @property
    def meaning(self) -> str:
        """The address, and by which paths its answers are read."""
        source, listing = self.source, self.source.listing
        paths = [sorted(each.items()) for each in (source.fields, source.partner_numbers, listing.address.parameters)]
        read = (listing.address.url, listing.members, source.changed_since, paths)
        return repr(read) if source.changed_since else ""

    @property
    def full_every(self) -> timedelta | None:
        """How long changes suffice, when the API can be asked for them."""
        return self.source.full_every if self.source.changed_since else None

    async def take(self, since: str, size: int) -> AsyncIterator[Chunk]:
        """Yield the members, all or those changed since a position; the last chunk has the new position.

        Raises Unfinished, Unauthorized and Permanent at any time: nothing may be applied before the iterator ended.
        """
        source, began = self.source, self.source.listing.clock.now()
        asked = {source.changed_since: since} if source.changed_since and _MOMENT.fullmatch(since) else {}
        reading = _Reading(self._records(), began)
        async for page in source.listing.pages(asked):
            records = reading.take(page)
            for start in range(0, len(records), size):
                yield Chunk(records[start : start + size])
        if source.listing.total and not asked:
            reading.check_total()
        yield Chunk([], f"{reading.began - OVERLAP:{_WRITTEN}}" if source.changed_since else "")

    def _records(self) -> Records:
        return Records(self.source.fields, self.source.partner_numbers)


class _Reading:
    """What one reading has seen; ``began`` is its moment by the server's clock, by ours if the server tells none."""

    def __init__(self, records: Records, began: datetime) -> None:
        self._records, self._once = records, Once()
        self._pages = self._number = self._length = 0
        self._told: int | None = None
        self.began = began

    def take(self, page: Page) -> list[Member | BadLine]:
        """Return the records of a page, without those that came before.

        Raises Unfinished at a page that brings nothing else: whoever asks so for the next one may never end.
        """
        self._pages += 1
        if self._pages == 1 and page.date is not None:
            self.began = page.date
        found = [record for each in page.records if (record := self._record(each)) is not None]
        if page.records and not found and len(page.records) >= self._length:
            raise Unfinished(CIRCLES)
        self._length = len(page.records)
        self._told = self._told if page.total is None else page.total
        return found

    def check_total(self) -> None:
        """Raise Unfinished unless as many records came as the last page that told a number told."""
        if self._told != self._number:
            told = "no number" if self._told is None else f"{self._told} members"
            raise Unfinished(
                f"scheme: the listing told {told} and gave {self._number}; expected both to agree, "
                "so nothing of it was applied."
            )

    def _record(self, record: object) -> Member | BadLine | None:
        self._number += 1
        return self._once.admit(self._records.read(record, self._number), self._number)
