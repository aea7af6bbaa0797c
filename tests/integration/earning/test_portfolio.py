"""The stays of properties that a portfolio token reaches, alone or beside their own tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.jobs.contracts import Partnership
from connector.jobs.report import JobOutcome, JobReport
from connector.store import cursors, stays
from connector.store.cursors import Cursor
from tests.integration.earning.books import Books
from tests.integration.earning.chain import COLLECTOR, NOW
from tests.integration.earning.front_desk import FrontDesk

WIEN, MONTREAL = ("credit", 1, 110, "ready"), ("credit", 1, 5, "ready")


def two_stays(desk: FrontDesk) -> None:
    """One stay in each hotel."""
    desk.member("g1")
    desk.member("g2", "AM", COLLECTOR)
    for stay, guest, item, hotel in (("r1", "g1", "i1", "wien"), ("r2", "g2", "i2", "montreal")):
        desk.stay(stay, guest, hotel)
        desk.charge(item, 100, stay, hotel)


async def tables(desk: FrontDesk) -> dict[str, str]:
    """Return through which table each property is read."""
    async with desk.database.read() as connection:
        return {each.id: each.table for each in (await stays.properties(connection)).values()}


async def cursor(desk: FrontDesk, table: str) -> Cursor:
    """Return how far the reservations of a table were read."""
    async with desk.database.read() as connection:
        return await cursors.load(connection, "reservations", table)


async def test_a_portfolio_token_reads_the_stays_of_all(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    two_stays(desk)
    assert (await desk.read(mm, chain=desk.portfolio())).outcome is JobOutcome.OK
    assert await books.messages() == [WIEN]
    assert await tables(desk) == {"e-wien": "group", "e-montreal": "group"}


async def test_beside_a_propertys_own_token_it_reads_the_rest(
    desk: FrontDesk, books: Books, mm: Partnership, am: Partnership
) -> None:
    two_stays(desk)
    assert (await desk.read(mm, am, chain=desk.portfolio("montreal"))).outcome is JobOutcome.OK
    assert sorted(await books.messages()) == sorted([WIEN, MONTREAL])
    assert await tables(desk) == {"e-wien": "group", "e-montreal": "montreal"}
    assert ((await cursor(desk, "group")).rows_read, (await cursor(desk, "montreal")).rows_read) == (1, 1)


async def test_beside_own_tokens_of_all_it_reads_no_stays(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    two_stays(desk)
    chain = desk.portfolio("wien", "montreal")
    assert (await desk.read(mm, chain=chain)).outcome is JobOutcome.OK
    assert await books.messages() == [WIEN]
    assert await cursor(desk, "group") == Cursor("reservations", "group")
    assert chain.serves["group"] == []


async def test_a_property_whose_own_token_is_taken_away_is_read_by_it_from_the_beginning(
    desk: FrontDesk, mm: Partnership
) -> None:
    await desk.read(mm, chain=desk.portfolio("montreal"))
    two_stays(desk)
    long_ago = (NOW - timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    desk.edit("Reservations", "r2", UpdatedUtc=long_ago, _UpdatedUtc=long_ago)
    desk.later(hours=2)
    assert (await desk.read(mm, chain=desk.portfolio())).outcome is JobOutcome.OK
    assert await tables(desk) == {"e-wien": "group", "e-montreal": "group"}
    async with desk.database.read() as connection:
        assert [await stays.find(connection, each) for each in ("r1", "r2")] == [["r1"], ["r2"]]


FACTS = ["OperationalEditableHistoryInterval", "AccountingEditableHistoryInterval", "TimeZoneIdentifier"]


def was_set_aside(report: JobReport, fact: str, where: str = "property e-montreal waits") -> bool:
    """Tell whether a pass was partial, for want of a fact and not of a right."""
    said = fact in report.error and where in report.error
    return said and report.outcome is JobOutcome.PARTIAL and not report.unauthorized


class TestAPropertyThatLacksAFact:
    @pytest.fixture
    def am(self, am: Partnership) -> Partnership:
        """AIR MILES, which knows the hotel by its id in Mews."""
        return replace(am, contract=replace(am.contract, location_keys=frozenset({"montreal", "e-montreal"})))

    @pytest.mark.parametrize("fact", FACTS)
    async def test_is_set_aside_and_the_others_go_on(
        self, desk: FrontDesk, books: Books, mm: Partnership, am: Partnership, fact: str
    ) -> None:
        two_stays(desk)
        whole = desk.state.named("Enterprises", ["e-montreal"])["e-montreal"].body[fact]
        desk.edit("Enterprises", "e-montreal", **{fact: ""})
        for _ in range(2):  # it is told in every pass
            assert was_set_aside(await desk.read(mm, am, chain=desk.portfolio()), fact)
            assert await books.messages() == [WIEN]
            assert await books.cases() == []
        desk.edit("Enterprises", "e-montreal", **{fact: whole})
        assert (await desk.read(mm, am, chain=desk.portfolio())).outcome is JobOutcome.OK
        assert sorted(await books.messages()) == sorted([WIEN, MONTREAL])

    async def test_that_it_had_is_read_on_and_not_decided(
        self, desk: FrontDesk, books: Books, mm: Partnership, am: Partnership
    ) -> None:
        await desk.read(mm, am, chain=desk.portfolio())
        desk.edit("Enterprises", "e-montreal", TimeZoneIdentifier="")
        desk.later(hours=1)
        two_stays(desk)
        assert was_set_aside(await desk.read(mm, am, chain=desk.portfolio()), "TimeZoneIdentifier")
        assert await books.messages() == [WIEN]
        assert (await cursor(desk, "group")).rows_read == 2
        desk.later(hours=1)
        desk.edit("Enterprises", "e-montreal", TimeZoneIdentifier="America/Toronto")
        assert (await desk.read(mm, am, chain=desk.portfolio())).outcome is JobOutcome.OK
        assert sorted(await books.messages()) == sorted([WIEN, MONTREAL])

    async def test_waits_with_its_own_token_too(
        self, desk: FrontDesk, books: Books, mm: Partnership, am: Partnership
    ) -> None:
        two_stays(desk)
        desk.edit("Enterprises", "e-montreal", TimeZoneIdentifier="")
        assert was_set_aside(await desk.read(mm, am), "TimeZoneIdentifier", "[mews.properties.montreal]")
        assert await books.messages() == [WIEN]

    async def test_and_has_no_others_beside_it_is_no_matter_of_rights(self, desk: FrontDesk, mm: Partnership) -> None:
        for each in ("e-wien", "e-montreal"):
            desk.edit("Enterprises", each, TimeZoneIdentifier="")
        report = await desk.read(mm, chain=desk.portfolio())
        assert (report.outcome, report.unauthorized) == (JobOutcome.FAILED, False)
        assert report.error.count("TimeZoneIdentifier is missing") == 2
