"""What each answer of the Earn service means: nothing is sent twice, so whatever is open goes to a person."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx

from connector.domain.awards import Credit
from connector.errors import Lost, NotSent, Skippable, Unauthorized
from connector.http.client import Client
from connector.partners.lufthansa import EarnService, Terms
from connector.ports import Outcome, Receipt, Verdict

Deliver = Callable[..., Awaitable[Receipt]]
BOOKED = {"transactionId": "T-1"}


class Watch:
    def now(self) -> datetime:
        return datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def channel(client: Client) -> EarnService:
    return EarnService(client, name="mm", terms=Terms("earn"), clock=Watch())


@pytest.fixture
def deliver(client: Client, credit: Credit, respx_mock: respx.MockRouter) -> Deliver:
    async def delivered(
        status: int = 200,
        content: Any = b"",
        *,
        again: bool = False,
        fails: Exception | None = None,
        terms: Mapping[str, Any] = {},
        **headers: str,
    ) -> Receipt:
        channel = EarnService(client, name="mm", terms=Terms("earn", **terms), clock=Watch())
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        route = respx_mock.post("https://partner.test/earn")
        route.mock(side_effect=fails) if fails else route.respond(status, content=raw, headers=named)
        return await channel.deliver(channel.compose(credit), again=again)

    return delivered


class TestSuccess:
    @pytest.mark.parametrize(
        ("status", "outcome"), [(200, Outcome.CREDITED), (201, Outcome.CREDITED), (202, Outcome.ACCEPTED)]
    )
    async def test_is_decided_by_the_status(self, deliver: Deliver, status: int, outcome: Outcome) -> None:
        assert await deliver(status, BOOKED) == Receipt(outcome, f"HTTP {status}", "T-1")

    @pytest.mark.parametrize(
        ("content", "reference"),
        [
            ({"TransactionID": 4711}, "4711"),
            ({"result": [{"transactionId": "T-2"}]}, "T-2"),
            ({"transactionId": ""}, ""),
            ({"transactionId": True}, ""),
            ({"transactionId": None, "more": {"transactionId": "T-3"}}, "T-3"),
            ({"id": "T-4"}, ""),
            ({"transactionId": "x" * 999}, "x" * 100),
            ([], ""),
            (b"", ""),
        ],
    )
    async def test_keeps_the_transaction_wherever_the_answer_has_it(
        self, deliver: Deliver, content: Any, reference: str
    ) -> None:
        assert await deliver(200, content) == Receipt(Outcome.CREDITED, "HTTP 200", reference)

    @pytest.mark.parametrize(
        "content",
        [
            {"ProcessingErrors": {"ProcessingError": {"Code": "500", "Description": "Temporarily unavailable"}}},
            {"errors": ["card number blocked"]},
            {"Error": "card number blocked", "transactionId": "T-9"},
            {"success": False},
            {"success": "false"},
            {"transactionId": "T-9", "status": "ERROR"},
            {"status": "failed"},
            {"earnResponse": {"ProcessingErrors": {"ProcessingError": {"Code": "500"}}}},
            {"transactionId": "T-9", "results": [{"success": False}]},
            [{"errors": ["card number blocked"]}],
            False,
        ],
    )
    @pytest.mark.parametrize("status", [200, 201, 202])
    async def test_is_none_where_the_answer_tells_of_an_error(
        self, deliver: Deliver, status: int, content: object
    ) -> None:
        receipt = await deliver(status, content)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason.startswith(f"HTTP {status}, but it tells of no success: ")
        assert receipt.reason.endswith("; ask the partner what became of it")

    @pytest.mark.parametrize(
        "content",
        [
            {"errors": [], "success": True, "status": "OK"},
            {"ProcessingErrors": None},
            {"earnResponse": {"errors": [], "test": False}},
        ],
    )
    async def test_is_left_where_it_tells_that_there_was_none(self, deliver: Deliver, content: object) -> None:
        assert (await deliver(200, content)).outcome is Outcome.CREDITED

    async def test_keeps_the_transaction_for_whoever_settles_it(self, deliver: Deliver) -> None:
        assert (await deliver(200, {"transactionId": "T-9", "status": "error"})).reference == "T-9"

    @pytest.mark.parametrize(
        ("content", "outcome"),
        [
            ({"receipt": "R-1"}, Outcome.CREDITED),
            ({"transactionId": "T-1"}, Outcome.UNRESOLVABLE),
            ({"receipt": ""}, Outcome.UNRESOLVABLE),
            (b"", Outcome.UNRESOLVABLE),
            ({"receipt": "R-1", "errors": ["late"]}, Outcome.UNRESOLVABLE),
        ],
    )
    async def test_has_a_transaction_where_the_partner_told_how_it_is_called(
        self, deliver: Deliver, content: Any, outcome: Outcome
    ) -> None:
        assert (await deliver(200, content, terms={"transaction_field": "receipt"})).outcome is outcome

    @pytest.mark.parametrize(
        ("content", "outcome"),
        [
            ({"result": {"State": "ok"}}, Outcome.CREDITED),
            ({"state": True, "errors": ["a warning"]}, Outcome.CREDITED),
            ({"state": "NO"}, Outcome.UNRESOLVABLE),
            ({"state": False}, Outcome.UNRESOLVABLE),
            (BOOKED, Outcome.UNRESOLVABLE),
            (b"", Outcome.UNRESOLVABLE),
        ],
    )
    async def test_is_what_the_partner_told_that_one_looks_like(
        self, deliver: Deliver, content: Any, outcome: Outcome
    ) -> None:
        terms = {"success_field": "state", "success_values": ("OK", "true")}
        assert (await deliver(200, content, terms=terms)).outcome is outcome

    async def test_of_what_is_no_answer_is_none(self, deliver: Deliver) -> None:
        receipt = await deliver(200, b"welcome")
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason == "HTTP 200 without JSON; ask the partner what became of it"


class TestRefusal:
    async def test_is_told_in_the_partner_s_words_without_the_card(self, deliver: Deliver) -> None:
        receipt = await deliver(400, {"message": "card 992003669288601 is closed"})
        assert receipt.outcome is Outcome.REFUSED
        assert receipt.reason == 'HTTP 400: {"message": "card …8601 is closed"}'

    async def test_of_a_later_send_says_nothing_of_the_first(self, deliver: Deliver) -> None:
        assert (await deliver(400, again=True)).outcome is Outcome.UNRESOLVABLE


class TestDoubt:
    @pytest.mark.parametrize("status", [301, 404, 405, 408, 500, 502, 503, 504])
    async def test_is_what_every_request_would_get_so_that_the_channel_rests(
        self, deliver: Deliver, status: int
    ) -> None:
        receipt = await deliver(status, b"<html>", retry_after="17")
        assert receipt == Receipt(Outcome.DOUBT, f"HTTP {status}", after=17.0)

    @pytest.mark.parametrize("status", [200, 201, 202, 400, 401, 403, 409, 422])
    @pytest.mark.parametrize("again", [False, True])
    async def test_is_a_web_page_which_is_nobody_s_answer(self, deliver: Deliver, status: int, again: bool) -> None:
        page = b"<html>\r\n<head><title>400 No required SSL certificate was sent</title></head></html>"
        receipt = await deliver(status, page, again=again)
        assert receipt.outcome is Outcome.DOUBT
        assert receipt.reason.startswith(f"HTTP {status} with a web page")

    @pytest.mark.parametrize("status", [204, 402, 409, 410, 422])
    async def test_about_one_request_is_left_to_a_person(self, deliver: Deliver, status: int) -> None:
        assert (await deliver(status)).outcome is Outcome.UNRESOLVABLE

    @pytest.mark.parametrize("failure", [httpx.ReadError(""), httpx.ReadTimeout(""), httpx.WriteError("")])
    async def test_is_a_lost_answer(self, deliver: Deliver, failure: Exception) -> None:
        assert (await deliver(fails=failure)).outcome is Outcome.DOUBT

    async def test_is_none_where_too_many_requests_came_or_no_connection_was_made(self, deliver: Deliver) -> None:
        assert await deliver(429, retry_after="9") == Receipt(Outcome.RETRY, "HTTP 429", after=9.0, rest=9.0)
        with pytest.raises(NotSent):
            await deliver(fails=httpx.ConnectError(""))


class TestCredentials:
    @pytest.mark.parametrize("status", [401, 403])
    async def test_that_are_not_taken_stop_the_channel(self, deliver: Deliver, status: int) -> None:
        with pytest.raises(Unauthorized, match=rf"mm: .*HTTP {status}.*check client_id"):
            await deliver(status)

    @pytest.mark.parametrize(("status", "verdict"), [(405, Verdict.OK), (404, Verdict.OK), (403, Verdict.NOTE)])
    async def test_are_examined_by_a_request_that_moves_no_miles(
        self, channel: EarnService, respx_mock: respx.MockRouter, status: int, verdict: Verdict
    ) -> None:
        respx_mock.get("https://partner.test/earn").respond(status)
        (symptom,) = await channel.examine()
        assert symptom.verdict is verdict
        assert f"HTTP {status}" in symptom.text


async def test_a_service_that_is_down_is_a_fault_of_theirs(channel: EarnService, respx_mock: respx.MockRouter) -> None:
    respx_mock.get("https://partner.test/earn").respond(503)
    with pytest.raises(Lost, match=r"mm: .* HTTP 503"):
        await channel.examine()


def test_what_is_too_old_by_the_time_it_is_written_is_left_to_a_person(client: Client, credit: Credit) -> None:
    class Late:
        def now(self) -> datetime:
            return datetime(2028, 1, 2, tzinfo=UTC)

    with pytest.raises(Skippable, match="mm: the stay ended on 2026-11-01, more than 14 months ago"):
        EarnService(client, name="mm", terms=Terms("earn"), clock=Late()).compose(credit)
