from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from connector.errors import Lost, NotSent, Unauthorized
from connector.http.auth import BasicAuth, ClientCredentials, HeaderAuth
from connector.http.client import Client
from connector.telemetry import redact as redaction
from connector.telemetry.redact import redact
from tests.unit.http.memory import HandClock

TOKEN_URL = "https://oauth.partner.test/oauth/token"
API = "https://api.partner.test/post"
SECRET = "very-secret-value-1"


@pytest.fixture(autouse=True)
def no_secret_outlives_its_test() -> Iterator[None]:
    before = set(redaction._secrets)
    yield
    for secret in set(redaction._secrets) - before:
        redaction.forget(secret)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def credentials(clock: HandClock) -> ClientCredentials:
    return ClientCredentials(TOKEN_URL, "the-id", SECRET, audience="https://api", clock=clock)


@pytest.fixture
async def client(credentials: ClientCredentials) -> AsyncIterator[Client]:
    client = Client("https://api.partner.test", name="Partner", auth=credentials)
    yield client
    await client.aclose()


@pytest.fixture
def tokens(respx_mock: respx.MockRouter) -> respx.Route:
    numbers = iter(range(1, 100))

    async def grant(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # lets the others run, as a real exchange would
        return httpx.Response(200, json={"access_token": f"token-number-{next(numbers)}", "expires_in": 3600})

    return respx_mock.post(TOKEN_URL).mock(side_effect=grant)


@pytest.fixture
def api(respx_mock: respx.MockRouter) -> respx.Route:
    return respx_mock.post(API).respond(200)


async def post(client: Client) -> int:
    return (await client.send("POST", "post", content=b"{}", operation="post")).status


def bearers(api: respx.Route) -> list[str]:
    return [call.request.headers["authorization"] for call in api.calls]


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (HeaderAuth("X-API-Key", SECRET), "x-api-key", SECRET),
        (HeaderAuth.bearer(SECRET), "authorization", f"Bearer {SECRET}"),
    ],
)
async def test_a_secret_goes_out_in_its_header_and_nowhere_else(
    respx_mock: respx.MockRouter, auth: HeaderAuth, header: str, value: str
) -> None:
    route = respx_mock.post(API).respond(200)
    client = Client("https://api.partner.test", name="Partner", auth=auth)
    await post(client)
    await client.aclose()
    sent = route.calls.last.request.headers
    assert {name: held for name, held in sent.items() if SECRET in held} == {header: value}
    assert SECRET not in repr(auth)


def test_the_logs_leave_a_bearer_token_out() -> None:
    HeaderAuth.bearer(SECRET)
    assert SECRET not in str(redact({"event": f"said {SECRET}"}))


async def test_basic_credentials_go_out_as_utf_8(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(API).respond(200)
    client = Client("https://api.partner.test", name="Partner", auth=BasicAuth("app", "pässword"))
    await post(client)
    await client.aclose()
    assert route.calls.last.request.headers["authorization"] == "Basic YXBwOnDDpHNzd29yZA=="


async def test_a_password_is_kept_out_of_the_logs() -> None:
    auth = BasicAuth("app", "open sesame 7")
    assert "sesame" not in str(redact(f"it was open sesame 7 {auth!r}"))


async def test_one_token_serves_all_requests(client: Client, tokens: respx.Route, api: respx.Route) -> None:
    await asyncio.gather(*(post(client) for _ in range(5)))
    assert tokens.call_count == 1
    assert bearers(api) == ["Bearer token-number-1"] * 5


async def test_the_token_request_is_a_client_credentials_grant(
    client: Client, tokens: respx.Route, api: respx.Route
) -> None:
    await post(client)
    assert parse_qs(tokens.calls.last.request.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["the-id"],
        "client_secret": [SECRET],
        "audience": ["https://api"],
    }


async def test_the_token_request_can_be_json(clock: HandClock, tokens: respx.Route, api: respx.Route) -> None:
    auth = ClientCredentials(TOKEN_URL, "the-id", SECRET, scope="earn", encoding="json", clock=clock)
    client = Client("https://api.partner.test", name="Partner", auth=auth)
    await post(client)
    await client.aclose()
    assert json.loads(tokens.calls.last.request.content)["scope"] == "earn"


@pytest.mark.parametrize(
    ("expires_in", "good", "stale"),
    [
        (3600, 3539, 3540),
        ("7200", 7139, 7140),
        (100, 49, 50),
        (None, 239, 240),
        (-1, 239, 240),
        ("x", 239, 240),
        ("9" * 5000, 239, 240),
    ],
)
async def test_a_token_is_renewed_early(
    client: Client,
    clock: HandClock,
    respx_mock: respx.MockRouter,
    api: respx.Route,
    expires_in: object,
    good: int,
    stale: int,
) -> None:
    grant = {"access_token": "some-token"} | ({} if expires_in is None else {"expires_in": expires_in})
    tokens = respx_mock.post(TOKEN_URL).respond(200, json=grant)
    await post(client)
    clock.advance(good)
    await post(client)
    assert tokens.call_count == 1
    clock.advance(stale - good)
    await asyncio.gather(*(post(client) for _ in range(3)))
    assert tokens.call_count == 2


async def test_a_401_renews_the_token_once_and_repeats_the_request(
    client: Client, tokens: respx.Route, respx_mock: respx.MockRouter
) -> None:
    api = respx_mock.post(API).mock(side_effect=[httpx.Response(401), httpx.Response(200)])
    assert await post(client) == 200
    assert bearers(api) == ["Bearer token-number-1", "Bearer token-number-2"]
    assert api.calls[0].request.content == api.calls[1].request.content == b"{}"


async def test_a_second_401_is_the_answer(client: Client, tokens: respx.Route, respx_mock: respx.MockRouter) -> None:
    api = respx_mock.post(API).respond(401)
    assert await post(client) == 401
    assert (api.call_count, tokens.call_count) == (2, 2)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_another_status_is_not_about_the_token(
    client: Client, tokens: respx.Route, respx_mock: respx.MockRouter, status: int
) -> None:
    api = respx_mock.post(API).respond(status)
    assert await post(client) == status
    assert (api.call_count, tokens.call_count) == (1, 1)


@pytest.mark.parametrize(("answers", "status"), [([403, 200], 200), ([401, 403], 403), ([403, 403], 403)])
async def test_a_server_may_say_otherwise_that_a_token_is_over(
    clock: HandClock, tokens: respx.Route, respx_mock: respx.MockRouter, answers: list[int], status: int
) -> None:
    auth = ClientCredentials(TOKEN_URL, "the-id", SECRET, stale=frozenset({401, 403}), clock=clock)
    client = Client("https://api.partner.test", name="Partner", auth=auth)
    api = respx_mock.post(API).mock(side_effect=[httpx.Response(each) for each in answers])
    assert await post(client) == status
    await client.aclose()
    assert bearers(api) == ["Bearer token-number-1", "Bearer token-number-2"]


async def test_many_401s_at_once_renew_the_token_once(
    client: Client, tokens: respx.Route, respx_mock: respx.MockRouter
) -> None:
    everybody = asyncio.Barrier(6)

    async def accept_second(request: httpx.Request) -> httpx.Response:
        await everybody.wait()
        return httpx.Response(401 if request.headers["authorization"].endswith("-1") else 200)

    respx_mock.post(API).mock(side_effect=accept_second)
    assert await asyncio.gather(*(post(client) for _ in range(6))) == [200] * 6
    assert tokens.call_count == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_refused_credentials_say_where_and_why_but_never_the_secret(
    client: Client, respx_mock: respx.MockRouter, status: int
) -> None:
    body = {"error": "access_denied", "error_description": SECRET}
    respx_mock.post(TOKEN_URL).respond(status, json=body)
    with pytest.raises(Unauthorized) as raised:
        await post(client)
    assert str(raised.value) == (
        f"The token endpoint oauth.partner.test answered {status} (access_denied): "
        "check its address, the id and the secret."
    )
    assert raised.value.status == status


async def test_an_error_code_of_another_shape_is_not_repeated(client: Client, respx_mock: respx.MockRouter) -> None:
    respx_mock.post(TOKEN_URL).respond(401, json={"error": SECRET})
    with pytest.raises(Unauthorized) as raised:
        await post(client)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_token_endpoint_in_trouble_means_not_sent(
    client: Client, respx_mock: respx.MockRouter, status: int
) -> None:
    respx_mock.post(TOKEN_URL).respond(status, headers={"Retry-After": "12"})
    with pytest.raises(NotSent) as raised:
        await post(client)
    assert raised.value.after == 12


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}", b'{"access_token": ""}', b'{"access_token": 5}'])
async def test_an_answer_without_a_token_means_not_sent(
    client: Client, respx_mock: respx.MockRouter, content: bytes
) -> None:
    respx_mock.post(TOKEN_URL).respond(200, content=content)
    with pytest.raises(NotSent, match="without an access token"):
        await post(client)


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectError, httpx.ReadError])
async def test_a_lost_token_answer_means_that_the_request_was_not_sent(
    client: Client, respx_mock: respx.MockRouter, error: type[Exception]
) -> None:
    respx_mock.post(TOKEN_URL).mock(side_effect=error)
    with pytest.raises(NotSent):
        await post(client)


async def test_a_lost_answer_after_a_good_token_stays_lost(
    client: Client, tokens: respx.Route, respx_mock: respx.MockRouter
) -> None:
    respx_mock.post(API).mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(Lost):
        await post(client)


async def test_after_a_failed_fetch_the_next_request_fetches_again(
    client: Client, respx_mock: respx.MockRouter, api: respx.Route
) -> None:
    good = httpx.Response(200, json={"access_token": "some-token"})
    respx_mock.post(TOKEN_URL).mock(side_effect=[httpx.ReadTimeout, httpx.Response(500), good])
    for _ in range(2):
        with pytest.raises(NotSent):
            await post(client)
    assert await post(client) == 200


async def test_neither_secret_nor_token_is_represented_or_logged(
    client: Client, credentials: ClientCredentials, tokens: respx.Route, api: respx.Route
) -> None:
    await post(client)
    assert repr(credentials) == "ClientCredentials('oauth.partner.test')"
    assert redact([SECRET, "token-number-1"]) == ["[redacted]", "[redacted]"]
