"""A folio that changes after its award: what the partner holds in the end is what the folio earns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

import pytest

from connector.domain.contract import Hold
from connector.domain.rules import Rule
from connector.jobs.contracts import Partnership
from connector.jobs.going_live import go_live, look
from connector.jobs.report import JobOutcome
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import AM, COLLECTOR, MEMBER, MM, air_miles, miles_and_more
from tests.integration.earning.front_desk import FrontDesk


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    return air_miles(at_airmiles.airmiles())


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    return miles_and_more(at_uplyft.uplyft())


async def credited(desk: FrontDesk, partnership: Partnership, hotel: str) -> None:
    """Have a stay of net 200 credited."""
    program, number = ("AM", COLLECTOR) if partnership.name == AM else ("MM", MEMBER)
    desk.member("g1", program, number)
    desk.stay(hotel=hotel)
    desk.charge("i1", 200, hotel=hotel)
    await desk.read(partnership)
    assert (await desk.deliver(partnership)).outcome is JobOutcome.OK


async def live_again(desk: FrontDesk, partnership: Partnership) -> None:
    """Confirm what is due at a partner that was not live for a while, and send it."""
    found = await look(desk.chain(), partnership)
    await go_live(desk.chain(), partnership, found.plan_id, Signature("anna", desk.clock.now(), "new credentials"))
    for _ in range(2):
        await desk.read(partnership)
        assert (await desk.deliver(partnership)).outcome is JobOutcome.OK


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("mode", ["shadow", "test"])
class TestWhileThePartnerIsNotLive:
    async def test_what_it_holds_is_corrected_when_it_is_live_again(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter, mode: Literal["shadow", "test"]
    ) -> None:
        await credited(desk, am, "montreal")
        other = replace(am, mode=mode)
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(other)
        for _ in range(2):
            report = await desk.deliver(other)
            assert report.error == f"{AM}: 1 messages about miles given live wait until it is live again"
        assert await books.messages() == [
            ("credit", 1, 10, "credited"),
            ("reversal", 1, 10, "ready"),
            ("credit", 2, 5, "held"),
        ]
        desk.rebate("i3", 40, lowers="i1", hotel="montreal")
        await desk.read(am)
        await live_again(desk, am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (COLLECTOR, 3)]

    async def test_what_was_decided_before_waits_as_well(
        self, desk: FrontDesk, am: Partnership, at_airmiles: Counter, mode: Literal["shadow", "test"]
    ) -> None:
        await credited(desk, am, "montreal")
        desk.rebate("i2", 200, lowers="i1", hotel="montreal")
        await desk.read(am)
        await desk.deliver(replace(am, mode=mode))
        await live_again(desk, am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10)]

    async def test_what_is_earned_then_is_rehearsed_and_not_paid(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter, mode: Literal["shadow", "test"]
    ) -> None:
        other = replace(am, mode=mode)
        desk.member("g1", "AM", COLLECTOR)
        desk.stay(hotel="montreal")
        desk.charge("i1", 200, hotel="montreal")
        await desk.read(other)
        await desk.deliver(other)
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(other)
        for _ in range(2):
            assert (await desk.deliver(other)).outcome is JobOutcome.OK
        assert set(await books.states()) == {mode}


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestBeforeItIsSent:
    async def test_the_old_credit_gives_way_to_a_new_one(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        desk.rebate("i2", 10, lowers="i1")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "superseded"), ("credit", 2, 99, "ready")]

    async def test_a_check_out_that_is_undone_takes_the_credit_along(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        desk.edit("Reservations", "r1", State="Started")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "superseded")]
        assert await books.decisions(MM) == {"r1": ("waiting", "not_processed")}
        desk.edit("Reservations", "r1", State="Processed")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "superseded"), ("credit", 2, 110, "ready")]

    async def test_a_folio_that_stays_the_same_changes_nothing(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member()
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        desk.edit("OrderItems", "i1", BillId="b1")
        assert (await desk.read(mm)).written == 1
        assert await books.messages() == [("credit", 1, 110, "ready")]


class TestAtAPartnerThatTakesMilesBack:
    async def test_a_late_rebate_reverses_the_old_credit_and_then_gives_the_new_one(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(am)
        assert await books.messages() == [
            ("credit", 1, 10, "credited"),
            ("reversal", 1, 10, "ready"),
            ("credit", 2, 5, "held"),
        ]
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (COLLECTOR, 5)]
        assert at_airmiles.totals()["miles"] == 5
        assert await books.states() == ["credited"] * 3

    async def test_the_new_credit_waits_as_long_as_the_reversal_is_in_doubt(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(am)
        at_airmiles.fault("lose,times=1", "reverse")
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10)]
        assert await books.states() == ["credited", "held", "in_doubt"]
        desk.later(minutes=2)
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (COLLECTOR, 5)]

    async def test_a_folio_that_changes_back_meanwhile_still_waits_for_the_reversal(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.edit("Reservations", "r1", State="Canceled")
        await desk.read(am)
        assert await books.messages() == [("credit", 1, 10, "credited"), ("reversal", 1, 10, "ready")]
        desk.edit("Reservations", "r1", State="Processed")
        await desk.read(am)
        assert await books.messages() == [
            ("credit", 1, 10, "credited"),
            ("reversal", 1, 10, "ready"),
            ("credit", 2, 10, "held"),
        ]
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (COLLECTOR, 10)]

    async def test_a_refused_reversal_leaves_the_new_credit_to_a_person(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(am)
        at_airmiles.fault("400,times=1", "reverse")
        await desk.deliver(am)
        assert await books.messages() == [
            ("credit", 1, 10, "credited"),
            ("reversal", 1, 10, "refused"),
            ("credit", 2, 5, "suspended"),
        ]
        assert at_airmiles.given() == [(COLLECTOR, 10)]
        assert sorted(reason for reason, _ in await books.cases()) == ["not_reversed", "refused"]

    async def test_a_change_after_a_refused_reversal_is_a_case_for_a_person(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.edit("Reservations", "r1", State="Canceled")
        await desk.read(am)
        at_airmiles.fault("400,times=1", "reverse")
        await desk.deliver(am)
        desk.edit("Reservations", "r1", State="Processed")
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        assert (await desk.read(am)).outcome is JobOutcome.OK
        assert await books.decisions(AM) == {"r1": ("suspended", "not_correctable")}
        texts = [text for reason, text in await books.cases() if reason == "not_correctable"]
        assert texts == [
            "reservation r1: 10 miles were credited, the folio now earns 5; "
            "the partner refused the reversal, agree on the difference with it"
        ]

    async def test_a_difference_below_the_floor_is_left(self, desk: FrontDesk, books: Books, am: Partnership) -> None:
        floor = replace(am, contract=replace(am.contract, correct_from=3))
        await credited(desk, floor, "montreal")
        desk.rebate("i2", 40, lowers="i1", hotel="montreal")
        await desk.read(floor)
        assert await books.messages() == [("credit", 1, 10, "credited")]
        desk.rebate("i3", 20, lowers="i1", hotel="montreal")
        await desk.read(floor)
        assert await books.messages() == [
            ("credit", 1, 10, "credited"),
            ("reversal", 1, 10, "ready"),
            ("credit", 2, 7, "held"),
        ]

    async def test_a_second_change_takes_the_place_of_the_credit_that_waits(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(am)
        desk.rebate("i3", 40, lowers="i1", hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, -10), (COLLECTOR, 3)]
        assert await books.states() == ["credited", "credited", "credited", "superseded"]

    async def test_a_credit_in_doubt_is_resolved_before_it_is_corrected(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        at_airmiles.fault("lose,times=1")
        desk.member("g1", "AM", COLLECTOR)
        desk.stay(hotel="montreal")
        desk.charge("i1", 200, hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(am)
        assert await books.messages() == [("credit", 1, 10, "in_doubt")]
        await desk.deliver(am)
        await desk.read(am)
        await desk.deliver(am)
        assert at_airmiles.totals()["miles"] == 5

    async def test_what_was_refused_is_not_said_again_unless_it_says_something_else(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        at_airmiles.fault("400,times=1")
        await credited(desk, am, "montreal")
        assert await books.states() == ["refused"]
        desk.edit("OrderItems", "i1", BillId="b1")
        assert (await desk.read(am)).written == 1
        assert await books.states() == ["refused"]
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(am)
        assert await books.messages() == [("credit", 1, 10, "refused"), ("credit", 2, 5, "ready")]

    async def test_a_stay_that_is_open_again_keeps_its_miles_until_it_is_closed(
        self, desk: FrontDesk, books: Books, am: Partnership
    ) -> None:
        await credited(desk, am, "montreal")
        desk.edit("Reservations", "r1", State="Started")
        await desk.read(am)
        assert await books.messages() == [("credit", 1, 10, "credited")]


class TestByDifference:
    @pytest.fixture
    def am(self, am: Partnership) -> Partnership:
        return replace(am, contract=replace(am.contract, correction="difference"))

    async def test_what_is_missing_is_posted_with_its_money(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.charge("i2", 110, hotel="montreal")
        await desk.read(am)
        assert await books.messages() == [("credit", 1, 10, "credited"), ("credit", 2, 5, "ready")]
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, 5)]
        bodies = [
            json.loads(bytes(content))
            for (content,) in await books.rows("SELECT content FROM message ORDER BY revision")
        ]
        assert [(b["basketPreTaxAmount"], b["basketGSTAmount"]) for b in bodies] == [(200, 20), (110, 11)]
        assert await books.rows("SELECT miles, revision FROM award") == [(15, 2)]
        assert (await desk.read(am)).written == 0

    async def test_what_is_too_much_is_reversed_before_the_rest_is_posted(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        for net, id_ in ((100, "i2"), (60, "i3")):
            desk.charge(id_, net, hotel="montreal")
            await desk.read(am)
            await desk.deliver(am)
        desk.rebate("i4", 140, lowers="i1", hotel="montreal")  # 220 are left: 11
        await desk.read(am)
        assert await books.messages() == [
            ("credit", 1, 10, "credited"),
            ("credit", 2, 5, "credited"),
            ("reversal", 2, 5, "ready"),
            ("credit", 3, 3, "credited"),
            ("reversal", 3, 3, "held"),
            ("credit", 4, 1, "held"),
        ]
        await desk.deliver(am)
        given = at_airmiles.given()
        assert given == [(COLLECTOR, miles) for miles in (10, 5, 3, -5, -3, 1)]
        assert await books.rows("SELECT miles, revision FROM award") == [(11, 4)]

    async def test_a_refused_reversal_leaves_all_that_waits_for_it_to_a_person(
        self, desk: FrontDesk, books: Books, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.charge("i2", 100, hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        desk.rebate("i3", 140, lowers="i1", hotel="montreal")  # 160 are left: 8
        await desk.read(am)
        at_airmiles.fault("400,times=1", "reverse")
        await desk.deliver(am)
        await desk.read(am)
        assert await books.messages() == [
            ("credit", 1, 10, "credited"),
            ("reversal", 1, 10, "refused"),
            ("credit", 2, 5, "credited"),
            ("reversal", 2, 5, "suspended"),
            ("credit", 3, 8, "suspended"),
        ]
        assert at_airmiles.given() == [(COLLECTOR, 10), (COLLECTOR, 5)]
        assert len(await books.cases()) == 3


class TestAtAPartnerThatDoesNot:
    async def test_the_difference_is_a_case_for_a_person(
        self, desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await credited(desk, mm, "wien")
        desk.rebate("i2", 100, lowers="i1")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 220, "credited")]
        assert await books.decisions(MM) == {"r1": ("suspended", "not_correctable")}
        assert await books.cases() == [
            (
                "not_correctable",
                "reservation r1: 220 miles were credited, the folio now earns 110; "
                "this channel cannot take miles back, agree on the difference with the partner",
            )
        ]
        assert at_uplyft.given() == [(MEMBER, 220)]


class TestRehearsals:
    async def test_what_was_rehearsed_is_not_paid_because_a_folio_changes_after_the_go_live(
        self, desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        shadow = replace(mm, mode="shadow")
        await credited(desk, shadow, "wien")
        desk.rebate("i2", 100, lowers="i1")
        await desk.read(mm)
        await desk.deliver(mm)
        assert await books.states() == ["shadow"]
        assert at_uplyft.given() == []

    async def test_a_revision_is_rehearsed_too(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        shadow = replace(mm, mode="shadow")
        await credited(desk, shadow, "wien")
        desk.rebate("i2", 100, lowers="i1")
        await desk.read(shadow)
        await desk.deliver(shadow)
        assert await books.messages() == [("credit", 1, 220, "shadow"), ("credit", 2, 110, "shadow")]

    async def test_a_hold_that_starts_again_leaves_what_was_credited(
        self, desk: FrontDesk, books: Books, am: Partnership
    ) -> None:
        held = replace(am, contract=replace(am.contract, hold=Hold("after", timedelta(0))))
        await credited(desk, held, "montreal")
        longer = replace(am, contract=replace(am.contract, hold=Hold("after", timedelta(days=30))))
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(longer)
        assert await books.messages() == [("credit", 1, 10, "credited")]
        assert await books.decisions(AM) == {"r1": ("waiting", "hold")}


class TestWithOfferCodes:
    """Base miles under the partner's own offer code, bonus miles under another one."""

    @pytest.fixture
    def am(self, am: Partnership) -> Partnership:
        bonus = Rule(
            basis="spend", miles=Decimal(1), per=Decimal(50), currency="CAD", amount="net", offer_code="STANDAR2"
        )
        return replace(am, contract=replace(am.contract, rules=(*am.contract.rules, bonus)))

    def issued(self, at_airmiles: Counter) -> list[tuple[str, list[tuple[str, int]]]]:
        details = [(each["kind"], each["detail"]["issuances"]) for each in at_airmiles.journal.credits()]
        return [(kind, [(one["issuanceOfferCode"], one["milesAmount"]) for one in parts]) for kind, parts in details]

    async def test_a_reversal_takes_back_each_share(
        self, desk: FrontDesk, am: Partnership, at_airmiles: Counter
    ) -> None:
        await credited(desk, am, "montreal")
        desk.rebate("i2", 100, lowers="i1", hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        assert self.issued(at_airmiles) == [
            ("credit", [("STANDARD", 10), ("STANDAR2", 4)]),
            ("reversal", [("STANDARD", 10), ("STANDAR2", 4)]),
            ("credit", [("STANDARD", 5), ("STANDAR2", 2)]),
        ]

    async def test_a_difference_has_the_shares_that_are_missing(
        self, desk: FrontDesk, am: Partnership, at_airmiles: Counter
    ) -> None:
        am = replace(am, contract=replace(am.contract, correction="difference"))
        await credited(desk, am, "montreal")
        desk.charge("i2", 110, hotel="montreal")
        await desk.read(am)
        await desk.deliver(am)
        assert self.issued(at_airmiles) == [
            ("credit", [("STANDARD", 10), ("STANDAR2", 4)]),
            ("credit", [("STANDARD", 5), ("STANDAR2", 2)]),
        ]
