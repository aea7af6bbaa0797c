"""What a JSON API is asked, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from connector.domain.members import BadLine, Member
from connector.errors import ConnectorError, Permanent, Unauthorized, Unfinished
from connector.http.client import Client
from connector.schemes.address import Address
from connector.schemes.http_api import HttpApi
from connector.schemes.http_listing import HttpListing
from connector.schemes.paging import Paging
from connector.schemes.source import Chunk
from tests.unit.http.memory import HandClock

URL = "https://api.test/v1/members"
DATE = {"Date": "Sun, 01 Nov 2026 12:34:56 GMT"}
SINCE = "2026-11-01T12:29:56Z"
PRIVATE = ("anna@", "Annalena", "geheim", "status", "active", "2026-")
WHOLE = Paging()
Make = Callable[..., HttpApi]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def api(clock: HandClock) -> AsyncIterator[Make]:
    """Makes the source with a paging, paths and whatever is of interest."""
    client = Client("https://api.test", name="API at api.test")

    def make(paging: Paging = WHOLE, members: str = "data", total: str = "", **more: Any) -> HttpApi:
        address = Address(URL, {"status": "active"})
        listing = HttpListing(client, address, clock, paging, members, total, sleep=clock.sleep)
        return HttpApi(listing, **{"fields": {"member_id": "id", "tier": "tier.code"}, **more})

    yield make
    await client.aclose()


async def read(api: HttpApi, since: str = "", size: int = 100) -> list[Chunk]:
    """Every chunk of a reading."""
    roll = await api.verify()
    return [chunk async for chunk in roll.take(since, size)]


async def ids(api: HttpApi, since: str = "") -> list[str | None]:
    """The ids of everybody who came."""
    return [record.member_id for chunk in await read(api, since) for record in chunk.records]


async def refusal(api: HttpApi, since: str = "") -> ConnectorError:
    """What is raised; it is one sentence in which nothing is private."""
    with pytest.raises(ConnectorError) as caught:
        await read(api, since)
    said = str(caught.value)
    assert not [word for word in PRIVATE if word in said]
    assert "; expected " in said
    assert "\n" not in said
    return caught.value


def people(*names: str) -> list[dict[str, Any]]:
    return [{"id": name, "tier": {"code": "GOLD"}} for name in names]


def asked(mock: respx.MockRouter) -> list[str]:
    """The query of each request without what they share."""
    queries = [call.request.url.query.decode() for call in mock.calls]
    assert all(query.startswith("status=active") for query in queries)
    return [query.removeprefix("status=active").removeprefix("&") for query in queries]


def answers(mock: respx.MockRouter, *bodies: Any) -> None:
    """Let the API answer these one after the other: objects, or whole answers."""
    made = [body if isinstance(body, httpx.Response) else httpx.Response(200, json=body) for body in bodies]
    mock.get(url__startswith=URL).mock(side_effect=made)


class TestRequests:
    async def test_of_one_answer(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a", "b")})
        assert await ids(api()) == ["a", "b"]
        assert asked(respx_mock) == [""]
        assert respx_mock.calls.last.request.headers["accept"] == "application/json"
        assert respx_mock.calls.last.request.content == b""

    async def test_are_none_before_anybody_is_taken(self, api: Make, respx_mock: respx.MockRouter) -> None:
        roll = await api(partner_numbers={"MM": "miles"}).verify()
        assert (roll.columns, roll.programs) == ({"tier"}, {"MM"})
        assert (roll.mark, roll.warnings, roll.full_every) == ("", (), None)
        assert not respx_mock.calls

    async def test_of_pages(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, *({"data": people(*names)} for names in ("ab", "cd", "e")))
        assert await ids(api(Paging("page", 2))) == list("abcde")
        assert asked(respx_mock) == ["limit=2&page=1", "limit=2&page=2", "limit=2&page=3"]

    async def test_of_offsets_with_a_total(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, *({"data": people(*names), "n": 4} for names in ("ab", "cd")))
        assert await ids(api(Paging("offset", 2, "count", "skip"), total="n")) == list("abcd")
        assert asked(respx_mock) == ["count=2&skip=0", "count=2&skip=2"]

    async def test_of_cursors(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a"), "next": "x="}, {"data": [], "next": "y"}, {"data": people("b")})
        assert await ids(api(Paging("cursor", 2, parameter="after", next="next"))) == ["a", "b"]
        assert asked(respx_mock) == ["limit=2", "limit=2&after=x%3D", "limit=2&after=y"]

    async def test_of_links_in_the_header(self, api: Make, respx_mock: respx.MockRouter) -> None:
        link = {"Link": f'<{URL}?after=a%2B&status=active>; rel="next", <{URL}>; rel="first"'}
        respx_mock.get(URL, params={"after": "a+"}).respond(json=people("b"))
        respx_mock.get(URL, params={"limit": "2"}).respond(json=people("a"), headers=link)
        assert await ids(api(Paging("link", 2), members="")) == ["a", "b"]
        queries = [call.request.url.query for call in respx_mock.calls]
        assert queries == [b"status=active&limit=2", b"after=a%2B&status=active"]

    async def test_go_to_no_other_server(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a"), "next": "https://evil.test/v1/members"})
        assert "is on another server" in str(await refusal(api(Paging("link", next="next"))))
        assert len(respx_mock.calls) == 1

    async def test_for_changes_carry_the_moment_on_every_page(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, *({"data": people(*names)} for names in ("ab", "c")))
        source = api(Paging("page", 2), changed_since="since", full_every=timedelta(hours=24))
        assert await ids(source, SINCE) == list("abc")
        moment = "since=2026-11-01T12%3A29%3A56Z"
        assert asked(respx_mock) == [f"{moment}&limit=2&page=1", f"{moment}&limit=2&page=2"]

    @pytest.mark.parametrize("since", ["", "datetime:2026-11-01T12:00:00", "int:7", "yesterday"])
    async def test_for_everything_carry_none(self, api: Make, respx_mock: respx.MockRouter, since: str) -> None:
        answers(respx_mock, {"data": people("a")})
        await read(api(changed_since="since", full_every=timedelta(hours=24)), since)
        assert asked(respx_mock) == [""]


class TestMembers:
    async def test_are_read_by_their_paths(self, api: Make, respx_mock: respx.MockRouter) -> None:
        record = {"id": 17, "tier": {"code": "GOLD"}, "card": {"no": "AL-1", "miles": 992}, "more": [1]}
        answers(respx_mock, {"result": {"list": [record]}})
        source = api(
            members="result.list",
            fields={"member_id": "id", "number": "card.no", "tier": "tier.code"},
            partner_numbers={"MM": "card.miles"},
        )
        (chunk, _) = await read(source)
        assert chunk.records == [Member("17", number="AL-1", tier="GOLD", partner_numbers={"MM": "992"})]

    async def test_come_in_chunks_of_a_page_at_most(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people(*"abcde")}, {"data": people(*"fg")})
        found = await read(api(Paging("page", 5)), size=2)
        assert [len(chunk.records) for chunk in found] == [2, 2, 1, 2, 0]

    async def test_are_asked_for_no_further_than_they_are_taken(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a", "b")}, {"data": people("c")})
        taking = (await api(Paging("page", 2)).verify()).take("", 100)
        await anext(taking)
        assert len(respx_mock.calls) == 1
        await taking.aclose()  # type: ignore[attr-defined]

    async def test_that_cannot_be_read_do_not_stop_the_others(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": [None, "anna@x.example", [], {}, *people("a")], "n": 5})
        chunk, _ = await read(api(total="n"))
        bad = [each for each in chunk.records if isinstance(each, BadLine)]
        assert [each.line for each in bad] == [1, 2, 3, 4]
        assert bad[1].text == "Record 2: it is a text; expected an object with the fields of a member."
        assert chunk.records[-1] == Member("a", tier="GOLD")

    async def test_who_shift_to_the_next_page_come_once(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a", "b"), "n": 3}, {"data": people("b", "c"), "n": 4})
        assert await ids(api(Paging("page", 2), total="n")) == ["a", "b", "c"]

    async def test_who_come_as_others_are_told(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": [*people("a"), {"id": "a", "tier": {"code": "SILVER"}}]})
        chunk, _ = await read(api())
        assert isinstance(chunk.records[1], BadLine)


class TestPositions:
    @pytest.fixture
    def changing(self, api: Make) -> HttpApi:
        return api(Paging("cursor", next="next"), changed_since="since", full_every=timedelta(hours=24))

    @pytest.mark.parametrize("first", [[], ["a"]])
    async def test_are_five_minutes_before_the_first_answer(
        self, changing: HttpApi, respx_mock: respx.MockRouter, first: list[str]
    ) -> None:
        later = {"Date": "Sun, 01 Nov 2026 13:00:00 GMT"}
        answers(
            respx_mock,
            httpx.Response(200, json={"data": people(*first), "next": "x"}, headers=DATE),
            httpx.Response(200, json={"data": people("b")}, headers=later),
        )
        assert (await read(changing))[-1] == Chunk([], SINCE)

    @pytest.mark.parametrize("headers", [{}, {"Date": "today"}])
    async def test_are_by_our_clock_where_the_server_tells_no_time(
        self, changing: HttpApi, respx_mock: respx.MockRouter, clock: HandClock, headers: dict[str, str]
    ) -> None:
        answers(respx_mock, httpx.Response(503), httpx.Response(200, json={"data": []}, headers=headers))
        assert (await read(changing))[-1].position == "2026-11-01T11:55:00Z"
        assert clock.slept

    async def test_are_none_where_changes_are_not_asked_for(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, httpx.Response(200, json={"data": people("a")}, headers=DATE))
        assert [chunk.position for chunk in await read(api())] == ["", ""]

    async def test_say_how_long_changes_suffice(self, api: Make, changing: HttpApi) -> None:
        assert (await changing.verify()).full_every == timedelta(hours=24)
        assert (await api(full_every=timedelta(hours=24)).verify()).full_every is None


class TestTotals:
    @pytest.mark.parametrize(("told", "given"), [((3, 4), "abc"), ((3, 3), "ab"), (("3", "4"), "abc")])
    async def test_that_are_missed_are_noticed(
        self, api: Make, respx_mock: respx.MockRouter, told: tuple[Any, Any], given: str
    ) -> None:
        one = {"data": people(*given[:2]), "n": told[0]}
        answers(respx_mock, one, {"data": people(*given[2:]), "n": told[1]}, {"data": [], "n": told[1]})
        error = await refusal(api(Paging("page", 2), total="n"))
        assert isinstance(error, Unfinished)
        assert f"told {told[1]} members and gave {len(given)}; expected both to agree" in str(error)

    async def test_that_are_exceeded_are_noticed_too(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people(*"abc"), "pages": 1})
        assert "told 1 members and gave 3" in str(await refusal(api(Paging("page", 3), total="pages")))

    async def test_that_move_count_as_they_are_at_the_end(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a"), "n": 9, "next": "x"}, {"data": people("b"), "n": "2"})
        assert await ids(api(Paging("cursor", next="next"), total="n")) == ["a", "b"]

    async def test_may_be_told_by_the_first_page_only(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a"), "n": 2, "next": "x"}, {"data": people("b")})
        assert await ids(api(Paging("cursor", next="next"), total="n")) == ["a", "b"]

    async def test_that_are_never_told_are_a_fault(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a"), "m": 1})
        assert "told no number and gave 1" in str(await refusal(api(total="n")))

    async def test_say_nothing_about_changes(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a"), "n": 900})
        assert await ids(api(total="n", changed_since="since"), SINCE) == ["a"]

    @pytest.mark.parametrize("told", ["many", True, 1.5, [1], {"n": 1}, "", "9" * 30])
    async def test_are_whole_numbers(self, api: Make, respx_mock: respx.MockRouter, told: Any) -> None:
        answers(respx_mock, {"data": people("a"), "n": told})
        assert str(await refusal(api(total="n"))).startswith("scheme.total: what stands there is ")


class TestCircles:
    """A server that does not know the parameter of the page answers with the first one for ever."""

    async def test_are_noticed_at_the_same_page(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, *[{"data": people("a", "b"), "n": 4}] * 2)
        assert "goes in circles" in str(await refusal(api(Paging("page", 2), total="n")))

    async def test_are_noticed_though_something_else_differs(self, api: Make, respx_mock: respx.MockRouter) -> None:
        pages = [{"data": [each | {"photo": f"?signed={n}"} for each in people("a", "b")]} for n in range(2)]
        answers(respx_mock, *pages)
        assert "goes in circles" in str(await refusal(api(Paging("offset", 2))))

    async def test_are_noticed_though_nobody_can_be_read(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, *[{"data": [None, None]}] * 2)
        assert "goes in circles" in str(await refusal(api(Paging("page", 2))))

    async def test_are_none_where_only_the_last_page_brings_nobody_new(
        self, api: Make, respx_mock: respx.MockRouter
    ) -> None:
        answers(respx_mock, {"data": people("a", "b"), "next": "x"}, {"data": people("b")})
        assert await ids(api(Paging("cursor", next="next"))) == ["a", "b"]

    @pytest.mark.parametrize("beyond", [{"data": people("a", "b")}, {"data": []}, 400, 404, 416, 422])
    async def test_are_none_behind_a_first_page_that_was_all(
        self, api: Make, respx_mock: respx.MockRouter, beyond: Any
    ) -> None:
        last = httpx.Response(beyond, json={"detail": "Invalid page"}) if isinstance(beyond, int) else beyond
        answers(respx_mock, {"data": people("a", "b")}, last)
        assert await ids(api(Paging("page", 3))) == ["a", "b"]
        assert asked(respx_mock) == ["limit=3&page=1", "limit=3&page=2"]


class TestRefusals:
    @pytest.mark.parametrize("status", [401, 403])
    async def test_of_credentials_are_for_a_person(
        self, api: Make, respx_mock: respx.MockRouter, clock: HandClock, status: int
    ) -> None:
        answers(respx_mock, httpx.Response(status, text="anna@x.example"))
        error = await refusal(api())
        assert isinstance(error, Unauthorized)
        assert str(error) == (
            f"scheme: API at api.test (page 1) answered {status}; expected credentials that may read the members."
        )
        assert clock.slept == []

    @pytest.mark.parametrize("status", [301, 307, 400, 404, 405, 410, 422])
    async def test_for_good_name_the_status_and_nothing_of_the_answer(
        self, api: Make, respx_mock: respx.MockRouter, clock: HandClock, status: int
    ) -> None:
        answers(respx_mock, httpx.Response(status, text="Annalena geheim", headers={"Location": "https://evil.test"}))
        error = await refusal(api(Paging("page"), changed_since="since"), SINCE)
        assert isinstance(error, Permanent)
        assert error.status == status
        assert str(error) == f"scheme: API at api.test (page 1) answered {status}; expected 200 with the members."
        assert (clock.slept, len(respx_mock.calls)) == ([], 1)

    @pytest.mark.parametrize("status", [400, 404, 416, 422])
    @pytest.mark.parametrize("size", [2, 500])
    async def test_of_a_page_after_the_second_are_no_end(
        self, api: Make, respx_mock: respx.MockRouter, size: int, status: int
    ) -> None:
        answers(respx_mock, {"data": people("a", "b")}, {"data": people("c", "d")}, httpx.Response(status))
        assert f"(page 3) answered {status}" in str(await refusal(api(Paging("page", size))))

    async def test_of_a_page_after_a_full_one_are_no_end(self, api: Make, respx_mock: respx.MockRouter) -> None:
        answers(respx_mock, {"data": people("a", "b")}, httpx.Response(404))
        assert "(page 2) answered 404" in str(await refusal(api(Paging("page", 2))))

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    async def test_for_now_are_tried_again_five_times(
        self, api: Make, respx_mock: respx.MockRouter, status: int
    ) -> None:
        answers(respx_mock, *[httpx.Response(status)] * 5)
        error = await refusal(api())
        assert isinstance(error, Unfinished)
        assert str(error) == (
            f"scheme: API at api.test (page 1) answered {status}; expected all members, so nothing of it was applied."
        )

    async def test_say_when_to_come_back(self, api: Make, respx_mock: respx.MockRouter, clock: HandClock) -> None:
        busy = httpx.Response(429, headers={"Retry-After": "7"})
        answers(respx_mock, {"data": people("a", "b")}, busy, busy, {"data": people("c")})
        assert await ids(api(Paging("page", 2))) == ["a", "b", "c"]
        assert clock.slept == [7.0, 7.0]

    @pytest.mark.parametrize("content", [b"", b"<html>Annalena</html>", b'{"data": [{"id": "geheim', b"[" * 100_000])
    async def test_are_answers_that_are_no_json(self, api: Make, respx_mock: respx.MockRouter, content: bytes) -> None:
        answers(respx_mock, *[httpx.Response(200, content=content)] * 5)
        error = await refusal(api())
        assert isinstance(error, Unfinished)
        assert "answered 200 with something that is not JSON; expected all members" in str(error)

    @pytest.mark.parametrize("last", [httpx.ConnectError("refused"), httpx.ReadError("reset"), httpx.Response(429)])
    async def test_are_told_as_the_last_attempt_ended(
        self, api: Make, respx_mock: respx.MockRouter, last: httpx.Response | Exception
    ) -> None:
        respx_mock.get(url__startswith=URL).mock(side_effect=[httpx.Response(500), *[last] * 4])
        error = await refusal(api())
        assert isinstance(error, Unfinished)
        assert str(error).startswith("scheme: API at api.test (page 1)")

    @pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {"id": "a"}}, {"data": "anna@x"}, [], "geheim", 1])
    async def test_are_answers_without_the_list(self, api: Make, respx_mock: respx.MockRouter, answer: Any) -> None:
        answers(respx_mock, answer)
        error = await refusal(api())
        assert isinstance(error, Unfinished)
        assert str(error).startswith("scheme.members: ")

    async def test_are_answers_that_are_no_list_where_there_is_no_path(
        self, api: Make, respx_mock: respx.MockRouter
    ) -> None:
        answers(respx_mock, {"data": []})
        text = "scheme.members: what stands there is an object; expected a list, so nothing of it was applied."
        assert str(await refusal(api(members=""))) == text
