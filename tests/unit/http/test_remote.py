"""What came of each request, as metrics count it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
import respx

from connector.errors import Lost, NotSent
from connector.http.client import Client
from connector.http.limiter import Unlimited
from connector.http.remote import Remote
from connector.http.retry import READ, send
from connector.telemetry import metrics
from tests.unit.http.memory import HandClock

ADDRESS = "https://partner.test"


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    metrics.forget()
    yield
    metrics.forget()


def counted(metric: metrics.Metric) -> dict[str, float]:
    """Return the values of a metric whose labels begin with ours, by the label after those."""
    own = ("airmiles", "", "air_miles")
    return {
        "".join(labels[3:]): value for labels, value in metrics._counts.get(metric, {}).items() if labels[:3] == own
    }


async def answers(respx_mock: respx.MockRouter, *outcomes: httpx.Response | Exception) -> Client:
    respx_mock.post(f"{ADDRESS}/issue").mock(side_effect=list(outcomes))
    client = Client(ADDRESS, name="Partner", remote=Remote("airmiles", partner="air_miles"))
    for _ in outcomes:
        try:
            await client.send("POST", "issue", operation="issue")
        except (Lost, NotSent):
            continue
    await client.aclose()
    return client


async def test_answers_are_counted_by_the_class_of_their_status(respx_mock: respx.MockRouter) -> None:
    await answers(respx_mock, *map(httpx.Response, (200, 201, 302, 404, 429, 503)))
    assert counted(metrics.ANSWERS) == {"2xx": 2, "3xx": 1, "4xx": 2, "5xx": 1}
    assert counted(metrics.TOO_MANY) == {"": 1}


async def test_what_brought_no_answer_is_counted_by_whether_it_left(respx_mock: respx.MockRouter) -> None:
    await answers(respx_mock, httpx.ReadTimeout("silent"), httpx.ConnectError("nobody"))
    assert sum(counted(metrics.ANSWERS).values()) == 2
    assert counted(metrics.ANSWERS).keys() <= {"lost", "not_sent"}


async def test_further_attempts_are_counted_and_the_first_is_not(respx_mock: respx.MockRouter) -> None:
    remote = Remote("mews", property="wien")
    client = Client(ADDRESS, name="Mews", remote=remote)
    respx_mock.post(f"{ADDRESS}/get").mock(side_effect=list(map(httpx.Response, (500, 500, 200))))

    async def attempt() -> object:
        return await client.send("POST", "get", operation="get")

    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    await send(attempt, READ, limiter=Unlimited(), clock=HandClock(), sleep=at_once, again=remote.retried)  # type: ignore[arg-type]
    await client.aclose()
    assert metrics._counts[metrics.RETRIES] == {("mews", "wien", ""): 2}
    assert metrics._counts[metrics.ANSWERS] == {("mews", "wien", "", "5xx"): 2, ("mews", "wien", "", "2xx"): 1}
