"""What each answer of AIR MILES means."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx

from connector.domain.awards import Credit
from connector.errors import Lost, NotSent, Retryable, Unauthorized
from connector.http.client import Client
from connector.partners.airmiles import AirMiles, Terms
from connector.ports import Outcome, Receipt, Verdict

NOW = datetime(2026, 11, 2, tzinfo=UTC)
APPROVED = {"responseCode": "0000", "message": "approved"}
Deliver = Callable[..., Awaitable[Receipt]]


@pytest.fixture
def channel(client: Client) -> AirMiles:
    return AirMiles(client, name="am", terms=Terms("STANDARD", {"montreal": "0037"}))


@pytest.fixture
def deliver(channel: AirMiles, credit: Credit, respx_mock: respx.MockRouter) -> Deliver:
    async def delivered(
        status: int = 200,
        content: Any = b"",
        *,
        again: bool = False,
        fails: Exception | None = None,
        **headers: str,
    ) -> Receipt:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        route = respx_mock.post("https://partner.test/checkout/issuance/post")
        route.mock(side_effect=fails) if fails else route.respond(status, content=raw, headers=named)
        return await channel.deliver(channel.compose(credit), again=again)

    return delivered


class TestSuccess:
    @pytest.mark.parametrize(("status", "outcome"), [(200, Outcome.CREDITED), (202, Outcome.ACCEPTED)])
    @pytest.mark.parametrize("again", [False, True])
    async def test_is_decided_by_the_status(self, deliver: Deliver, status: int, outcome: Outcome, again: bool) -> None:
        receipt = await deliver(status, APPROVED, again=again)
        assert receipt == Receipt(outcome, f"HTTP {status}, responseCode 0000")

    @pytest.mark.parametrize("content", [b"", b"done", b"[]", b"null", b"{}", b'{"responseCode": null}'])
    async def test_needs_no_body_because_none_is_published(self, deliver: Deliver, content: bytes) -> None:
        assert await deliver(200, content) == Receipt(Outcome.CREDITED, "HTTP 200")


class TestAPage:
    @pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404, 405, 409, 422])
    @pytest.mark.parametrize("page", [b"<html><body>Sign in", b"\xef\xbb\xbf\r\n <!DOCTYPE html>\n<html>"])
    @pytest.mark.parametrize("again", [False, True])
    async def test_is_a_doubt_for_somebody_on_the_way_answered(
        self, deliver: Deliver, status: int, page: bytes, again: bool
    ) -> None:
        receipt = await deliver(status, page, again=again)
        text = f"HTTP {status} with a web page: somebody on the way answered in AIR MILES's place"
        assert receipt == Receipt(Outcome.DOUBT, text)

    async def test_is_no_test_record_that_was_taken_or_refused(
        self, channel: AirMiles, respx_mock: respx.MockRouter
    ) -> None:
        for status in (200, 400, 403):
            respx_mock.post("https://partner.test/checkout/issuance/record").respond(status, content=b"<html>")
            with pytest.raises(Retryable, match=rf"HTTP {status} with a web page"):
                await channel.transmit(NOW)


class TestRefusal:
    async def test_of_the_first_send_means_that_nothing_was_done(self, deliver: Deliver) -> None:
        receipt = await deliver(400, {"responseCode": "0400", "message": "bad"})
        assert receipt == Receipt(Outcome.REFUSED, "HTTP 400, responseCode 0400")

    async def test_of_a_later_send_says_nothing_of_the_first(self, deliver: Deliver) -> None:
        receipt = await deliver(400, again=True)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason == "HTTP 400; ask Partner Support what became of it"

    @pytest.mark.parametrize("code", ["80085102028 ", 80085102028, "Collector 80085102028 unknown"])
    async def test_shows_no_collector_number_that_it_echoes(self, deliver: Deliver, code: object) -> None:
        receipt = await deliver(400, {"responseCode": code})
        assert "80085102028" not in receipt.reason
        assert "2028" in receipt.reason


class TestALaterTry:
    @pytest.mark.parametrize("status", [301, 302, 308, 408, 429, 500, 502, 504])
    @pytest.mark.parametrize("again", [False, True])
    async def test_may_fare_better(self, deliver: Deliver, status: int, again: bool) -> None:
        assert await deliver(status, b"<html>", again=again) == Receipt(Outcome.DOUBT, f"HTTP {status}")

    @pytest.mark.parametrize("status", [408, 429, 503])
    async def test_waits_as_long_as_was_asked_for(self, deliver: Deliver, status: int) -> None:
        assert (await deliver(status, retry_after="120")).after == 120.0

    @pytest.mark.parametrize("again", [False, True])
    async def test_comes_when_the_maintenance_is_over(self, deliver: Deliver, again: bool) -> None:
        assert await deliver(503, b"<html>", again=again) == Receipt(Outcome.DOUBT, "HTTP 503", after=300, rest=300)
        assert (await deliver(503, again=again, retry_after="7")).rest == 7

    async def test_waits_by_their_clock(self, deliver: Deliver) -> None:
        then, now = "Sun, 01 Nov 2026 12:10:00 GMT", "Sun, 01 Nov 2026 12:00:00 GMT"
        assert (await deliver(503, retry_after=then, date=now)).after == 600.0

    @pytest.mark.parametrize("status", [201, 204, 404, 405, 409, 410, 422])
    @pytest.mark.parametrize("again", [False, True])
    async def test_is_not_for_us_to_decide_otherwise(self, deliver: Deliver, status: int, again: bool) -> None:
        receipt = await deliver(status, again=again)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert receipt.reason == f"HTTP {status}; ask Partner Support what became of it"


class TestATokenThatIsRefused:
    @pytest.mark.parametrize("status", [401, 403])
    async def test_is_our_credentials_fault(self, deliver: Deliver, status: int) -> None:
        with pytest.raises(Unauthorized, match=rf"am: .*\(HTTP {status}\); check client_id") as caught:
            await deliver(status)
        assert caught.value.status == status

    @pytest.mark.parametrize("taken", [200, 202])
    async def test_after_a_success_may_be_about_the_collector_once(self, deliver: Deliver, taken: int) -> None:
        await deliver(taken)
        receipt = await deliver(401)
        assert receipt.outcome is Outcome.UNRESOLVABLE
        assert "whether this Collector's account is active" in receipt.reason
        with pytest.raises(Unauthorized):
            await deliver(401)

    @pytest.mark.parametrize("status", [400, 401, 422])
    @pytest.mark.parametrize("again", [False, True])
    async def test_in_words_is_so_with_any_status_and_never_about_the_collector(
        self, deliver: Deliver, status: int, again: bool
    ) -> None:
        await deliver(200)
        with pytest.raises(Unauthorized, match=rf"am: .*\(HTTP {status}, responseCode 0400\); check client_id"):
            await deliver(status, {"responseCode": "0400", "message": "No valid Bearer token"}, again=again)

    async def test_in_words_stops_the_test_record_too(self, channel: AirMiles, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.post("https://partner.test/checkout/issuance/record")
        route.respond(400, json={"message": "No valid Bearer Token"})
        with pytest.raises(Unauthorized, match="check client_id"):
            await channel.transmit(NOW)

    async def test_for_some_collectors_does_not_stop_the_others(self, deliver: Deliver) -> None:
        outcomes = [(await deliver(status)).outcome for status in (200, 401, 200, 401, 200)]
        assert outcomes.count(Outcome.CREDITED) == 3
        assert outcomes.count(Outcome.UNRESOLVABLE) == 2


class TestExamining:
    @pytest.mark.parametrize(("status", "verdict"), [(200, Verdict.OK), (404, Verdict.NOTE), (403, Verdict.NOTE)])
    async def test_tolerates_that_the_history_is_elsewhere_or_not_granted(
        self, channel: AirMiles, respx_mock: respx.MockRouter, status: int, verdict: Verdict
    ) -> None:
        respx_mock.get("https://partner.test/transaction-history/health").respond(status)
        (symptom,) = await channel.examine()
        assert symptom.verdict is verdict
        assert bool(symptom.fix) is (verdict is Verdict.NOTE)

    async def test_tells_that_the_service_is_down(self, channel: AirMiles, respx_mock: respx.MockRouter) -> None:
        respx_mock.get("https://partner.test/transaction-history/health").respond(503)
        with pytest.raises(Lost, match=r"am: .* HTTP 503"):
            await channel.examine()


class TestNoAnswer:
    @pytest.mark.parametrize("failure", [httpx.ReadError(""), httpx.ReadTimeout(""), httpx.WriteError("")])
    async def test_is_a_doubt(self, deliver: Deliver, failure: Exception) -> None:
        assert (await deliver(fails=failure)).outcome is Outcome.DOUBT

    @pytest.mark.parametrize("failure", [httpx.ConnectError(""), httpx.ConnectTimeout("")])
    async def test_without_a_connection_means_that_nothing_was_sent(self, deliver: Deliver, failure: Exception) -> None:
        with pytest.raises(NotSent):
            await deliver(fails=failure)
