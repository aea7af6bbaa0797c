"""What qiibee is asked, and what the statuses of its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import respx

from connector.errors import ConnectorError, Permanent, Unauthorized, Unfinished
from connector.http.auth import HeaderAuth
from connector.http.client import Client
from connector.schemes.qiibee_api import QiibeeApi
from connector.telemetry import redact
from tests.unit.http.memory import HandClock

BASE = "https://qiibee.test/api/admin"
USERS = f"{BASE}/users/?limit=100&offset=198"
KEY = "geheim-qiibee"
BODY = {"message": "anna@guests.example is not welcome"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def api(clock: HandClock) -> AsyncIterator[QiibeeApi]:
    client = Client(BASE, name="qiibee", auth=HeaderAuth("X-API-KEY", KEY))
    yield QiibeeApi(client, clock, sleep=clock.sleep)
    await client.aclose()
    redact.forget(KEY)


async def refusal(api: QiibeeApi) -> ConnectorError:
    """What is raised; it is one sentence that holds nothing of the answer."""
    with pytest.raises(ConnectorError) as caught:
        await api.users(198)
    said = str(caught.value)
    assert not [word for word in ("anna@", "welcome", "html", KEY) if word in said]
    assert said.startswith("scheme")
    assert "; expected " in said
    assert "\n" not in said
    return caught.value


async def test_a_page_of_users_is_asked_for_as_documented(api: QiibeeApi, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(USERS).respond(json={"users": []})
    assert await api.users(198) == {"users": []}
    request = route.calls.last.request
    assert (request.headers["X-API-KEY"], request.headers["Accept"]) == (KEY, "application/json")
    assert request.content == b""
    assert KEY not in redact.scrub(f"it says {KEY}")


@pytest.mark.parametrize(
    ("auth_id", "path"), [("0b0d8c8e-3d6c", "0b0d8c8e-3d6c"), ("a/b c?d#é", "a%2Fb%20c%3Fd%23%C3%A9")]
)
async def test_the_memberships_of_a_user_are_asked_for_by_auth_id(
    api: QiibeeApi, respx_mock: respx.MockRouter, auth_id: str, path: str
) -> None:
    route = respx_mock.get(url__regex=f"{BASE}/users/.*/memberships").respond(json=[])
    assert await api.memberships(auth_id) == []
    assert route.calls.last.request.url.raw_path.decode() == f"/api/admin/users/{path}/memberships"


@pytest.mark.parametrize("body", [{}, [], BODY])
async def test_404_that_qiibee_gives_is_nothing(api: QiibeeApi, respx_mock: respx.MockRouter, body: object) -> None:
    respx_mock.get(USERS).respond(404, json=body)
    assert await api.users(198) is None


async def test_404_that_qiibee_does_not_give_is_a_wrong_address(api: QiibeeApi, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(USERS).respond(404, html="<html>not here</html>")
    assert str(await refusal(api)) == (
        "scheme.endpoint: qiibee (users) answered 404; expected 200, as of qiibee's Loyalty API."
    )


@pytest.mark.parametrize("message", ["Missing x-api-key header", "Invalid API Key"])
async def test_a_key_that_is_not_taken_is_asked_for_in_one_sentence(
    api: QiibeeApi, respx_mock: respx.MockRouter, message: str
) -> None:
    route = respx_mock.get(USERS).respond(401, json={"message": message})
    refused = await refusal(api)
    assert isinstance(refused, Unauthorized)
    assert str(refused) == (
        "scheme: qiibee (users) answered 401; expected scheme.api_key to be a key of the dashboard to which "
        "scheme.endpoint belongs."
    )
    assert redact.scrub(str(refused)) == str(refused)
    assert route.call_count == 1


@pytest.mark.parametrize("status", [302, 400, 405, 409, 422])
async def test_another_refusal_stays_one(api: QiibeeApi, respx_mock: respx.MockRouter, status: int) -> None:
    route = respx_mock.get(USERS).respond(status, json=BODY)
    refused = await refusal(api)
    assert isinstance(refused, Permanent)
    assert (refused.status, route.call_count) == (status, 1)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (httpx.Response(429, headers={"Retry-After": "7"}, json=BODY), "qiibee (users) answered 429"),
        (httpx.Response(500, json=BODY), "qiibee (users) answered 500"),
        (httpx.Response(503, html="<html>"), "qiibee (users) answered 503"),
        (httpx.Response(200, html="<html>"), "qiibee (users) answered 200 with something that is not JSON"),
        (httpx.ReadError("anna@"), "qiibee (users): the request was sent but no whole answer came"),
        (httpx.ConnectError("no route"), "qiibee (users): the request was not sent, no connection was made"),
    ],
    ids=["429", "500", "503", "garbage", "dropped", "unreached"],
)
class TestWhatMayPass:
    async def test_is_tried_again(
        self, api: QiibeeApi, respx_mock: respx.MockRouter, broken: httpx.Response | Exception, what: str
    ) -> None:
        respx_mock.get(USERS).mock(side_effect=[broken, broken, httpx.Response(200, json=[])])
        assert await api.users(198) == []

    async def test_ends_the_reading_when_it_does_not_pass(
        self, api: QiibeeApi, respx_mock: respx.MockRouter, broken: httpx.Response | Exception, what: str
    ) -> None:
        route = respx_mock.get(USERS).mock(side_effect=[broken] * 5)
        refused = await refusal(api)
        assert isinstance(refused, Unfinished)
        assert str(refused).startswith(f"scheme: {what}")
        assert route.call_count == 5


async def test_the_wait_that_qiibee_asks_for_is_kept(
    api: QiibeeApi, clock: HandClock, respx_mock: respx.MockRouter
) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"})
    respx_mock.get(USERS).mock(side_effect=[busy, httpx.Response(200, json=[])])
    await api.users(198)
    assert clock.slept == [7.0]


async def test_a_status_that_no_retry_is_for_ends_the_reading(api: QiibeeApi, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(USERS).respond(501)
    assert isinstance(await refusal(api), Unfinished)
    assert route.call_count == 1
