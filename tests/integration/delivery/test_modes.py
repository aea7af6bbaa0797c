"""What is not sent: rehearsals, copies, and what cannot be written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.going_live import go_live, look
from connector.jobs.report import JobOutcome
from connector.partners.airmiles import Terms
from connector.sandbox.uplyft.events import TEST_SECRET
from connector.store import facts
from connector.store.backup import MARK
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import collectors, deliver, members, miles_given
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    COLLECTOR,
    MEMBER,
    MM,
    HandClock,
    air_miles,
    miles_and_more,
)

WAITS = "{} messages about miles given live wait until it is live again"


class TestModes:
    async def test_a_shadow_writes_the_bytes_and_sends_nothing(
        self, chain: Chain, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        shadow = replace(mm, mode="shadow")
        await check_out(chain, shadow, *members(3))
        assert (await deliver(chain, shadow)).outcome is JobOutcome.OK
        assert await books.states() == ["shadow"] * 3
        assert at_uplyft.given() == []
        assert all(b"createEvent" in bytes(row[0]) for row in await books.rows("SELECT content FROM message"))
        assert await miles_given(chain, MM) == {MM: 0}

    async def test_a_doubt_stays_one_in_the_shadow(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault("lose,times=1")
        await deliver(chain, mm)
        clock.advance(minutes=2)
        report = await deliver(chain, replace(mm, mode="shadow"))
        assert not report.unexpected
        assert await books.states() == ["in_doubt"]

    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    @pytest.mark.parametrize("fault", ["lose,times=1", "500,times=1"])  # the partner has it, or has it not
    async def test_a_doubt_of_what_was_sent_live_is_not_resolved_by_a_test(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter, fault: str
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault(fault)
        await deliver(chain, mm)
        test = replace(miles_and_more(at_uplyft.uplyft(secret=TEST_SECRET)), mode="test")
        await check_out(chain, test, *members(1), first=2)
        clock.advance(minutes=5)
        report = await deliver(chain, test)
        assert (report.outcome, report.error) == (JobOutcome.PARTIAL, f"{MM}: {WAITS.format(1)}")
        assert await books.states() == ["in_doubt", "test"]
        found = await look(chain, mm)
        await go_live(chain, mm, found.plan_id, Signature("anna", clock.now(), "as before"))
        assert (await deliver(chain, mm)).outcome is JobOutcome.OK
        assert await books.states() == ["credited", "test"]
        assert (at_uplyft.given(), at_uplyft.totals()["miles"]) == ([(MEMBER, 220)], 220)

    async def test_a_test_is_sent_and_never_counts_as_credited(
        self, chain: Chain, books: Books, at_uplyft: Counter
    ) -> None:
        test = replace(miles_and_more(at_uplyft.uplyft(secret=TEST_SECRET)), mode="test")
        await check_out(chain, test, MEMBER)
        await deliver(chain, test)
        assert await books.states() == ["test"]
        assert at_uplyft.totals()["miles"] == 0
        assert await miles_given(chain, MM) == {MM: 0}

    async def test_a_copy_of_the_database_delivers_nothing(
        self, chain: Chain, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        async with chain.database.write() as connection:
            await facts.write(connection, MARK, "marked")
        report = await deliver(chain, mm)
        assert report.outcome is JobOutcome.REFUSED
        assert await books.states() == ["ready"]
        assert at_uplyft.given() == []


class TestWhatCannotBeWritten:
    @pytest.mark.parametrize(
        ("terms", "fault"),
        [
            (Terms("STANDARD", {"montreal": "0037"}, {"CA-QST": "QST"}), "tax code CA-GST is not mapped"),
            (Terms("STANDARD", {}, {"CA-GST": "GST"}), "property montreal has no location code"),
        ],
        ids=["an_unmapped_tax", "a_missing_location"],
    )
    async def test_it_goes_to_a_person_and_the_others_go_on(
        self, chain: Chain, clock: HandClock, books: Books, at_airmiles: Counter, terms: Terms, fault: str
    ) -> None:
        am = air_miles(at_airmiles.airmiles(terms=terms))
        await check_out(chain, am, *collectors(2))
        usual = air_miles(at_airmiles.airmiles())
        await deliver(chain, am)
        await check_out(chain, usual, COLLECTOR, first=5)
        await deliver(chain, usual)
        assert await books.states() == ["credited", "suspended", "suspended"]
        assert at_airmiles.given() == [(COLLECTOR, 10)]
        assert [reason for reason, text in await books.cases() if fault in text] == ["unwritable", "unwritable"]
        assert await books.rows("SELECT * FROM lane") == []

    async def test_one_that_cannot_does_not_hold_up_its_group(
        self, chain: Chain, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await check_out(chain, am, collectors(1)[0], taxes=())
        await check_out(chain, am, COLLECTOR, first=5)
        await deliver(chain, am)
        assert await books.states() == ["credited", "suspended"]
        assert at_airmiles.given() == [(COLLECTOR, 10)]
