"""Members over a real socket, from a server that does what servers do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from connector.errors import ConnectorError, Misconfigured, Unauthorized, Unfinished
from connector.http.auth import ClientCredentials, HeaderAuth
from connector.schemes.http_api import HttpApi
from connector.schemes.paging import Paging
from connector.telemetry import redact
from tests.integration.schemes.members_api import (
    BY_CURSOR,
    BY_HEADER,
    BY_LINK,
    BY_PAGE,
    TOKEN,
    MembersApi,
    Row,
)

PAGINGS = {
    "page": BY_PAGE,
    "offset": Paging("offset", 2, parameter="offset"),
    "cursor": BY_CURSOR,
    "link": BY_LINK,
    "header": BY_HEADER,
}
SECRETS = ("geheim-1", "Bearer geheim-1", "token-number-1", "token-number-2")


@pytest.fixture(autouse=True)
def _no_secret_outlives_its_test() -> Iterator[None]:
    yield
    for secret in SECRETS:
        redact.forget(secret)


@pytest.fixture
async def api() -> AsyncIterator[MembersApi]:
    """Seven members, m0 to m6."""
    async with MembersApi(rows=[person(each) for each in range(7)]).serving() as made:
        yield made


def person(number: int) -> Row:
    return {"member_id": f"m{number}", "tier": "GOLD", "points": number}


def everybody(*without: int) -> list[str]:
    return [f"m{each}" for each in range(7) if each not in without]


async def ids(source: HttpApi) -> list[str | None]:
    """Everybody who comes of a reading that ends."""
    roll = await source.verify()
    return [record.member_id async for chunk in roll.take("", 100) for record in chunk.records]


async def refusal(source: HttpApi) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await ids(source)
    assert "; expected " in str(caught.value)
    return caught.value


@pytest.fixture(params=PAGINGS)
def paging(request: pytest.FixtureRequest) -> Paging:
    return PAGINGS[request.param]


class TestEveryWayOfPaging:
    async def test_brings_everybody_once(self, api: MembersApi, paging: Paging) -> None:
        assert await ids(api.source(paging)) == everybody()
        assert len(api.requests()) == 4
        assert await ids(api.source(paging, total="")) == everybody()
        assert len(api.requests()) == 4

    async def test_lives_with_smaller_pages_than_it_asks_for(self, api: MembersApi, paging: Paging) -> None:
        api.longest = 1
        assert await ids(api.source(paging)) == everybody()
        assert await ids(api.source(paging, total="")) == everybody()

    async def test_tries_again_what_the_server_could_not_do(self, api: MembersApi, paging: Paging) -> None:
        api.fault("status", status=429, headers={"Retry-After": "7"}, after=1)
        for effect in ("status", "drop", "garbage"):
            api.fault(effect, after=1)
        source = api.source(paging)
        assert await ids(source) == everybody()
        assert source.listing.client.requests == 4 + 4

    async def test_tries_again_what_broke_off(self, api: MembersApi, paging: Paging) -> None:
        api.halves = 2
        assert await ids(api.source(paging)) == everybody()

    @pytest.mark.parametrize("effect", ["drop", "lose", "garbage", "status"])
    async def test_gives_up_where_nothing_helps(self, api: MembersApi, paging: Paging, effect: str) -> None:
        api.fault(effect, after=2, times=None)
        error = await refusal(api.source(paging))
        assert isinstance(error, Unfinished)
        assert str(error).startswith("scheme: API at 127.0.0.1 (page 3)")

    async def test_gives_up_where_every_answer_breaks_off(self, api: MembersApi, paging: Paging) -> None:
        api.halves = 100
        assert "(page 1): the request was sent but no whole answer came" in str(await refusal(api.source(paging)))

    async def test_takes_nothing_that_does_not_add_up(self, api: MembersApi, paging: Paging) -> None:
        api.told = 8
        assert "told 8 members and gave 7" in str(await refusal(api.source(paging)))


class TestPagesThatShift:
    """m0 leaves, or another one comes before it, while the pages are read."""

    @pytest.mark.parametrize("way", ["page", "offset"])
    async def test_are_not_whole_when_somebody_leaves(self, api: MembersApi, way: str) -> None:
        api.turned = lambda page: api.rows.pop(0) and None if page == 1 else None
        error = await refusal(api.source(PAGINGS[way]))
        assert "became shorter while it was read, so that somebody may have been passed over" in str(error)
        api.turned = lambda _: None
        assert await ids(api.source(PAGINGS[way])) == everybody(0)

    @pytest.mark.parametrize("way", ["page", "offset"])
    async def test_bring_everybody_who_was_there_when_somebody_comes(self, api: MembersApi, way: str) -> None:
        api.turned = lambda page: api.rows.insert(0, person(9)) if page == 1 else None
        assert await ids(api.source(PAGINGS[way])) == everybody()


class TestLinks:
    @pytest.mark.parametrize("paging", [BY_LINK, BY_HEADER])
    async def test_to_another_server_are_not_followed(self, api: MembersApi, paging: Paging) -> None:
        async with MembersApi(rows=[person(1)]).serving() as other:
            api.elsewhere = other.url
            source = api.source(paging, auth=HeaderAuth.bearer("geheim-1"))
            assert "is on another server" in str(await refusal(source))
            assert other.requests() == []

    async def test_of_an_answer_that_was_thought_to_be_whole_are_noticed(self, api: MembersApi) -> None:
        api.longest = 5
        assert isinstance(await refusal(api.source(Paging(), total="")), Misconfigured)


class TestCursors:
    async def test_that_lead_back_are_noticed(self, api: MembersApi) -> None:
        start = api._start
        api._start = lambda query, size: min(start(query, size), 2)  # type: ignore[method-assign]
        assert "goes in circles" in str(await refusal(api.source(BY_CURSOR, total="")))


class TestAuthorisation:
    async def test_by_a_token_reaches_every_page(self, api: MembersApi) -> None:
        api.bearers = {"Bearer geheim-1"}
        assert await ids(api.source(auth=HeaderAuth.bearer("geheim-1"))) == everybody()

    async def test_that_is_refused_is_for_a_person(self, api: MembersApi) -> None:
        api.bearers = {"Bearer geheim-2"}
        error = await refusal(api.source(auth=HeaderAuth.bearer("geheim-1")))
        assert isinstance(error, Unauthorized)
        assert "geheim" not in str(error)
        assert len(api.requests()) == 1

    async def test_that_ends_in_the_middle_is_renewed_there(self, api: MembersApi, paging: Paging) -> None:
        credentials = ClientCredentials(f"{api.url}{TOKEN}", "members", "geheim-1")
        api.turned = lambda page: api.log_out() if page == 2 and api.grants == 1 else None
        api.bearers = set()
        assert await ids(api.source(paging, auth=credentials)) == everybody()
        assert api.grants == 2

    async def test_that_no_token_is_given_for_is_for_a_person(self, api: MembersApi) -> None:
        credentials = ClientCredentials(f"{api.url}/login/other", "members", "geheim-1")
        with pytest.raises(Unauthorized, match="answered 404: check its address, the id and the secret"):
            await ids(api.source(auth=credentials))
        assert api.requests() == []


async def test_pages_are_read_only_as_they_are_taken(api: MembersApi) -> None:
    taking = (await api.source().verify()).take("", 100)
    for page in range(1, 4):
        chunk = await anext(taking)
        assert (len(chunk.records), len(api.asked)) == (2, page)
