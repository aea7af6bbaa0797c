"""What each answer of Mews means, what is tried again, and what never leaves the client."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx

from connector.errors import Conflict, Lost, NotSent, Permanent, Retryable
from connector.mews.answers import TokenRefused, TooHeavy
from connector.mews.client import Mews

READ, WRITE = "loyaltyPrograms/getAll", "loyaltyMemberships/add"


def fault(status: int, message: str = "Mews's words", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"Message": message}, headers={"Request-Id": "req-1", **named})


class TestRequests:
    async def test_a_call_carries_the_tokens_and_nothing_is_added_to_its_body(
        self, mews: Mews, network: respx.MockRouter
    ) -> None:
        route = network.post(f"/{READ}").respond(json={"LoyaltyPrograms": []})
        assert await mews.read(READ, {"Limitation": {"Count": 5}}) == {"LoyaltyPrograms": []}
        request = route.calls.last.request
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == {
            "ClientToken": "secret-client",
            "AccessToken": "secret-access",
            "Client": "Mews Loyalty Connector 1.0.0",
            "Limitation": {"Count": 5},
        }

    async def test_numbers_with_a_fraction_keep_their_digits(self, mews: Mews, network: respx.MockRouter) -> None:
        network.post("/exchangeRates/getAll").respond(text='{"Value": 1.10, "Count": 3}')
        assert await mews.read("exchangeRates/getAll", {}) == {"Value": b"1.10", "Count": 3}

    async def test_an_empty_answer_204_is_an_empty_object(self, mews: Mews, network: respx.MockRouter) -> None:
        network.post("/loyaltyMemberships/delete").respond(204)
        assert await mews.write("loyaltyMemberships/delete", {}) == {}


class TestRefusals:
    @pytest.mark.parametrize("operation", [READ, WRITE])
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, Permanent),
            (401, TokenRefused),
            (403, Permanent),
            (404, Permanent),
            (408, TooHeavy),
            (409, Conflict),
            (422, Permanent),
            (302, Permanent),
        ],
    )
    async def test_what_will_not_work_as_it_is_is_not_tried_again(
        self, mews: Mews, network: respx.MockRouter, operation: str, status: int, kind: type[Exception]
    ) -> None:
        route = network.post(f"/{operation}").mock(return_value=fault(status))
        with pytest.raises(kind) as caught:
            await call(mews, operation)
        assert type(caught.value) is kind
        assert route.call_count == 1

    async def test_a_refusal_says_where_what_and_in_mewss_words_why(
        self, mews: Mews, network: respx.MockRouter
    ) -> None:
        network.post(f"/{WRITE}").mock(return_value=fault(403, "The tier belongs\nto another program."))
        with pytest.raises(Permanent) as caught:
            await mews.write(WRITE, {})
        assert caught.value.status == 403
        assert caught.value.detail == "The tier belongs to another program."
        assert str(caught.value) == (
            "Mews loyaltyMemberships/add for [mews.properties.wien]: HTTP 403, "
            "The tier belongs to another program. (Request-Id req-1)"
        )

    async def test_a_wrong_token_names_its_table_the_operation_and_what_to_do(
        self, mews: Mews, network: respx.MockRouter
    ) -> None:
        network.post(f"/{READ}").mock(return_value=fault(401, "Invalid AccessToken."))
        with pytest.raises(TokenRefused) as caught:
            await mews.read(READ, {})
        assert str(caught.value) == (
            "Mews loyaltyPrograms/getAll for [mews.properties.wien]: the tokens were not accepted (Invalid "
            "AccessToken.); check client_token and the access_token of [mews.properties.wien], and that the "
            "integration may use loyaltyPrograms/getAll (Request-Id req-1)"
        )
        assert caught.value.table == "wien"

    @pytest.mark.parametrize("body", ["<html>", "[]", '{"Message": 5}', "", '{"Other": "x"}'])
    async def test_a_refusal_without_words_is_told_by_its_status(
        self, mews: Mews, network: respx.MockRouter, body: str
    ) -> None:
        network.post(f"/{READ}").respond(400, text=body)
        with pytest.raises(Permanent, match="HTTP 400") as caught:
            await mews.read(READ, {})
        assert caught.value.detail == ""


class TestLimit:
    @pytest.mark.parametrize("operation", [READ, WRITE])
    async def test_over_the_limit_waits_as_long_as_asked_and_sends_again(
        self, mews: Mews, network: respx.MockRouter, clock: Any, limiter: Any, operation: str
    ) -> None:
        answers = [fault(429, Retry_After="7"), httpx.Response(200, json={"ok": True})]
        network.post(f"/{operation}").mock(side_effect=answers)
        assert await call(mews, operation) == {"ok": True}
        assert limiter.penalties == [7.0]
        assert clock.slept == [7.0]

    async def test_over_the_limit_without_a_time_backs_off_by_itself(
        self, mews: Mews, network: respx.MockRouter, limiter: Any
    ) -> None:
        network.post(f"/{READ}").mock(side_effect=[fault(429), httpx.Response(200, json={})])
        assert await mews.read(READ, {}) == {}
        assert len(limiter.penalties) == 1

    @pytest.mark.parametrize("operation", [READ, WRITE])
    async def test_a_limit_that_stays_used_up_is_retryable_and_had_no_effect(
        self, mews: Mews, network: respx.MockRouter, operation: str
    ) -> None:
        network.post(f"/{operation}").mock(return_value=fault(429, Retry_After="9"))
        with pytest.raises(Retryable) as caught:
            await call(mews, operation)
        assert type(caught.value) is Retryable
        assert caught.value.after == 9.0


class TestLostAnswers:
    GARBAGE = (
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(200, json=["a", "list"]),
        httpx.Response(200, text=""),
        httpx.Response(200, content=b'{"cut": "of'),
        httpx.Response(200, content=b"\xff\xfe\x00"),
        httpx.Response(500, text="oops"),
        httpx.Response(502),
        httpx.Response(503),
        httpx.Response(504),
    )

    @pytest.mark.parametrize("answer", GARBAGE)
    async def test_a_read_without_a_usable_answer_is_tried_again(
        self, mews: Mews, network: respx.MockRouter, answer: httpx.Response
    ) -> None:
        network.post(f"/{READ}").mock(side_effect=[answer, httpx.Response(200, json={"ok": True})])
        assert await mews.read(READ, {}) == {"ok": True}

    @pytest.mark.parametrize("answer", GARBAGE)
    async def test_a_read_that_stays_without_one_is_retryable(
        self, mews: Mews, network: respx.MockRouter, answer: httpx.Response
    ) -> None:
        route = network.post(f"/{READ}").mock(return_value=answer)
        with pytest.raises(Retryable):
            await mews.read(READ, {})
        assert route.call_count == 5

    @pytest.mark.parametrize("answer", [*GARBAGE, httpx.ReadTimeout("slow"), httpx.ReadError("cut")])
    async def test_a_write_without_a_usable_answer_is_lost_and_never_sent_twice(
        self, mews: Mews, network: respx.MockRouter, answer: Any
    ) -> None:
        route = network.post(f"/{WRITE}").mock(side_effect=[answer])
        with pytest.raises(Lost):
            await mews.write(WRITE, {})
        assert route.call_count == 1

    async def test_a_read_whose_answer_never_came_is_tried_again(self, mews: Mews, network: respx.MockRouter) -> None:
        answers = [httpx.ReadTimeout("slow"), httpx.Response(200, json={"ok": True})]
        network.post(f"/{READ}").mock(side_effect=answers)
        assert await mews.read(READ, {}) == {"ok": True}

    async def test_a_write_that_never_left_is_sent_again(self, mews: Mews, network: respx.MockRouter) -> None:
        answers = [httpx.ConnectError("refused"), httpx.Response(200, json={"ok": True})]
        network.post(f"/{WRITE}").mock(side_effect=answers)
        assert await mews.write(WRITE, {}) == {"ok": True}

    async def test_a_write_that_can_never_leave_is_not_sent(self, mews: Mews, network: respx.MockRouter) -> None:
        network.post(f"/{WRITE}").mock(side_effect=httpx.ConnectError("refused"))
        with pytest.raises(NotSent):
            await mews.write(WRITE, {})

    async def test_a_write_too_heavy_may_have_had_its_effect(self, mews: Mews, network: respx.MockRouter) -> None:
        network.post(f"/{WRITE}").mock(return_value=fault(408))
        with pytest.raises(Lost):
            await mews.write(WRITE, {})


class TestSecrets:
    async def test_no_token_is_in_the_representation_or_in_a_log(
        self, mews: Mews, network: respx.MockRouter, caplog: pytest.LogCaptureFixture
    ) -> None:
        network.post(f"/{READ}").respond(json={})
        with caplog.at_level(logging.DEBUG):
            await mews.read(READ, {})
        assert repr(mews) == "Mews(table='wien')"
        assert "secret-" not in caplog.text

    @pytest.mark.parametrize("status", [400, 401, 408, 409, 429, 500])
    async def test_a_token_that_mews_repeats_is_not_repeated_by_us(
        self, mews: Mews, network: respx.MockRouter, status: int
    ) -> None:
        words = "AccessToken secret-access of secret-client is wrong"
        network.post(f"/{WRITE}").mock(return_value=fault(status, words))
        with pytest.raises(Exception, match=r"\*\*\*") as caught:
            await mews.write(WRITE, {})
        assert "secret-" not in str(caught.value)
        assert "secret-" not in getattr(caught.value, "detail", "")

    async def test_what_mews_repeats_of_a_guest_is_not_repeated_by_us(
        self, mews: Mews, network: respx.MockRouter
    ) -> None:
        guest = "anna@example.com"
        words = f"Number 992001234567894 of {guest} is taken in 3fa85f64-5717-4562-b3fc-2c963f66afa6"
        network.post(f"/{WRITE}").mock(return_value=fault(400, words))
        with pytest.raises(Permanent) as caught:
            await mews.write(WRITE, {})
        for text in (str(caught.value), caught.value.detail):
            assert "3fa85f64-5717-4562-b3fc-2c963f66afa6" in text
            assert "99200123" not in text
            assert "anna" not in text


class TestClock:
    async def test_mewss_clock_is_learnt_from_every_answer(
        self, mews: Mews, network: respx.MockRouter, clock: Any
    ) -> None:
        assert (mews.server_time, mews.skew) == (None, timedelta(0))
        dates = ["Sat, 31 Jan 2026 10:00:42 GMT", "Sat, 31 Jan 2026 09:59:30 GMT"]
        answers = [httpx.Response(200, json={}, headers={"Date": date}) for date in dates]
        network.post(f"/{READ}").mock(side_effect=answers)
        await mews.read(READ, {})
        assert mews.server_time == datetime(2026, 1, 31, 10, 0, 42, tzinfo=UTC)
        assert mews.now() == clock.moment + timedelta(seconds=42)
        await mews.read(READ, {})
        assert mews.skew == timedelta(seconds=-30)

    @pytest.mark.parametrize("headers", [{}, {"Date": "soon"}])
    async def test_an_answer_without_a_date_leaves_the_clock_alone(
        self, mews: Mews, network: respx.MockRouter, clock: Any, headers: dict[str, str]
    ) -> None:
        network.post(f"/{READ}").respond(json={}, headers=headers)
        await mews.read(READ, {})
        assert mews.now() == clock.moment

    async def test_a_refusal_tells_the_time_too(self, mews: Mews, network: respx.MockRouter) -> None:
        network.post(f"/{READ}").mock(return_value=fault(400, Date="Sat, 31 Jan 2026 10:00:05 GMT"))
        with pytest.raises(Permanent):
            await mews.read(READ, {})
        assert mews.skew == timedelta(seconds=5)


async def call(mews: Mews, operation: str) -> dict[str, Any]:
    calls: dict[str, Callable[..., Any]] = {READ: mews.read, WRITE: mews.write}
    result: dict[str, Any] = await calls[operation](operation, {})
    return result
