"""What a remote system answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from connector.errors import Lost

_A_DAY = 86_400.0  # longer waits come from broken servers, and overflow a date


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer, whatever its status.

    ``headers`` has lower-case keys; ``content`` is decompressed; ``request_id`` is our own name of the request, as the
    logs show it; ``source`` says who answered what.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    request_id: str = ""
    source: str = "The remote system"

    @property
    def date(self) -> datetime | None:
        """Return the server's ``Date`` in UTC."""
        return http_date(self.headers.get("date", ""))

    def json(self) -> object:
        """Return the decoded content; raises Lost when it is not JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise Lost(f"{self.source} answered {self.status} with something that is not JSON.") from error

    def is_page(self) -> bool:
        """Tell whether this is a web page: a proxy's or a network's sign-in, but no answer of an interface."""
        begin = self.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return begin.startswith((b"<!doctype html", b"<html"))

    def retry_after(self, now: datetime | None = None) -> float | None:
        """Return the wait in seconds that ``Retry-After`` asks for, in either form of RFC 9110, at most a day.

        A moment counts from the answer's own date, by whose clock it was written, else from ``now``; without either it
        asks for no wait.
        """
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value), _A_DAY)
        moment, now = http_date(value), self.date or now
        if moment is None or now is None:
            return None
        return min(max(0.0, (moment - now).total_seconds()), _A_DAY)

    def rest(self) -> float | None:
        """Return for how many seconds nothing at all is to be sent: a 429 that says so is about every request."""
        return self.retry_after() or None if self.status == HTTPStatus.TOO_MANY_REQUESTS else None


def http_date(value: str) -> datetime | None:
    """Return the moment of an HTTP date in UTC, or None when it is none."""
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
