from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
import respx

from connector.errors import Lost, NotSent
from connector.http.client import Client, Timeouts
from tests.unit.http.servers import ok, read_request, serving

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


@asynccontextmanager
async def client_of(address: str, **settings: object) -> AsyncIterator[Client]:
    client = Client(address, name="Partner", **settings)  # type: ignore[arg-type]
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def client_and(behaviour: object, **settings: object) -> AsyncIterator[Client]:
    async with serving(behaviour) as address, client_of(address, **settings) as client:  # type: ignore[arg-type]
        yield client


async def post(client: Client, path: str = "things", **settings: object) -> object:
    return await client.send("POST", path, content=b"{}", operation="things/add", **settings)  # type: ignore[arg-type]


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Searches:
    """A finder of modules that finds none and remembers for which it was asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        self.names.append(name)


class TestOverARealSocket:
    async def test_a_request_searches_no_folder_for_a_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def answer(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            writer.write(ok(b"{}"))
            await writer.drain()

        async with client_and(answer) as client:
            await post(client)
            searches = Searches()
            monkeypatch.setattr(sys, "meta_path", [searches, *sys.meta_path])
            await post(client)
        assert searches.names == []

    async def test_an_answer_of_any_status_is_an_answer(self) -> None:
        async def refuse(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            writer.write(
                b"HTTP/1.1 503 Busy\r\nDate: Sun, 01 Nov 2026 12:00:00 GMT\r\n"
                b"X-Thing: A\r\nContent-Length: 4\r\n\r\nbusy"
            )
            await writer.drain()

        async with client_and(refuse) as client:
            answer = await client.send("POST", "things", operation="things/add")
        assert (answer.status, answer.content, answer.headers["x-thing"]) == (503, b"busy", "A")
        assert answer.date == datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

    async def test_a_refused_connection_means_not_sent(self) -> None:
        async with client_of(f"http://127.0.0.1:{unused_port()}") as client:
            with pytest.raises(NotSent, match=r"Partner \(things/add\): the request was not sent"):
                await post(client)

    async def test_an_unknown_host_means_not_sent(self) -> None:
        async with client_of("http://nowhere.invalid") as client:
            with pytest.raises(NotSent):
                await post(client)

    async def test_a_server_that_speaks_no_tls_means_not_sent(self) -> None:
        async def plain(reader: Reader, writer: Writer) -> None:
            await reader.read(100)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()

        async with serving(plain) as address, client_of(address.replace("http:", "https:")) as client:
            with pytest.raises(NotSent):
                await post(client)

    async def test_a_connection_closed_after_the_request_means_lost(self) -> None:
        async def hang_up(reader: Reader, writer: Writer) -> None:
            await read_request(reader)

        async with client_and(hang_up) as client:
            with pytest.raises(Lost, match="the connection broke"):
                await post(client)

    async def test_half_a_body_means_lost(self) -> None:
        async def stop_in_the_middle(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            writer.write(ok(b"0123456789")[:-5])
            await writer.drain()

        async with client_and(stop_in_the_middle) as client:
            with pytest.raises(Lost):
                await post(client)

    async def test_an_answer_that_is_no_http_means_lost(self) -> None:
        async def mumble(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            writer.write(b"what?\r\n\r\n")
            await writer.drain()

        async with client_and(mumble) as client:
            with pytest.raises(Lost):
                await post(client)

    async def test_an_answer_slower_than_the_deadline_means_lost(self) -> None:
        async def ponder(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            await asyncio.Event().wait()

        async with client_and(ponder) as client:
            with pytest.raises(Lost, match=r"the time of 0\.1 s was over"):
                await post(client, deadline=0.1)

    async def test_a_drip_of_bytes_does_not_outlive_the_deadline(self) -> None:
        async def drip(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.01)

        async with client_and(drip, timeouts=Timeouts(read=5)) as client:
            with pytest.raises(Lost):
                await post(client, deadline=0.15)

    async def test_a_silent_server_means_lost_after_the_read_timeout(self) -> None:
        async def ponder(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            await asyncio.Event().wait()

        async with client_and(ponder, timeouts=Timeouts(read=0.1)) as client:
            with pytest.raises(Lost, match="silent for too long"):
                await post(client)

    async def test_waiting_for_a_turn_beyond_the_deadline_means_not_sent(self) -> None:
        arrived = asyncio.Event()

        async def ponder(reader: Reader, writer: Writer) -> None:
            await read_request(reader)
            arrived.set()
            await asyncio.Event().wait()

        async with client_and(ponder, max_connections=1) as client:
            first = asyncio.create_task(post(client, deadline=5))
            await arrived.wait()
            with pytest.raises(NotSent):
                await post(client, deadline=0.05)
            assert client.requests == 1
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)

    async def test_no_more_requests_than_allowed_are_under_way(self) -> None:
        under_way, most = 0, 0

        async def count(reader: Reader, writer: Writer) -> None:
            nonlocal under_way, most
            while True:
                await read_request(reader)
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0.01)
                under_way -= 1
                writer.write(ok())
                await writer.drain()

        async with client_and(count, max_connections=3) as client:
            await asyncio.gather(*(post(client) for _ in range(12)))
        assert (most, client.requests) == (3, 12)

    async def test_connections_are_reused(self) -> None:
        connections = 0

        async def count(reader: Reader, writer: Writer) -> None:
            nonlocal connections
            connections += 1
            while True:
                await read_request(reader)
                writer.write(ok())
                await writer.drain()

        async with client_and(count) as client:
            for _ in range(4):
                await post(client)
        assert connections == 1

    async def test_cancelled_requests_leave_a_client_that_works(self) -> None:
        patient = asyncio.Event()

        async def answer(reader: Reader, writer: Writer) -> None:
            while True:
                await read_request(reader)
                await patient.wait()
                writer.write(ok())
                await writer.drain()

        async with client_and(answer, max_connections=2, timeouts=Timeouts(pool=0.2)) as client:
            tasks = [asyncio.create_task(post(client)) for _ in range(20)]
            for round_ in range(10):
                await asyncio.sleep(0.001)
                tasks[round_].cancel()
            patient.set()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(result).__name__ for result in results[10:]] == ["Answer"] * 10


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with client_of("https://partner.test/base/", user_agent="Mews Loyalty Connector 1.0.0") as client:
        yield client


class TestOnTheWire:
    async def test_the_bytes_and_headers_go_out_as_given(self, client: Client, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.post("https://partner.test/base/things/add").respond(200)
        content = '{"ü":1.10}'.encode()
        await client.send("POST", "things/add", content=content, headers={"X-A": "1"}, operation="add")
        sent = route.calls.last.request
        assert (sent.content, sent.headers["x-a"]) == (content, "1")
        assert sent.headers["user-agent"] == "Mews Loyalty Connector 1.0.0"

    async def test_nothing_but_the_usual_headers_is_added(self, client: Client, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.post("https://partner.test/base/x").respond(200)
        await client.send("POST", "x", content=b"{}", operation="x")
        names = set(route.calls.last.request.headers)
        usual = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}
        assert names == usual

    @pytest.mark.parametrize(
        ("base", "path", "expected"),
        [
            ("https://api.test", "", "https://api.test/"),
            ("https://api.test/graphql", "", "https://api.test/graphql"),
            ("https://api.test/v1/", "/a/b", "https://api.test/v1/a/b"),
            ("https://api.test", "a?x=1&y=2", "https://api.test/a?x=1&y=2"),
        ],
    )
    async def test_paths_are_joined_without_adding_a_slash(
        self, base: str, path: str, expected: str, respx_mock: respx.MockRouter
    ) -> None:
        route = respx_mock.route().respond(200)
        async with client_of(base) as client:
            await client.send("GET", path, operation="x")
        assert str(route.calls.last.request.url) == expected

    async def test_a_redirect_is_not_followed(self, client: Client, respx_mock: respx.MockRouter) -> None:
        respx_mock.post("https://partner.test/base/x").respond(302, headers={"Location": "https://evil.test"})
        answer = await client.send("POST", "x", operation="x")
        assert answer.status == 302

    async def test_requests_and_bytes_are_counted(self, client: Client, respx_mock: respx.MockRouter) -> None:
        respx_mock.post("https://partner.test/base/x").respond(200, content=b"12345")
        for _ in range(2):
            await client.send("POST", "x", content=b"123", operation="x")
        assert (client.requests, client.bytes_sent, client.bytes_received) == (2, 6, 10)

    @pytest.mark.parametrize(
        ("error", "meaning"),
        [
            (httpx.ConnectError, NotSent),
            (httpx.ConnectTimeout, NotSent),
            (httpx.PoolTimeout, NotSent),
            (httpx.ProxyError, NotSent),
            (httpx.ReadTimeout, Lost),
            (httpx.WriteTimeout, Lost),
            (httpx.ReadError, Lost),
            (httpx.WriteError, Lost),
            (httpx.RemoteProtocolError, Lost),
            (httpx.LocalProtocolError, Lost),
        ],
    )
    async def test_each_failure_says_whether_the_request_can_have_had_an_effect(
        self, client: Client, respx_mock: respx.MockRouter, error: type[Exception], meaning: type[Exception]
    ) -> None:
        respx_mock.post("https://partner.test/base/x").mock(side_effect=error)
        with pytest.raises(meaning) as raised:
            await client.send("POST", "x", operation="x")
        assert type(raised.value) is meaning

    async def test_what_the_other_side_says_of_our_certificate_is_told(
        self, client: Client, respx_mock: respx.MockRouter
    ) -> None:
        error = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
        respx_mock.post("https://partner.test/base/x").mock(side_effect=error)
        with pytest.raises(Lost, match=r"did not go on with TLS .*certificate required"):
            await client.send("POST", "x", operation="x")

    async def test_a_connection_with_which_anything_went_wrong_is_not_used_again(
        self, client: Client, respx_mock: respx.MockRouter
    ) -> None:
        answers = [httpx.Response(200), httpx.ReadError, httpx.Response(200), httpx.Response(200)]
        respx_mock.post("https://partner.test/base/x").mock(side_effect=answers)
        await client.send("POST", "x", operation="x")
        (broken,) = client._connections.idle
        with pytest.raises(Lost):
            await client.send("POST", "x", operation="x")
        assert broken.is_closed
        for _ in range(2):
            assert (await client.send("POST", "x", operation="x")).status == 200
        (sound,) = client._connections.idle
        assert sound is not broken

    async def test_an_answer_that_comes_after_the_end_leaves_nothing_open(
        self, client: Client, respx_mock: respx.MockRouter
    ) -> None:
        asked, let_go = asyncio.Event(), asyncio.Event()

        async def slow(_request: httpx.Request) -> httpx.Response:
            asked.set()
            await let_go.wait()
            return httpx.Response(200)

        respx_mock.post("https://partner.test/base/x").mock(side_effect=slow)
        sending = asyncio.create_task(client.send("POST", "x", operation="x"))
        await asked.wait()
        await client.aclose()
        let_go.set()
        assert ((await sending).status, client._connections.idle) == (200, [])

    async def test_a_cookie_is_not_sent_back(self, client: Client, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.post("https://partner.test/base/x").respond(200, headers={"Set-Cookie": "session=1; Path=/"})
        for _ in range(2):
            await client.send("POST", "x", operation="x")
        assert "cookie" not in route.calls.last.request.headers

    async def test_each_answer_has_its_own_request_id(self, client: Client, respx_mock: respx.MockRouter) -> None:
        respx_mock.post("https://partner.test/base/x").respond(200)
        ids = {(await client.send("POST", "x", operation="x")).request_id for _ in range(3)}
        assert len(ids) == 3
