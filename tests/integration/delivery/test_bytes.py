"""What is sent is what was stored, and one request is under way per member."""

from __future__ import annotations

import json
from decimal import Decimal

from starlette.responses import JSONResponse, Response

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.report import JobOutcome
from connector.partners.uplyft import Form
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.recorder import Recorder
from tests.integration.delivery.sending import collectors, deliver, dies
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    COLLECTOR,
    MEMBER,
    HandClock,
    air_miles,
    miles_and_more,
    per_euro,
    per_twenty_dollars,
)


class TestBytes:
    async def test_they_are_stored_before_the_first_send_and_sent_as_stored(
        self, chain: Chain, books: Books, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = miles_and_more(counter.uplyft())
        await check_out(chain, mm, MEMBER)
        assert await books.rows("SELECT content FROM message") == [(None,)]
        await dies(chain, mm, sends=False)
        ((stored,),) = await books.rows("SELECT content FROM message")
        assert recorder.bodies == []
        chain.clock.advance(minutes=6)  # type: ignore[attr-defined]
        recorder.answers = [Response(status_code=500), JSONResponse({}, 503)]
        for _ in range(3):
            await deliver(chain, mm)
            chain.clock.advance(minutes=5)  # type: ignore[attr-defined]
        await mm.channel.aclose()
        assert recorder.bodies == [bytes(stored)] * 3
        assert await books.states() == ["credited"]

    async def test_they_are_never_written_anew_although_the_settings_changed(
        self, chain: Chain, clock: HandClock, books: Books, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = miles_and_more(counter.uplyft())
        await check_out(chain, mm, MEMBER)
        recorder.answers = [Response(status_code=500)]
        await deliver(chain, mm)
        clock.advance(minutes=5)
        changed = miles_and_more(counter.uplyft(form=Form("flat", "grouped", "decimal")))
        await deliver(chain, changed)
        for channel in counter.channels:
            await channel.aclose()
        assert len(recorder.bodies) == 2
        assert len(set(recorder.bodies)) == 1

    async def test_those_of_airmiles_keep_their_idempotency_key(
        self, chain: Chain, clock: HandClock, books: Books, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "post")  # type: ignore[arg-type]
        am = air_miles(counter.airmiles())
        await check_out(chain, am, COLLECTOR)
        recorder.answers = [Response(status_code=500), JSONResponse({"responseCode": "0000"})]
        await deliver(chain, am)
        clock.advance(minutes=5)
        await deliver(chain, am)
        await am.channel.aclose()
        ((key,),) = await books.rows("SELECT key FROM message")
        assert [headers["idempotency-key"] for headers in recorder.headers] == [key, key]
        assert len(set(recorder.bodies)) == 1


class TestTheText:
    async def test_of_a_rule_goes_with_the_credit_and_else_that_of_the_chain(
        self, chain: Chain, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        named = per_euro(description="Suite in winter", min_spend=Decimal(200))
        mm = miles_and_more(counter.uplyft(), contract={"rules": (named, per_euro())})
        await check_out(chain, mm, MEMBER)
        await deliver(chain, mm)
        await check_out(chain, mm, MEMBER, net=20, first=2)
        await deliver(chain, mm)
        await mm.channel.aclose()
        assert ['name: \\"Suite in winter\\"' in body.decode() for body in recorder.bodies] == [True, False]
        assert ['name: \\"Alpenglow\\"' in body.decode() for body in recorder.bodies] == [False, True]

    async def test_stands_at_airmiles_as_the_offers(self, chain: Chain, recorder: Recorder) -> None:
        counter = Counter(None, None, recorder.url, "post")  # type: ignore[arg-type]
        am = air_miles(counter.airmiles(), contract={"rules": (per_twenty_dollars(description="Winter"),)})
        await check_out(chain, am, COLLECTOR)
        await deliver(chain, am)
        await am.channel.aclose()
        (body,) = map(json.loads, recorder.bodies)
        assert (body["issuances"][0]["offerDescription"], body["items"][0]["name"]) == ("Winter", "Winter")


class TestLanes:
    async def test_one_request_is_under_way_per_collector(
        self, chain: Chain, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await check_out(chain, am, *[COLLECTOR] * 4, *collectors(4))
        assert (await deliver(chain, am)).outcome is JobOutcome.OK
        assert at_airmiles.totals()["overlaps"] == 0
        assert at_airmiles.totals()["credits"] == 8
        assert await books.states() == ["credited"] * 8

    async def test_a_doubt_keeps_its_lane(
        self, chain: Chain, clock: HandClock, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await check_out(chain, am, COLLECTOR, COLLECTOR)
        at_airmiles.fault("lose,times=1")
        await deliver(chain, am)
        assert await books.states() == ["in_doubt", "ready"]
        clock.advance(minutes=1)
        await deliver(chain, am)
        assert await books.states() == ["credited", "credited"]
        assert at_airmiles.totals()["credits"] == 2
        assert await books.rows("SELECT * FROM lane") == []
