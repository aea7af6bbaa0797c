"""What AIR MILES's transaction history shows of a message."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import respx

from connector.domain.awards import Credit, Kind
from connector.errors import Unauthorized
from connector.http.client import Client
from connector.partners.airmiles import Days, History
from connector.partners.airmiles.activities import Dated
from connector.ports import Sight, Sought

NOW = datetime(2026, 11, 20, 9, 30, 0, 250_000, tzinfo=UTC)
DAY = "2026-11-01T15:30:00.000Z"
SPONSORS = "https://partner.test/transaction-history/sponsors"
HEALTH = "https://partner.test/transaction-history/health"
LookUp = Callable[..., Awaitable[Sight]]


class Noon:
    def now(self) -> datetime:
        return NOW


def activity(miles: object = 5, **changes: Any) -> dict[str, Any]:
    plain = {"activityType": "ISSUANCE", "transactionDate": DAY, "sponsorCode": "SBOX", "cashMiles": miles}
    return {name: value for name, value in (plain | changes).items() if value is not None}


def listed(*activities: dict[str, Any], **page: Any) -> dict[str, Any]:
    return {"_embedded": {"genericActivityDtoList": list(activities)}, "page": {"totalPages": 1} | page}


def history(client: Client, dated: Dated = "checkout", channel_code: str = "MOBAPP") -> History:
    days = Days("EST", dated)
    return History(client, name="am", sponsors=("SBOX", "SBX2"), channel_code=channel_code, days=days, clock=Noon())


@pytest.fixture
def look_up(client: Client, credit: Credit, respx_mock: respx.MockRouter) -> LookUp:
    async def looked_up(*bodies: Any, others: tuple[Credit, ...] = (), **changes: Any) -> Sight:
        dated = changes.pop("dated", "checkout")
        respx_mock.get(SPONSORS).mock(side_effect=[_response(each) for each in bodies])
        sought = Sought(replace(credit, **changes), "", others)
        return await history(client, dated).look_up(sought)

    return looked_up


def _response(body: Any) -> httpx.Response:
    if isinstance(body, int):
        return httpx.Response(body)
    return httpx.Response(200, content=body if isinstance(body, bytes) else json.dumps(body).encode())


class TestTheRequest:
    async def test_asks_for_one_collector_around_the_day(
        self, client: Client, credit: Credit, respx_mock: respx.MockRouter
    ) -> None:
        route = respx_mock.get(SPONSORS).respond(json=listed())
        await history(client).look_up(Sought(credit, ""))
        request = route.calls.last.request
        assert request.headers["channel-code"] == "MOBAPP"
        assert request.headers["accept-language"] == "EN"
        assert parse_qs(urlsplit(str(request.url)).query) == {
            "sponsorList": ["SBOX,SBX2"],
            "collectorNumber": ["80085102028"],
            "from": ["2026-10-31T00:00:00.000000Z"],
            "to": ["2026-11-03T00:00:00.000000Z"],
            "page": ["0"],
            "size": ["100"],
            "sort": ["transactionDate,asc"],
        }

    async def test_never_asks_for_the_future_or_more_than_two_years(
        self, client: Client, credit: Credit, respx_mock: respx.MockRouter
    ) -> None:
        route = respx_mock.get(SPONSORS).respond(json=listed())
        old = replace(credit, composed_at=datetime(2020, 1, 1, tzinfo=UTC))
        await history(client, "receipt", "").look_up(Sought(old, ""))
        request = route.calls.last.request
        asked = parse_qs(urlsplit(str(request.url)).query)
        assert asked["to"] == ["2026-11-20T09:30:00.250000Z"]
        assert asked["from"] == ["2024-11-21T09:30:00.250000Z"]
        assert "channel-code" not in request.headers

    async def test_needs_nothing_before_a_message_is_sent(self, client: Client, credit: Credit) -> None:
        assert await history(client).mark(credit) == ""
        assert not History.counts


class TestAMessage:
    @pytest.mark.parametrize(
        "found",
        [
            activity(),
            activity("5"),
            activity(5.0),
            activity(2, dreamMiles=3),
            activity(None, transactionValue="5"),
            activity(activityType=None),
            activity(sponsorCode=None),
            activity(sponsorCode="sbx2", activityType="issuance"),
            activity(transactionDate="2026-11-01"),
            activity(transactionDate="2026-11-01T23:59:59-05:00"),
            activity(transactionDate=1793547000000),
            {name.lower(): value for name, value in activity().items()},
            {name.upper(): value for name, value in activity().items()},
        ],
    )
    async def test_is_shown_by_day_kind_and_miles(self, look_up: LookUp, found: dict[str, Any]) -> None:
        assert await look_up(listed(activity(70), found)) is Sight.SHOWN

    @pytest.mark.parametrize(
        "found",
        [
            activity(6),
            activity(-5, activityType="NEGATIVE_ISSUANCE"),
            activity(-5, activityType=None),
            activity(activityType="REDEMPTION"),
            activity(sponsorCode="ELSE"),
            activity(transactionDate="2026-11-02"),
            activity(transactionDate="2026-11-01T04:59:59Z"),  # still October in AIR MILES's zone
            activity(redemptionStatus="MILES_VOIDED"),
            activity(0),
        ],
    )
    async def test_is_not_shown_by_anything_else(self, look_up: LookUp, found: dict[str, Any]) -> None:
        assert await look_up(listed(found)) is Sight.ABSENT

    @pytest.mark.parametrize("body", [{}, {"page": {"totalElements": 0}}, {"_embedded": {}}, {"_embedded": None}])
    async def test_is_absent_where_empty_elements_are_left_out(self, look_up: LookUp, body: dict[str, Any]) -> None:
        assert await look_up(body, body) is Sight.ABSENT

    @pytest.mark.parametrize("found", [activity("five"), activity(None), activity(transactionDate=None), activity(1.5)])
    async def test_is_unclear_beside_what_cannot_be_read(self, look_up: LookUp, found: dict[str, Any]) -> None:
        assert await look_up(listed(found)) is Sight.UNCLEAR
        assert await look_up(listed(found, activity())) is Sight.SHOWN

    @pytest.mark.parametrize("miles", [5, -5])
    async def test_that_takes_miles_back_is_shown_by_a_negative_issuance(self, look_up: LookUp, miles: int) -> None:
        found = activity(miles, activityType="NEGATIVE_ISSUANCE")
        assert await look_up(listed(found), kind=Kind.REVERSAL) is Sight.SHOWN
        assert await look_up(listed(activity()), kind=Kind.REVERSAL) is Sight.ABSENT

    async def test_without_a_stay_may_bear_any_day_since_it_was_made(self, look_up: LookUp) -> None:
        found = activity(transactionDate="2026-11-19T00:00:00Z")
        assert await look_up(listed(found), grant=True) is Sight.SHOWN
        assert await look_up(listed(found), dated="receipt") is Sight.SHOWN
        assert await look_up(listed(found)) is Sight.ABSENT


class TestMessagesThatLookAlike:
    async def test_are_shown_when_there_is_an_activity_for_each(self, look_up: LookUp, credit: Credit) -> None:
        assert await look_up(listed(activity(transactionId="a")), others=(credit,)) is Sight.UNCLEAR
        two = listed(activity(transactionId="a"), activity(transactionId="b"))
        assert await look_up(two, others=(credit,)) is Sight.SHOWN

    async def test_do_not_stand_for_one_another_when_one_activity_comes_twice(
        self, look_up: LookUp, credit: Credit
    ) -> None:
        same = listed(activity(transactionId="a"), activity(transactionId="A"))
        assert await look_up(same, others=(credit,)) is Sight.UNCLEAR

    async def test_are_told_apart_by_day_kind_and_miles(self, look_up: LookUp, credit: Credit) -> None:
        others = (
            replace(credit, miles=6),
            replace(credit, kind=Kind.REVERSAL),
            replace(credit, departed_at=datetime(2026, 10, 20, tzinfo=UTC)),
        )
        assert await look_up(listed(activity()), others=others) is Sight.SHOWN

    async def test_are_not_told_apart_by_a_day_that_may_be_any(self, look_up: LookUp, credit: Credit) -> None:
        grant = replace(credit, grant=True, composed_at=datetime(2026, 10, 1, tzinfo=UTC))
        assert await look_up(listed(activity()), others=(grant,)) is Sight.UNCLEAR


class TestSeveralIssuances:
    SHARES = (("", 5), ("BONUS", 3))

    async def test_are_shown_each_or_as_one(self, look_up: LookUp) -> None:
        assert await look_up(listed(activity(5), activity(3)), miles=8, shares=self.SHARES) is Sight.SHOWN
        assert await look_up(listed(activity(8)), miles=8, shares=self.SHARES) is Sight.SHOWN
        assert await look_up(listed(activity(5)), miles=8, shares=self.SHARES) is Sight.ABSENT

    async def test_of_others_are_thought_possible_both_ways(self, look_up: LookUp, credit: Credit) -> None:
        other = replace(credit, miles=8, shares=self.SHARES)
        assert await look_up(listed(activity(5)), others=(other,)) is Sight.UNCLEAR
        assert await look_up(listed(activity(8)), miles=8, others=(other,)) is Sight.UNCLEAR


class TestPages:
    async def test_are_read_to_the_last_one_that_is_told(self, look_up: LookUp) -> None:
        assert await look_up(listed(activity(1), totalPages=2), listed(activity(), totalPages=2)) is Sight.SHOWN

    async def test_are_read_until_one_is_empty_where_no_number_is_told(self, look_up: LookUp) -> None:
        pages = [{"_embedded": {"genericActivityDtoList": each}} for each in ([activity(1)], [activity(2)], [])]
        assert await look_up(*pages) is Sight.ABSENT

    async def test_that_come_again_are_no_end(self, look_up: LookUp) -> None:
        same = {"_embedded": {"genericActivityDtoList": [activity(1)]}}
        assert await look_up(same, same) is Sight.UNCLEAR


class TestABookThatIsClosed:
    @pytest.mark.parametrize("body", [400, 404, 408, 429, 500, 503, b"<html>", b"[]", b'{"message": "hello"}'])
    async def test_leaves_it_unclear(self, look_up: LookUp, body: Any) -> None:
        assert await look_up(body) is Sight.UNCLEAR

    @pytest.mark.parametrize("body", [{"_embedded": ["?"]}, {"_embedded": {"genericActivityDtoList": {"a": 1}}}])
    async def test_is_one_of_another_form(self, look_up: LookUp, body: Any) -> None:
        assert await look_up(body) is Sight.UNCLEAR

    @pytest.mark.parametrize("failure", [httpx.ReadError(""), httpx.ConnectError("")])
    async def test_is_one_that_does_not_answer(
        self, client: Client, credit: Credit, respx_mock: respx.MockRouter, failure: Exception
    ) -> None:
        respx_mock.get(SPONSORS).mock(side_effect=failure)
        assert await history(client).look_up(Sought(credit, "")) is Sight.UNCLEAR

    @pytest.mark.parametrize(("health", "refused"), [(401, True), (403, True), (200, False), (503, False)])
    async def test_is_closed_to_us_only_when_the_health_call_says_so_too(
        self, look_up: LookUp, respx_mock: respx.MockRouter, health: int, refused: bool
    ) -> None:
        respx_mock.get(HEALTH).respond(health)
        if not refused:
            assert await look_up(401) is Sight.UNCLEAR
            return
        with pytest.raises(Unauthorized, match=r"am: .*\(HTTP 401\); check client_id"):
            await look_up(401)

    async def test_is_closed_to_us_by_403(self, look_up: LookUp) -> None:
        with pytest.raises(Unauthorized, match="HTTP 403"):
            await look_up(403)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("EST", datetime(2026, 7, 2, 4, 30, tzinfo=UTC), date(2026, 7, 1)),
        ("America/Toronto", datetime(2026, 7, 2, 4, 30, tzinfo=UTC), date(2026, 7, 2)),
        ("America/Toronto", datetime(2026, 12, 2, 4, 30, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_the_transaction_day_is_that_of_the_zone(zone: Any, moment: datetime, day: date) -> None:
    assert Days(zone).of(moment) == day
