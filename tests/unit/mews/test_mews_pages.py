"""Walking pages from the newest to the oldest."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from connector.errors import Lost, Permanent, Retryable
from connector.mews.answers import CursorRefused, TooHeavy
from connector.mews.client import Mews
from connector.mews.pages import Page, parsed
from connector.mews.payloads.records import Bad

OPERATION, KEY = "loyaltyMemberships/getAll", "LoyaltyMemberships"


class Shelf:
    """A hundred records, newest first, of which Mews gives at most ``heaviest`` at once."""

    def __init__(self, records: int = 100, heaviest: int = 1000) -> None:
        self.ids = [f"m{number}" for number in range(records)]
        self.heaviest = heaviest
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        limitation = json.loads(request.content)["Limitation"]
        self.asked.append(limitation)
        if limitation["Count"] > self.heaviest:
            return httpx.Response(408, json={"Message": "Too heavy."})
        first = self.ids.index(limitation["Cursor"]) + 1 if "Cursor" in limitation else 0
        page = self.ids[first : first + limitation["Count"]]
        more = first + len(page) < len(self.ids)
        body = {KEY: [{"Id": one} for one in page], "Cursor": page[-1] if more else None}
        return httpx.Response(200, json=body)


@pytest.fixture
def serve(network: respx.MockRouter) -> Callable[[Any], Any]:
    return lambda effect: network.post(f"/{OPERATION}").mock(side_effect=effect)


async def walk(mews: Mews, **options: Any) -> list[Page[Any]]:
    return [page async for page in parsed(mews.pages(OPERATION, {}, KEY, **options), dict, "record")]


def ids(pages: list[Page[Any]]) -> list[str]:
    return [record["Id"] for page in pages for record in page.records]


async def test_pages_are_walked_until_the_cursor_is_null(mews: Mews, serve: Any) -> None:
    serve(shelf := Shelf())
    pages = await walk(mews, count=50)
    assert ids(pages) == shelf.ids
    assert [(page.cursor, page.last) for page in pages] == [("m49", False), (None, True)]
    assert shelf.asked == [{"Count": 50}, {"Count": 50, "Cursor": "m49"}]


async def test_a_short_page_is_the_last_whatever_its_cursor(mews: Mews, serve: Any) -> None:
    serve([httpx.Response(200, json={KEY: [{"Id": "m0"}], "Cursor": "m0"})])
    assert await walk(mews, count=2) == [Page([{"Id": "m0"}], [], None, True)]


async def test_an_empty_chain_is_one_request(mews: Mews, serve: Any) -> None:
    serve(shelf := Shelf(0))
    assert await walk(mews) == [Page([], [], None, True)]
    assert shelf.asked == [{"Count": 1000}]


async def test_a_walk_resumes_after_a_cursor(mews: Mews, serve: Any) -> None:
    serve(shelf := Shelf())
    assert ids(await walk(mews, count=50, cursor="m79")) == shelf.ids[80:]


async def test_too_heavy_a_page_is_asked_for_by_halves_and_stays_small(mews: Mews, serve: Any) -> None:
    serve(shelf := Shelf(100, heaviest=30))
    assert ids(await walk(mews, count=100)) == shelf.ids
    assert [asked["Count"] for asked in shelf.asked] == [100, 50, 25, 25, 25, 25]


async def test_one_record_too_heavy_is_told(mews: Mews, serve: Any) -> None:
    serve(shelf := Shelf(100, heaviest=0))
    with pytest.raises(TooHeavy, match="too heavy"):
        await walk(mews, count=1000)
    assert shelf.asked[-1] == {"Count": 1}


@pytest.mark.parametrize("cursors", [["m1", "m1"], ["m1", "m2", "m1"]])
async def test_a_cursor_that_comes_twice_ends_the_walk(mews: Mews, serve: Any, cursors: list[str]) -> None:
    serve([httpx.Response(200, json={KEY: [{"Id": one}], "Cursor": one}) for one in cursors])
    with pytest.raises(Retryable, match="a page cursor came twice, a new one was expected"):
        await walk(mews, count=1)


async def test_a_cursor_that_leads_back_to_itself_ends_the_walk(mews: Mews, serve: Any) -> None:
    serve([httpx.Response(200, json={KEY: [{"Id": "m1"}], "Cursor": "m1"})])
    with pytest.raises(Retryable, match="came twice"):
        await walk(mews, count=1, cursor="m1")


async def test_a_refused_cursor_is_told_apart_from_a_refused_question(mews: Mews, serve: Any) -> None:
    refused = httpx.Response(400, json={"Message": "Invalid Cursor."})
    serve([refused])
    with pytest.raises(CursorRefused) as caught:
        await walk(mews, cursor="gone")
    assert (caught.value.status, caught.value.detail) == (400, "Invalid Cursor.")
    serve([refused])
    with pytest.raises(Permanent) as plain:
        await walk(mews)
    assert not isinstance(plain.value, CursorRefused)


async def test_no_permission_is_not_mistaken_for_a_refused_cursor(mews: Mews, serve: Any) -> None:
    serve([httpx.Response(403, json={"Message": "No."})])
    with pytest.raises(Permanent) as caught:
        await walk(mews, cursor="m1")
    assert not isinstance(caught.value, CursorRefused)


@pytest.mark.parametrize("body", [{}, {KEY: None}, {KEY: {"Id": "m1"}}, {"Other": []}])
async def test_an_answer_without_its_list_is_no_empty_page(mews: Mews, serve: Any, body: Any) -> None:
    serve([httpx.Response(200, json=body)])
    with pytest.raises(Lost, match="has no list LoyaltyMemberships, which was expected"):
        await walk(mews)


async def test_a_record_whose_text_cannot_be_decoded_is_set_aside_and_the_others_go_on(mews: Mews, serve: Any) -> None:
    serve([httpx.Response(200, content=b'{"%s": [{"Id": "m1"}, {"Id": "\xff"}], "Cursor": null}' % KEY.encode())])
    (page,) = await walk(mews)
    assert page.records == [{"Id": "m1"}]
    assert page.bad == [Bad("record", "", "record without a readable Id: the record is not a JSON object")]
