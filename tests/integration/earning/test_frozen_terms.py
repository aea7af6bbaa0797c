"""What the first decision of a stay fixes for its revisions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from connector.jobs.contracts import Partnership
from connector.sandbox.mews import edits
from tests.integration.earning.books import Books
from tests.integration.earning.chain import (
    per_euro,
)
from tests.integration.earning.front_desk import FrontDesk


class TestWhatTheFirstDecisionFreezes:
    async def test_a_revision_uses_the_rules_of_the_first_decision(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay("r1")
        desk.charge("i1", 100)
        await desk.read(mm)
        double = replace(mm, contract=replace(mm.contract, rules=(per_euro(miles=Decimal(2)),)))
        desk.member("g2", number="992000000000018")
        desk.stay("r2", "g2")
        desk.charge("i2", 100, "r2")
        desk.rebate("i3", 10, lowers="i1")
        await desk.read(double)
        found = await books.rows(
            "SELECT award.root_id, message.miles FROM message JOIN award ON award.id = award_id "
            "WHERE state = 'ready' ORDER BY 1"
        )
        assert found == [("r1", 99), ("r2", 220)]

    async def test_changed_rules_touch_no_stay_that_was_decided(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        double = replace(mm, contract=replace(mm.contract, rules=(per_euro(miles=Decimal(2)),)))
        await desk.read(double)
        assert await books.messages() == [("credit", 1, 110, "ready")]

    async def test_a_revision_uses_the_exchange_rates_of_the_first_decision(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        rate = {"EnterpriseId": "e-montreal", "SourceCurrency": "CAD", "TargetCurrency": "EUR", "Value": 0.5}
        edits.add(desk.state, "ExchangeRates", {"Id": "x1", **rate})
        desk.member()
        desk.stay(hotel="montreal")
        desk.charge("i1", 100, hotel="montreal")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 55, "ready")]
        desk.edit("ExchangeRates", "x1", Value=1.0)
        desk.later(hours=2)
        desk.rebate("i2", 20, lowers="i1", hotel="montreal")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 55, "superseded"), ("credit", 2, 44, "ready")]

    async def test_a_revision_uses_the_number_of_the_first_decision(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        desk.edit("LoyaltyMemberships", "m-g1-MM", MembershipNumber="992000000000005", State="Canceled")
        desk.rebate("i2", 20, lowers="i1")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "superseded"), ("credit", 2, 88, "ready")]
        assert await books.rows("SELECT member_number FROM award") == [("992003669288601",)]
