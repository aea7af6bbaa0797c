"""A partner is asked no faster, no longer and no more often than it is meant to be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update
from starlette.responses import JSONResponse

from connector.domain.outliers import Bounds
from connector.domain.quiet import QuietHours
from connector.errors import Misconfigured, Refused
from connector.http.breaker import Breaker
from connector.http.limiter import SlidingWindow
from connector.jobs import deliver as delivery
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.pacing import Pacing
from connector.jobs.report import JobOutcome
from connector.jobs.resuming import resume
from connector.store import pauses
from connector.store.engine import Database
from connector.store.limits import StoredBreakers, StoredSendLog
from connector.store.resolutions import Signature
from connector.store.rows import table
from connector.store.tables.ledger import Message
from connector.store.tables.running import Circuit
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.recorder import Recorder
from tests.integration.delivery.sending import collectors, deliver, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import COLLECTOR, MEMBER, HandClock, chain_for, miles_and_more

HOTEL = "e-wien"


class TestRate:
    async def test_two_processes_together_keep_to_it(self, chain: Chain, clock: HandClock, recorder: Recorder) -> None:
        moments: list[datetime] = []
        recorder.on_request = lambda: moments.append(clock.now())
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = miles_and_more(counter.uplyft(), concurrency=1)
        await check_out(chain, mm, *members(8))

        async def sleep(seconds: float) -> None:
            clock.advance(seconds=seconds)

        for limit in (4, 4):
            log = StoredSendLog(chain.database)
            limiter = SlidingWindow("partner", 2, timedelta(seconds=10), log, clock, sleep)
            await self._some(chain, replace(mm, pacing=Pacing(limiter=limiter)), limit, recorder)
        await mm.channel.aclose()
        assert len(moments) >= 8
        assert all(later - one >= timedelta(seconds=10) for one, later in zip(moments, moments[2:], strict=False))
        assert any(later - one < timedelta(seconds=10) for one, later in pairwise(moments))

    async def _some(self, chain: Chain, mm: Partnership, count: int, recorder: Recorder) -> None:
        """Send so many messages as a process of its own."""
        async with chain.database.write() as connection:
            message = table(Message)
            await connection.execute(update(message).values(due_at=chain.clock.now() + timedelta(days=1)))
            waiting = (await connection.execute(message.select().where(message.c.state == "ready"))).all()
            keys = [row.key for row in waiting[:count]]
            now = update(message).where(message.c.key.in_(keys)).values(due_at=chain.clock.now())
            await connection.execute(now)
        before = len(recorder.bodies)
        breaker = Breaker(mm.name, StoredBreakers(chain.database), chain.clock)
        await delivery.deliver(chain_for(chain.database, chain.clock), mm, breaker)  # type: ignore[arg-type]
        assert len(recorder.bodies) == before + count


class TestQuietHours:
    async def test_new_messages_wait_for_their_end_and_doubts_do_not(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        # noon in UTC is one o'clock, or two in summer, in Vienna
        pacing = Pacing(quiet=QuietHours(time(11), time(17)), zone=ZoneInfo("Europe/Vienna"))
        quiet = replace(mm, pacing=pacing)
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("500,times=1")
        await deliver(chain, mm)
        await check_out(chain, mm, *members(2), first=2)
        clock.advance(minutes=1)
        report = await deliver(chain, quiet)
        assert report.outcome is JobOutcome.OK
        assert at_uplyft.given() == [(MEMBER, 220)]
        assert await books.states() == ["credited", "ready", "ready"]
        end = clock.now().astimezone(pacing.zone).replace(hour=17, minute=0)
        clock.moment = end.astimezone(clock.moment.tzinfo) - timedelta(minutes=1)
        await deliver(chain, quiet)
        assert len(at_uplyft.given()) == 1
        clock.advance(minutes=1)
        await deliver(chain, quiet)
        assert await books.states() == ["credited"] * 3


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestOutliers:
    async def _month(self, chain: Chain, clock: HandClock, mm: Partnership) -> Partnership:
        """Give 220 miles on each of ten days; return the partner with bounds that ten members at once exceed."""
        start = clock.moment
        for day in range(10):
            clock.moment = start - timedelta(days=10 - day)
            await check_out(chain, mm, members(10)[day], first=day + 1)
            await deliver(chain, mm)
        clock.moment = start
        return replace(mm, pacing=Pacing(outliers=Bounds(factor=5, minimum=1000)))

    async def test_a_property_far_above_its_usual_day_waits_until_it_is_released_for_the_day(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        watched = await self._month(chain, clock, mm)
        await check_out(chain, mm, *members(20)[10:], first=11)
        report = await deliver(chain, watched)
        assert report.outcome is JobOutcome.PARTIAL
        assert "1 of its properties wait for a person" in report.error
        assert len(at_uplyft.given()) == 10
        ((reason, text),) = await books.cases()
        assert reason == "outlier"
        assert text.startswith("2200 miles on ")
        assert "220 on a usual day" in text
        clock.advance(days=1)
        await deliver(chain, watched)
        assert len(at_uplyft.given()) == 10, "it waits for a person, not for tomorrow"
        anna = Signature("anna", clock.now(), "a congress")
        with pytest.raises(Misconfigured, match="0 properties are called 'graz'"):
            await resume(chain, watched, "graz", anna)
        assert (await resume(chain, watched, "wien", anna)).day == clock.moment.date()
        with pytest.raises(Refused, match="wien is not paused at miles_and_more"):
            await resume(chain, watched, HOTEL, anna)
        assert (await deliver(chain, watched)).outcome is JobOutcome.OK
        assert len(at_uplyft.given()) == 20
        assert await books.cases() == []

    async def test_a_usual_day_is_sent(
        self, chain: Chain, clock: HandClock, mm: Partnership, at_uplyft: Counter
    ) -> None:
        watched = await self._month(chain, clock, mm)
        await check_out(chain, mm, *members(14)[10:], first=11)
        assert (await deliver(chain, watched)).outcome is JobOutcome.OK
        assert len(at_uplyft.given()) == 14

    async def test_a_doubt_of_a_paused_property_is_resolved(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, *members(2))
        at_uplyft.fault("500,times=1")
        await deliver(chain, replace(mm, concurrency=1))
        await check_out(chain, mm, *members(3)[2:], first=3)
        async with chain.database.write() as connection:
            await pauses.pause(connection, mm.name, HOTEL, clock.moment.date(), clock.now())
        clock.advance(minutes=1)
        await deliver(chain, mm)
        assert await books.states() == ["credited", "credited", "ready"]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestPoison:
    async def _failing(self, recorder: Recorder, number: str) -> Partnership:
        """Return a partner whose server answers 500 for one member and credits all others."""
        given = JSONResponse({"data": {"createEvent": True}})

        def answer() -> None:
            recorder.answers = [JSONResponse({}, 500) if number.encode() in recorder.bodies[-1] else given]

        recorder.on_request = answer
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        return miles_and_more(counter.uplyft(), pacing=Pacing(max_attempts=4))

    async def test_a_message_that_alone_fails_is_suspended_with_its_story(
        self, chain: Chain, clock: HandClock, books: Books, recorder: Recorder
    ) -> None:
        mm = await self._failing(recorder, MEMBER)
        await check_out(chain, mm, MEMBER)
        for number in range(2, 9):
            await check_out(chain, mm, members(9)[number], first=number)
            await deliver(chain, mm)
            clock.advance(hours=1)
        await mm.channel.aclose()
        assert sum(MEMBER.encode() in each for each in recorder.bodies) == 4
        assert await books.states() == ["credited"] * 7 + ["suspended"]
        ((_, text),) = await books.cases()
        assert "4 attempts failed, the last one: HTTP 500; ask the partner whether the miles moved" in text
        assert await books.rows("SELECT * FROM lane") == []

    async def test_one_that_fails_with_all_others_is_tried_on(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        patient = replace(mm, pacing=Pacing(max_attempts=4))
        await check_out(chain, patient, *members(2))
        at_uplyft.fault("500,times=14")
        for _ in range(20):
            await deliver(chain, patient)
            clock.advance(hours=1)
        assert await books.states() == ["credited"] * 2

    async def test_nothing_is_tried_for_ever(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        patient = replace(mm, pacing=Pacing(max_attempts=2))
        await check_out(chain, patient, MEMBER)
        at_uplyft.fault("500")
        for _ in range(20):
            await deliver(chain, patient)
            clock.advance(hours=1)
        assert await books.states() == ["suspended"]
        assert at_uplyft.plan.as_json()["faults"][0]["fired"] == 10

    async def test_its_failures_count_once_for_the_circuit(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("500,times=8")
        for _ in range(8):
            assert (await deliver(chain, mm)).error == ""
            clock.advance(hours=1)
        assert await books.rows("SELECT failures, opened_at FROM circuit") == [(1, None)]

    async def test_old_failures_that_fail_together_open_it(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        serial = replace(mm, concurrency=1)
        for number in range(5):
            await check_out(chain, serial, members(5)[number], first=number + 1)
            at_uplyft.fault("500,times=1")
            await deliver(chain, serial)
            async with chain.database.write() as connection:
                await connection.execute(delete(table(Circuit)))
        at_uplyft.fault("500")
        clock.advance(hours=1)
        assert "its circuit is open" in (await deliver(chain, serial)).error
        ((failures, opened),) = await books.rows("SELECT failures, opened_at FROM circuit")
        assert failures == 5
        assert opened is not None


class TestProbe:
    @pytest.mark.parametrize("engine", ["postgresql"])
    async def test_of_many_processes_one_sends_it(
        self, database: Database, clock: HandClock, am: Partnership, at_airmiles: Counter
    ) -> None:
        first = chain_for(database, clock)
        await check_out(first, am, *collectors(20), COLLECTOR, net=200)
        at_airmiles.fault("500")
        await self._pass(database, clock, replace(am, concurrency=1))
        fired = at_airmiles.plan.as_json()["faults"][0]["fired"]
        assert fired == 5
        clock.advance(seconds=31)
        databases = [Database(str(database.url)) for _ in range(4)]
        await asyncio.gather(*(self._pass(each, clock, am) for each in databases))
        for each in databases:
            await each.aclose()
        assert at_airmiles.plan.as_json()["faults"][0]["fired"] == fired + 1

    async def _pass(self, database: Database, clock: HandClock, partnership: Partnership) -> None:
        breaker = Breaker(partnership.name, StoredBreakers(database), clock)
        await delivery.deliver(chain_for(database, clock), partnership, breaker)
