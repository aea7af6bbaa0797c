"""The Offer Service in conversation with the sandbox, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import respx

from connector.domain.offers import OptIn
from connector.errors import Lost, Permanent, Retryable, Unauthorized
from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.partners.airmiles.offers import Calls, OfferService
from connector.partners.airmiles.opt_ins import Reading
from connector.ports import Offer
from connector.sandbox.airmiles import application as airmiles
from connector.sandbox.airmiles import tokens
from connector.sandbox.airmiles.offers import OFFERS
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import FaultPlan, parse
from tests.serving import serving

MEMBER, OTHER = "80085102028", "84095202006"
FIRST, SECOND = OFFERS
CALLS = Calls("QC", "external:partner:hotel")
Served = tuple[OfferService, FaultPlan]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    path: Path = tmp_path_factory.mktemp("offers") / "state.db"
    plan = FaultPlan()
    async with serving(FaultLayer(airmiles.create_app(path), airmiles.operation_of, plan)) as url:
        auth = ClientCredentials(f"{url}/oauth/token", tokens.CLIENT_ID, tokens.CLIENT_SECRET)
        client = Client(url, name="AIR MILES offers", auth=auth)
        yield OfferService(client, name="am", calls=CALLS), plan
        await client.aclose()


@pytest.mark.asyncio(loop_scope="module")
class TestOverASocket:
    async def test_what_a_collector_does_is_shown_to_that_collector(self, served: Served) -> None:
        service, _ = served
        beside = await service.of(OTHER)
        assert [(each.id, each.title, each.states) for each in await service.of(MEMBER)] == [
            (FIRST, OFFERS[FIRST], {}),
            (SECOND, OFFERS[SECOND], {}),
        ]
        for _ in range(2):
            await service.change(MEMBER, FIRST, "OPT_IN", "OPTED_IN")
        assert [each.states for each in await service.of(MEMBER)] == [{"OPT_IN": "OPTED_IN"}, {}]
        assert await service.of(OTHER) == beside

    async def test_what_is_refused_says_what_to_check(self, served: Served) -> None:
        service, _ = served
        with pytest.raises(Permanent, match=r"am: .*HTTP 404, X-Correlation-Id .*; check the offer"):
            await service.change(MEMBER, "nowhere", "SAVE", "SAVED")

    @pytest.mark.parametrize("fault", ["lose", "drop", "500", "503", "429"])
    async def test_what_was_not_answered_may_be_tried_again(self, served: Served, fault: str) -> None:
        service, plan = served
        plan.add(parse(f"here:offer/states={fault},times=1")[1])
        with pytest.raises(Retryable):
            await service.change(OTHER, SECOND, "SAVE", "SAVED")
        await service.change(OTHER, SECOND, "SAVE", "SAVED")
        assert (await service.of(OTHER))[1].states == {"SAVE": "SAVED"}


@pytest.fixture
async def service() -> AsyncIterator[OfferService]:
    client = Client("https://offers.test", name="AIR MILES offers")
    yield OfferService(client, name="am", calls=Calls("ON", "external:partner:hotel", "fr-CA", "state"))
    await client.aclose()


class TestTheRequest:
    async def test_names_the_collector_and_the_client(
        self, service: OfferService, respx_mock: respx.MockRouter
    ) -> None:
        route = respx_mock.put(f"https://offers.test/offers/{FIRST}/state").respond(204)
        await service.change(MEMBER, FIRST, "SAVE", "SAVED")
        sent = route.calls.last.request
        assert json.loads(sent.content) == {"states": [{"name": "SAVE", "value": "SAVED"}]}
        assert (sent.headers["collector-number"], sent.headers["accept-language"]) == (MEMBER, "fr-CA")
        assert sent.headers["x-origin-client"] == "external:partner:hotel"
        assert len(sent.headers["x-correlation-id"]) == 36

    async def test_asks_for_every_page(self, service: OfferService, respx_mock: respx.MockRouter) -> None:
        pages = [[{"id": f"{n}"} for n in range(96)], [{"id": "96"}], []]
        route = respx_mock.get("https://offers.test/offers").mock(
            side_effect=[httpx.Response(200, json={"offers": page}) for page in pages]
        )
        assert len(await service.of(MEMBER)) == 97
        assert [dict(call.request.url.params)["offset"] for call in route.calls] == ["0", "96", "192"]

    @pytest.mark.parametrize("status", [401, 403])
    async def test_that_is_not_allowed_is_our_credentials_fault(
        self, service: OfferService, respx_mock: respx.MockRouter, status: int
    ) -> None:
        respx_mock.get("https://offers.test/offers").respond(status)
        with pytest.raises(Unauthorized, match="check audience and scope"):
            await service.of(MEMBER)


class TestAnOffer:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ([{"offerId": "a", "name": "Spa"}], [Offer("a", "Spa")]),
            ({"offers": [{"id": "a", "states": None}, {"title": "no id"}, "odd"]}, [Offer("a")]),
            (
                {"offers": [{"id": 7, "states": [{"name": "SAVE", "value": "SAVED"}, {"name": "X"}, 3]}]},
                [Offer("7", "", {"SAVE": "SAVED"})],
            ),
            ({"warning": None}, []),
        ],
    )
    async def test_is_read_from_what_is_there(
        self, service: OfferService, respx_mock: respx.MockRouter, body: Any, expected: list[Offer]
    ) -> None:
        respx_mock.get("https://offers.test/offers").respond(json=body)
        assert await service.of(MEMBER) == expected

    @pytest.mark.parametrize("body", [b"<html>", b'"text"', b'{"offers": 3}'])
    async def test_that_cannot_be_read_is_a_lost_answer(
        self, service: OfferService, respx_mock: respx.MockRouter, body: bytes
    ) -> None:
        respx_mock.get("https://offers.test/offers").respond(content=body)
        with pytest.raises(Lost):
            await service.of(MEMBER)


MOMENT = datetime(2026, 11, 28, 10, 0, 0, 123456, tzinfo=UTC)
OPTED = {"name": "OPT_IN", "value": "OPTED_IN", "properties": {}, "updatedAt": "2026-11-28T10:00:00.123456Z"}


@pytest.mark.asyncio(loop_scope="module")
async def test_the_sandbox_shows_when_a_collector_opted_in(served: Served) -> None:
    service, plan = served
    assert await service.opted_in("80060860886", SECOND) == OptIn(opted_in=False)
    await service.change("80060860886", SECOND, "OPT_IN", "OPTED_IN")
    found = await service.opted_in("80060860886", SECOND)
    assert found.opted_in
    assert found.at is not None
    with pytest.raises(Permanent, match="does not show offer nowhere"):
        await service.opted_in("80060860886", "nowhere")
    plan.add(parse("here:offer=500,times=1")[1])
    with pytest.raises(Retryable):
        await service.opted_in("80060860886", SECOND)


class TestAnOptIn:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"offers": [{"id": FIRST, "states": [OPTED]}], "warning": None}, OptIn(True, MOMENT)),
            ({"offers": {"offerId": FIRST.upper(), "states": [OPTED]}}, OptIn(True, MOMENT)),
            ([{"id": FIRST, "states": [OPTED | {"value": "opted_in"}]}], OptIn(True, MOMENT)),
            ({"offers": [{"id": FIRST}]}, OptIn(False)),
            ({"offers": [{"id": FIRST, "states": [{"name": "SAVE", "value": "SAVED"}]}]}, OptIn(False)),
            ({"offers": [{"id": FIRST}], "warning": {"errorCode": "err-region"}}, OptIn(False)),
        ],
    )
    async def test_is_read_from_what_is_there(
        self, service: OfferService, respx_mock: respx.MockRouter, body: Any, expected: OptIn
    ) -> None:
        route = respx_mock.get(f"https://offers.test/offers/{FIRST}?region=ON").respond(json=body)
        assert await service.opted_in(MEMBER, FIRST) == expected
        assert route.calls.last.request.headers["collector-number"] == MEMBER

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"offers": [], "warning": {"errorCode": "err-expired"}}, "does not show offer .* (err-expired)"),
            ({"offers": [{"id": SECOND}]}, "does not show offer"),
            ({"offers": [], "warning": {"errorCode": "\r\n"}}, "does not show offer .* (not in the answer)"),
            ({"offers": [], "warning": {"errorCode": MEMBER}}, "does not show offer .* (not in the answer)"),
            ({"offers": [], "warning": {"errorCode": "e" * 41}}, "does not show offer .* (not in the answer)"),
            (
                {"offers": [{"id": FIRST}], "warning": {"errorCode": "err-login-required"}},
                "without the Collector's states",
            ),
            ({"offers": [{"id": FIRST, "states": {"OPT_IN": 1}}]}, "in a form that is not known"),
            ({"offers": [{"id": FIRST, "states": [OPTED | {"updatedAt": "yesterday"}]}]}, "does not tell when"),
            (
                {"offers": [{"id": FIRST, "states": [OPTED | {"updatedAt": "2026-11-28T10:00:00"}]}]},
                "does not tell when",
            ),
        ],
    )
    async def test_that_only_a_person_can_tell_is_told_so(
        self, service: OfferService, respx_mock: respx.MockRouter, body: Any, words: str
    ) -> None:
        respx_mock.get(f"https://offers.test/offers/{FIRST}?region=ON").respond(json=body)
        with pytest.raises(Permanent, match=words.replace("(", r"\(").replace(")", r"\)")) as raised:
            await service.opted_in(MEMBER, FIRST)
        assert raised.value.status is None

    async def test_is_read_as_the_settings_say_where_the_pages_are_silent(self, respx_mock: respx.MockRouter) -> None:
        client = Client("https://offers.test", name="AIR MILES offers")
        reading = Reading("at", "counts", "not_opted_in")
        service = OfferService(client, name="am", calls=replace(CALLS, reading=reading))
        address = f"https://offers.test/offers/{FIRST}?region=QC"
        respx_mock.get(address).mock(
            side_effect=[
                httpx.Response(200, json={"offers": [{"id": FIRST, "states": [OPTED | {"at": MOMENT.isoformat()}]}]}),
                httpx.Response(200, json={"offers": [{"id": FIRST, "states": [OPTED]}]}),
                httpx.Response(200, json={"warning": {"errorCode": "err-not-live"}}),
                httpx.Response(404),
            ]
        )
        found = [await service.opted_in(MEMBER, FIRST) for _ in range(4)]
        assert found == [OptIn(True, MOMENT), OptIn(True), OptIn(False), OptIn(False)]
        await client.aclose()

    @pytest.mark.parametrize(
        ("status", "content"),
        [(408, b""), (429, b""), (500, b""), (503, b""), (404, b"<html>nginx"), (400, b"<!DOCTYPE html>")],
    )
    async def test_that_is_not_answered_may_be_asked_again(
        self, service: OfferService, respx_mock: respx.MockRouter, status: int, content: bytes
    ) -> None:
        respx_mock.get(f"https://offers.test/offers/{FIRST}?region=ON").respond(status, content=content)
        with pytest.raises(Retryable):
            await service.opted_in(MEMBER, FIRST)
