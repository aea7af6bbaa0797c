"""A partner is left alone when it must be, and no other one with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from connector.domain.operating import Deed
from connector.jobs.chain import Chain
from connector.jobs.choosing import Choice, Order
from connector.jobs.contracts import Partnership
from connector.jobs.operating import operate
from connector.jobs.report import JobOutcome
from connector.store import facts
from connector.store.resolutions import Signature
from connector.store.rows import table
from connector.store.tables.ledger import Message
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    CHAIN_ID,
    COLLECTOR,
    MEMBER,
    HandClock,
    air_miles,
    miles_and_more,
    runner_for,
)


class TestPauses:
    async def test_wrong_credentials_pause_their_partner_and_no_other(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter, am: Partnership
    ) -> None:
        stranger = miles_and_more(at_uplyft.uplyft(secret="a-wrong-secret"))
        await check_out(chain, stranger, *members(3))
        await check_out(chain, am, COLLECTOR, first=9)
        report = await deliver(chain, stranger, am)
        assert report.outcome is JobOutcome.PARTIAL
        assert report.error == (
            "miles_and_more: Uplyft does not accept the App ID and secret (HTTP 401); check app_id, app_secret"
        )
        assert await books.states() == ["credited", "ready", "ready", "ready"]
        clock.advance(minutes=10)
        await deliver(chain, miles_and_more(at_uplyft.uplyft()), am)
        assert await books.states() == ["credited"] * 4

    async def test_a_refused_token_names_the_partner_and_what_to_check(
        self, chain: Chain, books: Books, at_airmiles: Counter
    ) -> None:
        stranger = air_miles(at_airmiles.airmiles(secret="a-wrong-secret"))
        await check_out(chain, stranger, COLLECTOR)
        report = await deliver(chain, stranger)
        assert report.error.startswith("air_miles: The token endpoint 127.0.0.1 answered 401 (invalid_client)")
        assert "check its address, the id and the secret" in report.error
        assert await books.states() == ["ready"]

    async def test_both_partners_faults_are_told(
        self, chain: Chain, books: Books, at_uplyft: Counter, at_airmiles: Counter
    ) -> None:
        mm = miles_and_more(at_uplyft.uplyft(secret="a-wrong-secret"))
        am = air_miles(at_airmiles.airmiles(secret="a-wrong-secret"))
        await check_out(chain, mm, MEMBER)
        await check_out(chain, am, COLLECTOR, first=2)
        report = await deliver(chain, mm, am)
        assert "miles_and_more: " in report.error
        assert "air_miles: " in report.error

    async def test_maintenance_at_the_partner_stops_everything_until_it_is_over(
        self, chain: Chain, clock: HandClock, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        alone = replace(am, concurrency=1)
        await check_out(chain, alone, *(f"8008510202{n}" for n in range(4)))
        at_airmiles.fault("503,times=1,header.Retry-After=900")
        report = await deliver(chain, alone)
        assert report.outcome is JobOutcome.PARTIAL
        assert "partner air_miles asks for a pause of 900 s" in report.error
        assert at_airmiles.given() == []
        assert sorted(await books.states()) == ["in_doubt", "ready", "ready", "ready"]
        clock.advance(seconds=899)
        await deliver(chain, alone)
        assert at_airmiles.given() == []
        clock.advance(seconds=1)
        await deliver(chain, alone)
        assert await books.states() == ["credited"] * 4
        assert len(at_airmiles.given()) == 4

    async def test_too_many_requests_rest_the_whole_channel_for_as_long_as_the_partner_says(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, *members(9))
        at_uplyft.fault("delay,seconds=0.2,times=1")
        at_uplyft.fault("429,times=1,after=1,header.Retry-After=900")
        report = await deliver(chain, replace(mm, concurrency=2))
        assert "partner miles_and_more asks for a pause of 900 s" in report.error
        assert len(at_uplyft.given()) == 1, "what was under way beside it"
        clock.advance(seconds=899)
        await deliver(chain, mm)
        assert len(at_uplyft.given()) == 1
        clock.advance(seconds=1)
        await deliver(chain, mm)
        assert await books.states() == ["credited"] * 9

    async def test_a_token_endpoint_that_has_too_many_requests_rests_it_too(
        self, chain: Chain, clock: HandClock, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await check_out(chain, am, COLLECTOR)
        at_airmiles.fault("429,times=1,header.Retry-After=900", "token")
        report = await deliver(chain, am)
        assert "partner air_miles asks for a pause of 900 s" in report.error
        clock.advance(seconds=900)
        await deliver(chain, am)
        assert await books.states() == ["credited"]

    async def test_the_daily_ceiling_is_filled_and_the_rest_goes_the_next_day(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        bounded = replace(mm, daily_ceiling=500)
        await check_out(chain, bounded, *members(3))
        report = await deliver(chain, bounded)
        assert report.outcome is JobOutcome.PARTIAL
        assert "the daily ceiling of 500 miles is reached" in report.error
        assert await books.states() == ["credited", "credited", "ready"]
        assert [reason for reason, _ in await books.cases()] == ["daily_ceiling"]
        await deliver(chain, bounded)
        assert len(at_uplyft.given()) == 2
        clock.advance(days=1)
        assert (await deliver(chain, bounded)).outcome is JobOutcome.OK
        assert len(at_uplyft.given()) == 3
        assert await books.cases() == []

    async def test_a_credit_above_the_whole_ceiling_is_left_to_a_person_and_holds_nobody_up(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        bounded = replace(mm, daily_ceiling=1000)
        await check_out(chain, bounded, *members(40), net=2000)
        clock.advance(hours=1)
        await check_out(chain, bounded, MEMBER, net=100, first=50)
        assert (await deliver(chain, bounded)).outcome is JobOutcome.OK
        assert at_uplyft.given() == [(MEMBER, 110)]
        assert {reason for reason, _ in await books.cases()} == {"above_ceiling"}
        async with chain.database.write() as connection:
            await facts.hold_chain(connection, CHAIN_ID)
        order = Order(Deed.RETRY, Choice(("r001-wien",)), Signature("anna", clock.now(), "a group"), "", "")
        await operate(runner_for(chain, [bounded]), order)
        await deliver(chain, replace(mm, daily_ceiling=3000))
        assert at_uplyft.given() == [(MEMBER, 110), (members(1)[0], 2200)]
        assert len(await books.cases()) == 39

    async def test_a_doubt_does_not_wait_for_the_ceiling(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        bounded = replace(mm, daily_ceiling=220)
        await check_out(chain, bounded, *members(2))
        at_uplyft.fault("500,times=1")
        await deliver(chain, bounded)
        clock.advance(minutes=2)
        await deliver(chain, bounded)
        assert await books.states() == ["credited", "ready"]

    async def test_a_doubt_is_not_starved_by_a_crowd_that_waits_for_the_ceiling(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        free = replace(mm, daily_ceiling=1_000_000)
        await check_out(chain, free, *members(1))
        at_uplyft.fault("500,times=1")
        await deliver(chain, free)
        await check_out(chain, free, *members(70))
        clock.advance(minutes=2)
        await deliver(chain, replace(mm, daily_ceiling=220))
        states = await books.states()
        assert states.count("credited") == 1
        assert states.count("ready") == len(states) - 1 >= 69

    async def test_a_circuit_opens_after_five_failures_is_probed_once_and_closes(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        serial = replace(mm, concurrency=1)
        await check_out(chain, serial, *members(8))
        at_uplyft.fault("500,times=6")
        report = await deliver(chain, serial)
        assert "its circuit is open" in report.error
        assert await books.states() == ["in_doubt"] * 5 + ["ready"] * 3
        clock.advance(seconds=15)
        assert (await deliver(chain, serial)).outcome is JobOutcome.OK, "nothing is due, so nothing is tried"
        clock.advance(seconds=20)
        await deliver(chain, serial)
        assert at_uplyft.plan.as_json()["faults"][0]["fired"] == 6, "one probe, which failed"
        clock.advance(seconds=30)
        report = await deliver(chain, serial)
        assert "left alone" in report.error
        assert at_uplyft.given() == []
        clock.advance(seconds=40)
        await deliver(chain, serial)
        clock.advance(minutes=5)
        await deliver(chain, serial)
        assert await books.states() == ["credited"] * 8
        assert len(at_uplyft.given()) == 8

    async def test_a_pass_with_nothing_due_uses_up_no_probe(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, *members(5))
        at_uplyft.fault("500,times=5")
        await deliver(chain, replace(mm, concurrency=1))
        async with chain.database.write() as connection:
            await connection.execute(update(table(Message)).values(due_at=clock.moment + timedelta(minutes=1)))
        clock.advance(seconds=31)
        await deliver(chain, mm)
        clock.advance(seconds=30)
        await deliver(chain, mm)
        assert await books.states() == ["credited"] * 5
