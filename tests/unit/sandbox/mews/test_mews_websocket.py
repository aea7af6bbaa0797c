"""The simulator's WebSocket and webhook: who may listen, and of what they hear."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from connector.sandbox.mews import edits
from connector.sandbox.mews.app import create_app
from connector.sandbox.mews.events import PATH, Events
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from tests.integration.earning.front_desk import _hotels
from tests.serving import serving

RIGHT = f"ClientToken={CLIENT_TOKEN}; AccessToken={ACCESS_TOKENS['wien']}"


@dataclass
class Hotels:
    """A simulated Mews that is served."""

    events: Events
    url: str

    def listening(self, cookie: str) -> connect:
        """Connect to the WebSocket with these cookies."""
        return connect(self.url.replace("http", "ws", 1) + PATH, additional_headers={"Cookie": cookie})


@pytest.fixture
async def hotels(tmp_path: Path) -> AsyncIterator[Hotels]:
    app = create_app(tmp_path / "mews.db")
    app.state.simulator.state.load(_hotels())
    async with serving(app, own_date=True) as url:
        yield Hotels(app.state.events, url)


@pytest.mark.parametrize("cookie", ["", "AccessToken=x", RIGHT.replace("=", " = "), RIGHT.replace("wien", "graz")])
async def test_whoever_sends_other_cookies_is_refused(hotels: Hotels, cookie: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await hotels.listening(cookie)
    assert refused.value.response.status_code == 401


async def test_a_token_hears_of_the_stays_of_its_hotel(hotels: Hotels) -> None:
    state = hotels.events.state
    async with hotels.listening(RIGHT) as socket:
        for hotel in ("montreal", "wien"):
            edits.add(state, "Reservations", {"Id": f"r-{hotel}", "ServiceId": f"s-{hotel}", "State": "Confirmed"})
        edits.edit(state, "Reservations", "r-wien", {"State": "Processed"})
        told = [json.loads(await socket.recv())["Events"] for _ in range(2)]
    assert [[(each["Type"], each["Id"], each["State"]) for each in events] for events in told] == [
        [("Reservation", "r-wien", "Confirmed")],
        [("Reservation", "r-wien", "Processed")],
    ]


async def test_the_webhook_tells_once_of_what_changed(hotels: Hotels) -> None:
    edits.add(hotels.events.state, "Customers", {"Id": "g1", "ChainId": "chain-1"})
    edits.edit(hotels.events.state, "Customers", "g1", {"FirstName": "Anna"})
    assert [(each["Discriminator"], each["Value"]["Id"]) for each in hotels.events.call()["Events"]] == [
        ("CustomerAdded", "g1"),
        ("CustomerUpdated", "g1"),
        ("CustomerUpdated", "g1"),
    ]
    assert hotels.events.call()["Events"] == []


async def test_a_webhook_that_nobody_answers_is_told(hotels: Hotels) -> None:
    async with httpx.AsyncClient(base_url=hotels.url) as person:
        answer = await person.post("/_sandbox/webhook", json={"url": "http://127.0.0.1:9/webhooks/mews/x"})
    assert answer.json() == {"events": 0, "status": 0}


async def test_a_person_says_and_breaks_what_is_heard(hotels: Hotels) -> None:
    async with httpx.AsyncClient(base_url=hotels.url) as person, hotels.listening(RIGHT) as socket:
        assert (await person.post("/_sandbox/websocket", json={"say": "hello"})).json() == {"ears": 1}
        assert await socket.recv() == "hello"
        assert (await person.post("/_sandbox/websocket", json={"cut": True})).json() == {"ears": 1}
        await socket.wait_closed()
