"""AIR MILES's Transaction History, sponsor request, as the books in which messages are looked up (THLIB, THS).

A token made of client id and secret may read it, and only for the sponsors' own codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from connector.domain.awards import Credit
from connector.errors import Lost, Retryable, Unauthorized
from connector.http.answer import Answer
from connector.http.client import Client
from connector.partners.airmiles.activities import Days, Fields, shown, sight
from connector.ports import Clock, Sight, Sought

_HISTORY = "/transaction-history/"
_SIZE = 100
_MOST = 50  # pages; nobody earns so often at one sponsor in a few days
_LONGEST = timedelta(days=729)  # two years are the most, and a day is left for the zone
_LIST = "genericactivitydtolist"


class History:
    """The books of one partner; ``sponsors`` are its codes at AIR MILES, ``channel_code`` changes what is shown.

    An activity is told from others by member, day, kind and miles, so that further messages may be sent meanwhile.
    """

    counts = False

    def __init__(
        self, client: Client, *, name: str, sponsors: tuple[str, ...], channel_code: str, days: Days, clock: Clock
    ) -> None:
        self._client = client
        self._name = name
        self._sponsors = sponsors
        self._headers = {"Content-Type": "application/json", "Accept-Language": "EN"}
        if channel_code:
            self._headers["Channel-Code"] = channel_code
        self._days = days
        self._clock = clock

    async def mark(self, _credit: Credit) -> str:
        """Return nothing: the day and the miles of a message are all that it is looked up by."""
        return ""

    async def look_up(self, sought: Sought) -> Sight:
        """Look for a message; see ``ports.Books``."""
        now = self._clock.now()
        span = self._days.span(sought.credit, now)
        try:
            activities = await self._activities(sought.credit.member_number, span, now)
        except Retryable:
            return Sight.UNCLEAR
        names = frozenset(each.casefold() for each in self._sponsors)
        return sight(sought, shown(activities, names, self._days, span), self._days, now)

    async def _activities(self, number: str, span: tuple[date, date], now: datetime) -> list[Fields]:
        """Read every page of a Collector's activities; a page that comes twice, or no end, is Lost."""
        until = min(_midnight(span[1]) + timedelta(days=2), now)
        query = {
            "sponsorList": ",".join(self._sponsors),
            "collectorNumber": number,
            "from": _written(max(_midnight(span[0]) - timedelta(days=1), until - _LONGEST)),
            "to": _written(until),
            "size": str(_SIZE),
            "sort": "transactionDate,asc",
        }
        found: list[Fields] = []
        last: list[Fields] = []
        for number_of_page in range(_MOST):
            page, pages = await self._page(query | {"page": str(number_of_page)})
            if page and page == last:
                raise Lost("The transaction history shows the same page again.")
            found += page
            if not page or (pages is not None and number_of_page + 1 >= pages):
                return found
            last = page
        raise Lost("The transaction history does not end.")

    async def _page(self, query: Mapping[str, str]) -> tuple[list[Fields], int | None]:
        """Return a page's activities, and of how many pages it is, where that is told."""
        answer = await self._ask(f"sponsors?{urlencode(query, safe=',:')}", "history")
        if answer.status == HTTPStatus.FORBIDDEN:
            raise self._refused(answer)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            await self._judge(answer)
        if answer.status != HTTPStatus.OK:
            raise Lost(f"{answer.source} answered {answer.status}.")
        return _read(answer.json())

    async def _judge(self, answer: Answer) -> None:
        """Raise Unauthorized if 401 is about the token: it also says that the Collector's account is not active."""
        health = await self._ask("health", "history health")
        if health.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self._refused(answer)

    async def _ask(self, path: str, operation: str) -> Answer:
        return await self._client.send("GET", _HISTORY + path, headers=self._headers, operation=operation)

    def _refused(self, answer: Answer) -> Unauthorized:
        text = (
            f"{self._name}: AIR MILES does not let the transaction history be read (HTTP {answer.status}); "
            "check client_id, client_secret, audience, scope"
        )
        return Unauthorized(text, status=answer.status)


def _read(body: object) -> tuple[list[Fields], int | None]:
    """Return the activities of a body; an empty list may be left out of it, as everything that is empty."""
    fields = _lowered(body)
    inside, page = _lowered(fields.get("_embedded") or {}), _lowered(fields.get("page") or {})
    listed = inside.get(_LIST) or []
    if not isinstance(listed, list) or (fields and not {"_embedded", "page"} & set(fields)):
        raise Lost("The transaction history has another form than is published.")
    pages = page.get("totalpages")
    return [_lowered(each) for each in listed], pages if isinstance(pages, int) else None


def _lowered(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Lost("The transaction history has another form than is published.")
    return {str(name).casefold(): each for name, each in value.items()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _written(moment: datetime) -> str:
    """Write a moment as the history takes it: UTC, microseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
