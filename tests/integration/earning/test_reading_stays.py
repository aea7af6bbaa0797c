"""Stays are decided on all of their facts or not at all; what cannot be read stops nothing else."""

from __future__ import annotations

from datetime import timedelta

from connector.jobs.contracts import Partnership
from connector.jobs.report import JobOutcome
from connector.sandbox.mews import edits
from connector.store import cursors, resolutions, suspense
from connector.store.resolutions import Signature
from tests.integration.earning.books import Books
from tests.integration.earning.chain import (
    COLLECTOR,
    MM,
    NOW,
)
from tests.integration.earning.front_desk import FrontDesk, wire


class TestReading:
    async def test_those_older_than_the_stream_are_fetched_by_the_stay(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        long_ago = wire(NOW - timedelta(days=500))
        desk.member()
        desk.stay(CreatedUtc=long_ago)
        desk.charge("i1", 100, CreatedUtc=long_ago, UpdatedUtc=long_ago, ClosedUtc=long_ago)
        desk.charge("i2", 30)
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 143, "ready")]

    async def test_a_stay_is_not_decided_before_they_are_read(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        desk.fault("orderItems/getAll=400,times=1")
        report = await desk.read(mm)
        assert report.outcome is JobOutcome.PARTIAL
        assert await books.decisions(MM) == {}
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "ready")]

    async def test_a_property_that_cannot_be_read_does_not_stop_the_other(
        self, desk: FrontDesk, books: Books, mm: Partnership, am: Partnership
    ) -> None:
        desk.member("g1")
        desk.member("g2", "AM", COLLECTOR)
        desk.stay("r1", "g1")
        desk.charge("i1", 100, "r1")
        desk.stay("r2", "g2", "montreal")
        desk.charge("i2", 100, "r2", "montreal")
        await desk.read(mm, am, chain=desk.chain(wien="a-wrong-token"))
        assert await books.messages() == [("credit", 1, 5, "ready")]
        assert (await desk.read(mm, am)).outcome is JobOutcome.OK
        assert await books.messages() == [("credit", 1, 5, "ready"), ("credit", 1, 110, "ready")]

    async def test_a_token_that_is_withdrawn_within_the_hour_does_not_stop_the_other(
        self, desk: FrontDesk, books: Books, am: Partnership
    ) -> None:
        await desk.read(am)
        desk.member("g2", "AM", COLLECTOR)
        desk.stay("r2", "g2", "montreal")
        desk.charge("i2", 100, "r2", "montreal")
        report = await desk.read(am, chain=desk.chain(wien="a-wrong-token"))
        assert report.outcome is JobOutcome.PARTIAL
        assert "[mews.properties.wien]" in report.error
        assert "access_token" in report.error
        assert await books.messages() == [("credit", 1, 5, "ready")]

    async def test_a_token_that_works_again_is_used_again(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        chain = desk.chain()
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        desk.fault("services/getAll=401,times=1")
        assert (await desk.read(mm, chain=chain)).outcome is JobOutcome.PARTIAL
        assert chain.dead == {"wien"}
        assert (await desk.read(mm, chain=chain)).outcome is JobOutcome.OK
        assert chain.dead == set()
        assert await books.messages() == [("credit", 1, 110, "ready")]

    async def test_a_new_process_reads_up_to_mewss_present_and_not_to_its_own(
        self, desk: FrontDesk, mm: Partnership
    ) -> None:
        await desk.read(mm)
        desk.clock.advance(minutes=20)  # this machine's clock is ahead
        await desk.forget_connections()
        await desk.read(mm)
        async with desk.database.read() as connection:
            found = await cursors.load(connection, "reservations", "wien")
        assert found.watermark is not None
        assert abs(found.watermark - desk.state.now()) < timedelta(minutes=1)

    async def test_a_service_that_is_new_within_the_hour_is_known_by_its_token(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        await desk.read(mm)
        edits.add(desk.state, "Services", {"Id": "s-annex", "EnterpriseId": "e-wien"})
        desk.member()
        desk.stay(ServiceId="s-annex")
        desk.charge("i1", 100)
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "ready")]
        assert await books.cases() == []

    async def test_an_unreadable_one_suspends_its_stay_until_it_is_well(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        desk.charge("i2", 50, AccountingState="Imagined")
        await desk.read(mm)
        assert await books.decisions(MM) == {"r1": ("suspended", "unreadable")}
        assert {reason for reason, _ in await books.cases()} == {"unreadable"}
        assert await books.messages() == []
        desk.edit("OrderItems", "i2", AccountingState="Closed")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 165, "ready")]
        assert await books.cases() == []

    async def test_a_rebate_that_does_not_say_of_what_suspends_its_stay_until_it_does(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        desk.charge("i2", -80, Type="NightRebate")
        await desk.read(mm)
        assert await books.decisions(MM) == {"r1": ("suspended", "unreadable")}
        assert await books.messages() == []
        data = {"Discriminator": "Rebate", "Rebate": {"ProductId": "x", "RebatedItemId": "i1"}}
        desk.edit("OrderItems", "i2", Data=data)
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 22, "ready")]
        assert await books.cases() == []

    async def test_one_that_a_person_has_seen_stays_quiet_and_still_holds_its_stay_back(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        desk.charge("i2", 50, AccountingState="Imagined")
        await desk.read(mm)
        async with books.database.write() as connection:
            for each in await suspense.listing(connection):
                await resolutions.acknowledge(connection, each.id, Signature("anna", NOW))
        for _ in range(2):
            desk.later(days=1, seconds=1)  # it is decided again every day
            desk.edit("OrderItems", "i2", Name="Sauna")  # and read again
            await desk.read(mm)
            assert await books.cases() == []
        assert await books.decisions(MM) == {"r1": ("suspended", "unreadable")}
        assert await books.messages() == []
        desk.edit("OrderItems", "i2", AccountingState="Closed")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 165, "ready")]

    async def test_an_unreadable_one_of_an_old_booking_has_its_case_too(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        long_ago = wire(NOW - timedelta(days=500))
        desk.member()
        desk.stay(CreatedUtc=long_ago)
        desk.charge("i1", 100, UpdatedUtc=long_ago, AccountingState="Imagined")
        await desk.read(mm)
        texts = [text for _, text in await books.cases()]
        assert len(texts) == 2
        assert any(text.startswith("order item i1: AccountingState") for text in texts)

    async def test_an_unreadable_reservation_goes_to_suspense_and_the_rest_goes_on(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        desk.stay("r2", State="Vanished")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "ready")]
        (case,) = await books.cases()
        assert case[1].startswith("reservation r2: State 'Vanished'")
        desk.edit("Reservations", "r2", State="Confirmed")
        await desk.read(mm)
        assert await books.cases() == []
