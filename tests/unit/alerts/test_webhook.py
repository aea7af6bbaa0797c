from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import respx
from httpx import Response

from connector.alerts import Ping, Webhook
from connector.errors import Lost, NotSent, Permanent
from connector.http.client import Client
from connector.ports.notices import Notice

URL = "https://hooks.test/a-secret-path"
NOTICE = Notice(
    "incident.opened",
    "The disk is nearly full",
    "Make room.",
    datetime(2026, 11, 28, tzinfo=UTC),
    {"kind": "disk_full"},
)


@pytest.fixture
def hook(respx_mock: respx.MockRouter) -> respx.Route:
    """The address that takes notices."""
    return respx_mock.post(URL)


async def tell(token: str | None = None) -> None:
    """Post the notice."""
    client = Client(URL, name="Webhook")
    await Webhook(client, "Alpenglow Hotels", token).tell(NOTICE)
    await client.aclose()


async def test_a_notice_is_posted_with_what_chats_and_machines_read(hook: respx.Route) -> None:
    hook.mock(Response(204))

    await tell("a token")

    request = hook.calls.last.request
    assert request.headers["authorization"] == "Bearer a token"
    assert json.loads(request.content) == {
        "event": "incident.opened",
        "chain": "Alpenglow Hotels",
        "title": "The disk is nearly full",
        "text": "[Alpenglow Hotels] The disk is nearly full\nMake room.",
        "at": "2026-11-28T00:00:00+00:00",
        "kind": "disk_full",
    }


async def test_without_a_token_none_is_sent(hook: respx.Route) -> None:
    hook.mock(Response(200))

    await tell()

    assert "authorization" not in hook.calls.last.request.headers


@pytest.mark.parametrize(("status", "error"), [(429, Lost), (500, Lost), (404, Permanent), (302, Permanent)])
async def test_an_answer_that_is_not_2xx_is_told_without_the_address(
    status: int, error: type[Exception], hook: respx.Route
) -> None:
    hook.mock(Response(status))

    with pytest.raises(error, match=f"answered {status}") as caught:
        await tell()
    assert "hooks.test" not in str(caught.value)


async def test_the_ping_asks_for_its_address(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(URL).mock(Response(200))
    client = Client(URL, name="Ping")

    await Ping(client).ping()
    await client.aclose()

    assert route.call_count == 1


async def test_a_ping_that_is_not_taken_is_told(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(URL).mock(Response(410))
    client = Client(URL, name="Ping")

    with pytest.raises(Lost, match="the ping was answered 410"):
        await Ping(client).ping()
    await client.aclose()


async def test_nobody_there_is_an_error_without_the_path() -> None:
    client = Client("http://127.0.0.1:9/a-secret-path", name="Webhook")

    with pytest.raises(NotSent) as caught:
        await Webhook(client, "Alpenglow Hotels").tell(NOTICE)
    await client.aclose()
    assert "secret" not in str(caught.value)
