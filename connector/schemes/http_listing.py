"""The pages of a JSON listing: one request after the other, each tried again where that may help."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from connector.errors import ConnectorError, Permanent, Unauthorized, Unfinished
from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.links import link_to
from connector.http.retry import READ
from connector.ports import Clock
from connector.schemes.address import Address
from connector.schemes.json_request import JsonRequest, is_good, said
from connector.schemes.paging import CIRCLES, Page, Paging, Step, at_path
from connector.schemes.plain import kind_of

_NO_SUCH_PAGE = frozenset({400, 404, 416, 422})  # what servers answer beyond the last page, if not an empty one


@dataclass(frozen=True, slots=True)
class HttpListing:
    """A listing of members; ``members`` and ``total`` are paths in an answer, "" when it is the list or tells none.

    ``client`` is for the origin of ``address``, and knows the credentials.
    """

    client: Client
    address: Address
    clock: Clock
    paging: Paging
    members: str = ""
    total: str = ""
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def pages(self, parameters: Mapping[str, str]) -> AsyncIterator[Page]:
        """Yield the pages, with these parameters in the requests.

        Raises Unauthorized, Permanent (the server will never answer this) and Unfinished (it did not this time, or
        not what was expected), in sentences that hold nothing of a query or an answer.
        """
        paginator = self.paging.paginator(self.address.having(parameters))
        step: Step | None = paginator.first()
        number, before = 1, Page()
        while step is not None:
            page = await self._page(step, f"page {number}")
            if page.records and page.records == before.records:
                if step.probe:  # some servers answer with their last page to every number beyond it
                    return
                raise Unfinished(CIRCLES)
            yield page
            step, number, before = paginator.after(page), number + 1, page

    async def _page(self, step: Step, name: str) -> Page:
        request = JsonRequest(self.client, name, step.target, "all members")
        answer = await request.answer(self.clock, self.sleep)
        if step.probe and answer.status in _NO_SUCH_PAGE:
            return Page()
        if refused := _refusal(request, answer):
            raise refused
        found = request.found
        return Page(
            found, self._records(found), self._told(found), link_to("next", answer.headers.get("link", "")), answer.date
        )

    def _records(self, answer: object) -> list[object]:
        found = at_path(answer, self.members, "members") if self.members else answer
        if not isinstance(found, list):
            raise Unfinished(
                f"scheme.members: what stands there is {kind_of(found)}; expected a list, so nothing of it was applied."
            )
        return found

    def _told(self, answer: object) -> int | None:
        told = at_path(answer, self.total, "total") if self.total else None
        if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 19:
            told = int(told)
        if told is None or (isinstance(told, int) and not isinstance(told, bool)):
            return told
        raise Unfinished(
            f"scheme.total: what stands there is {kind_of(told)}; expected a whole number, so nothing was applied."
        )


def _refusal(request: JsonRequest, answer: Answer) -> ConnectorError | None:
    """Return the error that a status means."""
    if is_good(answer):
        return None
    if answer.status in (401, 403):
        text = f"scheme: {said(answer)}; expected credentials that may read the members."
        return Unauthorized(text, status=answer.status)
    if answer.status in READ.statuses:
        return request.unfinished(said(answer))
    return Permanent(f"scheme: {said(answer)}; expected 200 with the members.", status=answer.status)
