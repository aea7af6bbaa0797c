from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from connector.errors import Lost, NotSent
from connector.http.answer import Answer
from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.http.content import whole
from tests.unit.http.servers import ok, read_request, serving

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
MIB = 2**20
PAGE = b'{"LoyaltyMemberships": [%s]}' % b",".join(b'{"Id": %d}' % number for number in range(100_000))


def packed(size: int, times: int = 1) -> bytes:
    """Return so many zeros, packed so often."""
    content = bytes(size)
    for _ in range(times):
        content = gzip.compress(content)
    return content


def answering(*answers: bytes) -> Callable[[Reader, Writer], Awaitable[None]]:
    left = list(answers)

    async def behave(reader: Reader, writer: Writer) -> None:
        while True:
            await read_request(reader)
            writer.write(left.pop(0))
            await writer.drain()

    return behave


def holding(content: bytes, coding: str, status: str = "200 OK") -> bytes:
    return ok(content, f"Content-Encoding: {coding}").replace(b"200 OK", status.encode(), 1)


async def asked(address: str, auth: ClientCredentials | None = None, longest: int = MIB) -> Answer:
    client = Client(address, name="Partner", auth=auth, max_answer=longest)
    try:
        return await client.send("POST", "things", content=b"{}", operation="things/add")
    finally:
        await client.aclose()


async def answered(content: bytes, coding: str, longest: int = MIB) -> bytes:
    async with serving(answering(holding(content, coding))) as address:
        return (await asked(address, longest=longest)).content


@pytest.mark.parametrize(
    ("content", "coding"),
    [
        (PAGE, "identity"),
        (gzip.compress(PAGE), "gzip"),
        (gzip.compress(PAGE), "X-GZIP, identity"),
        (zlib.compress(PAGE), "deflate"),
        (gzip.compress(PAGE) + b"\0" * 512, "gzip"),
        (gzip.compress(PAGE[:9]) + gzip.compress(b"") + gzip.compress(PAGE[9:]) + b"\0", "gzip"),
        (PAGE, "utf-8"),  # what some servers believe that the header is for
    ],
)
async def test_the_content_of_an_answer_is_whole(content: bytes, coding: str) -> None:
    assert await answered(content, coding, 2 * MIB) == PAGE


async def test_the_members_of_a_gzip_may_come_byte_by_byte() -> None:
    content = gzip.compress(b"one, ") + gzip.compress(b"two")

    async def arriving() -> AsyncIterator[bytes]:
        for place in range(len(content)):
            yield content[place : place + 1]

    response = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=arriving())
    assert await whole(response, MIB) == b"one, two"


@pytest.mark.parametrize("missing", [len(gzip.compress(b'{"status": "ERROR"}')) - 10, 9, 4, 1])
async def test_a_packed_answer_that_broke_off_is_not_taken_for_a_shorter_one(missing: int) -> None:
    with pytest.raises(Lost, match="the packed answer broke off"):
        await answered(gzip.compress(b'{"status": "ERROR"}')[:-missing], "gzip")


async def test_an_answer_without_content_may_be_said_to_be_packed() -> None:
    assert await answered(b"", "gzip") == b""


async def test_a_server_is_asked_for_what_is_unpacked_here() -> None:
    heads: list[bytes] = []

    async def listen(reader: Reader, writer: Writer) -> None:
        heads.append((await read_request(reader)).lower())
        writer.write(ok())
        await writer.drain()

    async with serving(listen) as address:
        await asked(address)
    assert b"\r\naccept-encoding: gzip\r\n" in heads[0]


@pytest.mark.parametrize("longest", [len(PAGE), len(PAGE) - 1])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_the_bound_is_of_the_unpacked_content(longest: int, coding: str) -> None:
    content = gzip.compress(PAGE) if coding == "gzip" else PAGE
    if longest >= len(PAGE):
        assert len(await answered(content, coding, longest)) == longest
    else:
        with pytest.raises(Lost, match=f"the answer is larger than {longest} bytes"):
            await answered(content, coding, longest)


@pytest.mark.parametrize("coding", ["gzip, gzip", "deflate, gzip", "gzip, identity, gzip"])
async def test_an_answer_that_is_packed_more_than_once_means_lost(coding: str) -> None:
    with pytest.raises(Lost, match="the answer is packed more than once"):
        await answered(packed(10, 2), coding)


async def test_what_cannot_be_decompressed_means_lost() -> None:
    with pytest.raises(Lost, match="the answer could not be decompressed"):
        await answered(b"not gzip", "gzip")


class TestMemory:
    """A few bytes that would fill the machine take no more than the bound and a step."""

    @pytest.fixture
    async def peak(self) -> Callable[[], int]:
        tracemalloc.start()
        yield lambda: tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    @pytest.mark.parametrize(("times", "coding"), [(1, "gzip"), (2, "gzip, gzip")])
    async def test_of_an_answer(self, peak: Callable[[], int], times: int, coding: str) -> None:
        bomb = holding(packed(64 * MIB, times), coding)
        async with serving(answering(bomb)) as address:
            tracemalloc.reset_peak()
            with pytest.raises(Lost):
                await asked(address)
        assert peak() < 8 * MIB

    async def test_of_a_token(self, peak: Callable[[], int]) -> None:
        bomb = holding(packed(64 * MIB), "gzip")
        async with serving(answering(bomb)) as address:
            tracemalloc.reset_peak()
            with pytest.raises(NotSent, match="gave no token: the answer is larger than 1048576 bytes"):
                await asked(address, ClientCredentials(f"{address}/token", "id", "the-secret-of-it"))
        assert peak() < 8 * MIB

    async def test_of_an_answer_that_refuses_a_token(self, peak: Callable[[], int]) -> None:
        token = ok(b'{"access_token": "some-token"}')
        bomb = holding(packed(64 * MIB), "gzip", "401 Unauthorized")
        async with serving(answering(token, bomb)) as address:
            tracemalloc.reset_peak()
            with pytest.raises(Lost, match="larger than"):
                await asked(address, ClientCredentials(f"{address}/token", "id", "the-secret-of-it"))
        assert peak() < 8 * MIB
