"""What a client sees of a planned fault, over a real socket, and whether the work was done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import FaultPlan
from tests.serving import serving


class Shop:
    """An application with one effect to count."""

    def __init__(self) -> None:
        self.sold: list[bytes] = []
        routes = [
            Route("/sell", self.sell, methods=["POST"]),
            Route("/_sandbox/totals", self.totals, methods=["GET"]),
        ]
        self.app = Starlette(routes=routes)

    async def sell(self, request: Request) -> Response:
        self.sold.append(await request.body())
        return JSONResponse({"sold": len(self.sold)})

    async def totals(self, _: Request) -> Response:
        return JSONResponse({"sold": len(self.sold)})


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    layer = FaultLayer(shop.app, lambda path: path.strip("/"), FaultPlan())
    async with serving(layer) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def plan(client: httpx.AsyncClient, **fields: object) -> None:
    answer = await client.post("/_sandbox/faults", json={"operation": "sell", **fields})
    assert answer.status_code == 201


class TestEffects:
    async def test_a_status_is_answered_with_its_headers_and_nothing_is_done(
        self, client: httpx.AsyncClient, shop: Shop
    ) -> None:
        await plan(client, effect="status", status=429, headers={"Retry-After": "3"}, times=1)
        answer = await client.post("/sell", content=b"one")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
        assert shop.sold == []
        assert (await client.post("/sell", content=b"two")).status_code == 200

    async def test_a_delay_waits_and_goes_on(self, client: httpx.AsyncClient, shop: Shop) -> None:
        await plan(client, effect="delay", seconds=0.2)
        before = time.monotonic()
        assert (await client.post("/sell", content=b"one")).json() == {"sold": 1}
        assert time.monotonic() - before >= 0.2
        assert shop.sold == [b"one"]

    async def test_a_page_is_answered_with_its_status_and_nothing_is_done(
        self, client: httpx.AsyncClient, shop: Shop
    ) -> None:
        await plan(client, effect="page", status=400, times=1)
        answer = await client.post("/sell", content=b"one")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
        assert answer.text.startswith("<html>")
        assert shop.sold == []

    async def test_a_failure_is_told_after_everything_was_done(self, client: httpx.AsyncClient, shop: Shop) -> None:
        await plan(client, effect="fail", times=1)
        answer = await client.post("/sell", content=b"one")
        assert (answer.status_code, answer.json()["data"]) == (200, None)
        assert answer.json()["errors"][0]["path"]
        assert shop.sold == [b"one"]

    async def test_a_drop_breaks_the_connection_and_nothing_is_done(
        self, client: httpx.AsyncClient, shop: Shop
    ) -> None:
        await plan(client, effect="drop", times=1)
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.post("/sell", content=b"one")
        assert shop.sold == []
        assert (await client.post("/sell", content=b"two")).json() == {"sold": 1}

    async def test_a_lost_answer_breaks_the_connection_after_the_work(
        self, client: httpx.AsyncClient, shop: Shop
    ) -> None:
        await plan(client, effect="lose", times=1)
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.post("/sell", content=b"one")
        assert shop.sold == [b"one"]

    async def test_a_large_body_is_lost_as_well(self, client: httpx.AsyncClient, shop: Shop) -> None:
        await plan(client, effect="lose", times=1)
        with pytest.raises(httpx.TransportError):
            await client.post("/sell", content=b"x" * 3_000_000)
        assert [len(body) for body in shop.sold] == [3_000_000]

    async def test_a_large_body_may_meet_a_status(self, client: httpx.AsyncClient, shop: Shop) -> None:
        await plan(client, effect="status", status=503, times=1)
        large = b"x" * 3_000_000
        assert (await client.post("/sell", content=large)).status_code == 503
        assert (await client.post("/sell", content=large)).status_code == 200
        assert len(shop.sold) == 1

    async def test_garbage_is_a_200_that_is_no_json_after_the_work(self, client: httpx.AsyncClient, shop: Shop) -> None:
        await plan(client, effect="garbage", times=1)
        answer = await client.post("/sell", content=b"one")
        assert answer.status_code == 200
        with pytest.raises(ValueError, match="Expecting value"):
            answer.json()
        assert shop.sold == [b"one"]

    async def test_other_calls_go_on_while_one_is_dropped(self, client: httpx.AsyncClient, shop: Shop) -> None:
        await plan(client, effect="drop", after=3, times=1)
        calls = [client.post("/sell", content=str(one).encode()) for one in range(8)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(answer, httpx.TransportError) for answer in answers) == 1
        assert len(shop.sold) == 7


class TestControl:
    async def test_faults_are_listed_with_counters_and_cleared(self, client: httpx.AsyncClient) -> None:
        await plan(client, effect="status", status=500)
        await client.post("/sell")
        (shown,) = (await client.get("/_sandbox/faults")).json()["faults"]
        assert (shown["effect"], shown["status"], shown["seen"], shown["fired"]) == ("status", 500, 1, 1)
        assert (await client.delete("/_sandbox/faults")).json() == {"faults": []}
        assert (await client.post("/sell")).status_code == 200

    async def test_several_may_come_at_once(self, client: httpx.AsyncClient) -> None:
        faults = [{"operation": "sell", "effect": "drop"}, {"operation": "*", "effect": "lose"}]
        answer = await client.post("/_sandbox/faults", json=faults)
        assert [fault["operation"] for fault in answer.json()["faults"]] == ["sell", "*"]

    async def test_the_sandbox_s_own_pages_never_go_wrong(self, client: httpx.AsyncClient) -> None:
        await client.post("/_sandbox/faults", json={"operation": "*", "effect": "drop"})
        assert (await client.get("/_sandbox/totals")).json() == {"sold": 0}

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"{", "Expecting"),
            (b'{"operation": "sell"}', "effect: missing"),
            (b'{"operation": "sell", "effect": "drop", "why": 1}', "why: unknown"),
            (b'{"operation": "sell", "effect": "status", "status": "x"}', "status: 'x'"),
            (b'[{"operation": "sell", "effect": "drop"}, {"effect": "drop"}]', "operation: missing"),
            (b"3", "expected a JSON object, or a list of them"),
        ],
    )
    async def test_a_wrong_fault_is_refused_and_none_is_planned(
        self, client: httpx.AsyncClient, body: bytes, reason: str
    ) -> None:
        answer = await client.post("/_sandbox/faults", content=body)
        assert answer.status_code == 400
        assert reason in answer.json()["message"]
        assert (await client.get("/_sandbox/faults")).json() == {"faults": []}

    async def test_another_method_is_refused(self, client: httpx.AsyncClient) -> None:
        assert (await client.put("/_sandbox/faults")).status_code == 405


async def test_in_process_a_drop_is_a_reset_connection(shop: Shop) -> None:
    planned = FaultPlan()
    layer = FaultLayer(shop.app, lambda path: path.strip("/"), planned)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(layer), base_url="http://shop") as client:
        await plan(client, effect="lose")
        with pytest.raises(ConnectionResetError):
            await client.post("/sell", content=b"one")
    assert shop.sold == [b"one"]
