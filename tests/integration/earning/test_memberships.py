"""Whose membership earns, and when that is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.contract import Hold
from connector.jobs.contracts import Partnership
from connector.mews.client import Mews
from tests.integration.earning.books import Books
from tests.integration.earning.chain import (
    MM,
    PAYMENT_CARD,
)
from tests.integration.earning.front_desk import FrontDesk, wire


class TestMemberships:
    async def test_a_number_typed_after_the_decision_earns_nothing(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.guest("g1")
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        desk.membership("m1", "g1")
        desk.charge("i2", 20)
        desk.later(days=2)
        await desk.read(mm)
        assert await books.decisions(MM) == {"r1": ("excluded", "no_membership")}
        assert await books.messages() == []

    async def test_a_number_typed_just_before_check_out_earns_although_the_pass_had_begun(
        self, desk: FrontDesk, books: Books, mm: Partnership, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.guest("g1")
        desk.stay(State="Started")
        desk.charge("i1", 100)
        chain = desk.chain()
        await desk.read(mm, chain=chain)
        read = Mews.pages

        def checked_out_meanwhile(mews: Mews, operation: str, *rest: Any, **named: Any) -> Any:
            if operation.startswith("reservations/") and not desk.state.named("LoyaltyMemberships", ["m1"]):
                typed, left = (wire(desk.clock.moment - timedelta(seconds=ago)) for ago in (3, 2))
                desk.membership("m1", "g1", _UpdatedUtc=typed)
                desk.edit("Reservations", "r1", State="Processed", UpdatedUtc=left, _UpdatedUtc=left)
            return read(mews, operation, *rest, **named)

        monkeypatch.setattr(Mews, "pages", checked_out_meanwhile)
        await desk.read(mm, chain=chain)
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}

    async def test_a_corrected_number_is_found_after_a_day(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member("g1", number="99200")
        desk.stay()
        desk.charge("i1", 100)
        await desk.read(mm)
        assert await books.decisions(MM) == {"r1": ("suspended", "bad_number")}
        (case,) = await books.cases()
        assert "99200" not in case[1]
        desk.edit("LoyaltyMemberships", "m-g1-MM", MembershipNumber="992003669288601")
        await desk.read(mm)
        assert await books.messages() == []
        desk.later(days=1)
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 110, "ready")]
        assert await books.cases() == []

    async def test_a_merged_guest_earns_with_the_membership_of_the_profile_that_lives(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        held = replace(mm, contract=replace(mm.contract, hold=Hold("after", timedelta(days=1))))
        desk.member("g1", number="992003669288601")
        desk.member("g2", number="992000000000005")
        desk.stay("r1", "g1")
        desk.charge("i1", 100)
        await desk.read(held)
        desk.merge("g1", "g2")
        desk.later(days=1)
        await desk.read(held)
        assert await books.rows("SELECT member_number, membership_id FROM award") == [("992000000000005", "m-g2-MM")]

    async def test_a_merge_after_the_award_changes_nothing(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.member("g1")
        desk.member("g2", number="992000000000005")
        desk.stay("r1", "g1")
        desk.charge("i1", 100)
        await desk.read(mm)
        desk.merge("g1", "g2")
        desk.rebate("i2", 20, lowers="i1")
        await desk.read(mm)
        assert await books.rows("SELECT member_number FROM award") == [("992003669288601",)]

    async def test_a_payment_card_ends_at_the_door(
        self, desk: FrontDesk, books: Books, mm: Partnership, capsys: pytest.CaptureFixture[str]
    ) -> None:
        desk.member("g1", number=PAYMENT_CARD)
        desk.guest("g2", LoyaltyCode=PAYMENT_CARD)
        desk.membership("m-g2", "g2", number="4111 1111 1111 1111")
        for guest in ("g1", "g2"):
            desk.stay(f"r-{guest}", guest)
            desk.charge(f"i-{guest}", 100, f"r-{guest}")
        await desk.read(mm)
        assert await books.decisions(MM) == {
            "r-g1": ("suspended", "payment_card"),
            "r-g2": ("suspended", "payment_card"),
        }
        assert await books.messages() == []
        said, kept = capsys.readouterr().out, await books.everything()  # the logs of all levels are in what was said
        for digits in (PAYMENT_CARD, "11111111", "1111 1111"):
            assert digits not in said
            assert digits not in kept
