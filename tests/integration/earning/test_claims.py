"""A stay whose number was missing is claimed: the same rules, the same award, never a second one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.awards import Kind, award_id, message_key
from connector.errors import Misconfigured, Refused
from connector.jobs.claims import Claim, Claimed, claim
from connector.jobs.contracts import Partnership
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    AM,
    CHAIN_ID,
    COLLECTOR,
    MEMBER,
    MM,
    PAYMENT_CARD,
    air_miles,
    miles_and_more,
    runner_for,
)
from tests.integration.earning.front_desk import FrontDesk

OTHER = "992000000000005"


async def claimed(
    desk: FrontDesk, *partnerships: Partnership, word: str = "n-r1", partner: str = MM, number: str = MEMBER
) -> Claimed:
    runner = runner_for(desk.chain(), partnerships)
    return await claim(runner, Claim(word, partner, number), Signature("anna", desk.clock.now(), "card found"))


def without_number(desk: FrontDesk) -> None:
    desk.guest("g1")
    desk.stay("r1", "g1")
    desk.charge("i1", 200)


class TestAClaim:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_makes_the_award_that_the_number_would_have_made_and_is_delivered_once(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        mm = miles_and_more(at_uplyft.uplyft())
        without_number(desk)
        await desk.read(mm)
        assert await books.decisions(MM) == {"r1": ("excluded", "no_membership")}
        made = await claimed(desk, mm, number="9920 0366-9288 601")
        assert (made.miles, made.member, made.again) == (220, "***********8601", False)
        assert made.award_id == award_id(CHAIN_ID, "r1", MM, "owner")
        key = message_key(CHAIN_ID, "r1", MM, "owner", Kind.CREDIT, 1)
        assert await books.rows("SELECT key FROM message") == [(str(key),)]
        assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}
        for _ in range(2):
            await desk.deliver(mm)
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_is_signed_in_the_award_s_history(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        without_number(desk)
        await desk.read(mm)
        await claimed(desk, mm)
        signed = await books.rows("SELECT actor, after, detail FROM history")
        assert signed == [("anna", "ready", "claim: card found")]

    async def test_keeps_the_number_in_award_and_message_only(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        without_number(desk)
        await desk.read(mm)
        await claimed(desk, mm)
        for name in ("decision", "history", "suspense", "membership", "claim", "fact"):
            assert MEMBER not in repr(await books.rows(f"SELECT * FROM {name}")), name

    async def test_a_second_time_is_the_same_award(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        without_number(desk)
        await desk.read(mm)
        first = await claimed(desk, mm)
        assert await claimed(desk, mm) == replace(first, again=True)
        assert len(await books.messages()) == 1

    async def test_a_membership_that_appears_afterwards_pays_nothing_more(
        self, desk: FrontDesk, books: Books, at_uplyft: Counter
    ) -> None:
        mm = miles_and_more(at_uplyft.uplyft())
        without_number(desk)
        await desk.read(mm)
        await claimed(desk, mm)
        await desk.deliver(mm)
        desk.membership("m1", "g1", number=OTHER)
        desk.edit("Reservations", "r1", Number="n-r1-changed")
        await desk.read(mm)
        await desk.deliver(mm)
        assert at_uplyft.given() == [(MEMBER, 220)]
        assert await books.rows("SELECT member_number, miles FROM award") == [(MEMBER, 220)]

    async def test_a_late_rebate_before_the_send_is_followed(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        without_number(desk)
        await desk.read(mm)
        await claimed(desk, mm)
        desk.rebate("i2", 50, lowers="i1")
        await desk.read(mm)
        assert await books.messages() == [("credit", 1, 220, "superseded"), ("credit", 2, 165, "ready")]

    async def test_of_a_number_that_the_partner_refused_is_corrected_by_another_one(
        self, desk: FrontDesk, books: Books, at_airmiles: Counter
    ) -> None:
        am = air_miles(at_airmiles.airmiles())
        desk.guest("g1")
        desk.stay("r1", "g1", "montreal")
        desk.charge("i1", 200, hotel="montreal")
        await desk.read(am)
        first = await claimed(desk, am, partner=AM, number="80000000110")
        with pytest.raises(Refused, match="claimed for another number"):
            await claimed(desk, am, partner=AM, number=COLLECTOR)
        at_airmiles.fault("400,times=1")
        await desk.deliver(am)
        assert (await claimed(desk, am, partner=AM, number=COLLECTOR)).award_id == first.award_id
        assert await books.messages() == [("credit", 1, 10, "refused"), ("credit", 2, 10, "ready")]
        await desk.read(am)
        await desk.deliver(am)
        assert at_airmiles.given() == [(COLLECTOR, 10)]
        with pytest.raises(Refused, match="claimed for another number"):
            await claimed(desk, am, partner=AM, number="80000000110")

    @pytest.mark.parametrize("number", [PAYMENT_CARD, "12"])
    async def test_mends_a_stay_whose_number_could_not_be_paid_to(
        self, desk: FrontDesk, books: Books, mm: Partnership, number: str
    ) -> None:
        desk.member("g1", number=number)
        desk.stay("r1", "g1")
        desk.charge("i1", 200)
        await desk.read(mm)
        assert len(await books.cases()) == 1
        assert (await claimed(desk, mm)).miles == 220
        assert await books.cases() == []


class TestNoClaim:
    async def refused(self, desk: FrontDesk, books: Books, *partnerships: Partnership, **words: str) -> str:
        before = await books.everything()
        with pytest.raises(Refused) as caught:
            await claimed(desk, *partnerships, **words)
        kept = (await books.everything()).splitlines()
        assert [line for line in before.splitlines() if line not in kept] == [], "nothing half is left"
        return str(caught.value)

    async def test_for_a_stay_that_was_awarded(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        desk.member("g1")
        desk.stay("r1", "g1")
        desk.charge("i1", 200)
        await desk.read(mm)
        text = await self.refused(desk, books, mm, number=OTHER)
        assert text == f"claim: the stay was awarded at {MM} already, 220 miles for ***********8601"

    async def test_for_a_stay_that_was_claimed_for_somebody_else(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        without_number(desk)
        await desk.read(mm)
        await claimed(desk, mm)
        assert "claimed for another number" in await self.refused(desk, books, mm, number=OTHER)

    async def test_where_the_primary_partner_was_paid(
        self, desk: FrontDesk, books: Books, mm: Partnership, am: Partnership
    ) -> None:
        desk.member("g1", "AM", COLLECTOR)
        desk.stay("r1", "g1", "montreal")
        desk.charge("i1", 200, hotel="montreal")
        await desk.read(mm, am)
        text = await self.refused(desk, books, mm, am)
        assert text == f"claim: n-r1 was awarded at {AM} already, 10 miles"

    async def test_after_the_window(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        without_number(desk)
        await desk.read(mm)
        short = replace(mm, contract=replace(mm.contract, claim_window=timedelta(days=3)))
        desk.later(days=4)
        assert "expected a claim within 3 days (claim_window)" in await self.refused(desk, books, short)

    async def test_before_anything_was_decided(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        without_number(desk)
        desk.edit("Reservations", "r1", State="Started")
        await desk.read(mm)
        assert "was not decided yet" in await self.refused(desk, books, mm)

    async def test_for_a_stay_that_the_contract_does_not_pay(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        desk.guest("g1")
        desk.stay("r1", "g1")
        desk.charge("i1", 0.5)
        await desk.read(mm)
        text = await self.refused(desk, books, mm)
        assert text == f"claim: n-r1 earns nothing at {MM}: the stay comes to less than one mile"
        assert await books.decisions(MM) == {"r1": ("excluded", "no_membership")}

    async def test_for_another_reason_than_the_number(self, desk: FrontDesk, books: Books, mm: Partnership) -> None:
        without_number(desk)
        desk.edit("Reservations", "r1", State="Canceled")
        later = replace(mm, contract=replace(mm.contract, start=desk.clock.now().date() + timedelta(days=9)))
        desk.edit("Reservations", "r1", State="Processed")
        await desk.read(later)
        assert f"lacks no member number at {MM}: it is excluded, departed on" in await self.refused(desk, books, later)

    @pytest.mark.parametrize("number", [PAYMENT_CARD, "4111 1111 1111 1111", "123456789", ""])
    async def test_for_what_is_no_number(self, desk: FrontDesk, books: Books, mm: Partnership, number: str) -> None:
        without_number(desk)
        await desk.read(mm)
        with pytest.raises(Misconfigured, match="the member number is not taken") as caught:
            await claimed(desk, mm, number=number)
        assert not number or number not in str(caught.value)
        assert await books.messages() == []

    async def test_with_a_wrong_check_digit_where_that_is_strict(
        self, desk: FrontDesk, books: Books, mm: Partnership
    ) -> None:
        without_number(desk)
        await desk.read(mm)
        strict = replace(mm, contract=replace(mm.contract, number_check="strict"))
        with pytest.raises(Misconfigured, match="check digit"):
            await claimed(desk, strict, number="992001234567894")
        assert (await claimed(desk, mm, number="992001234567894")).warning == "its check digit does not fit"

    async def test_for_a_stay_that_nobody_knows(self, desk: FrontDesk, mm: Partnership) -> None:
        without_number(desk)
        await desk.read(mm)
        with pytest.raises(Misconfigured, match="no reservation 'n-r9' is known"):
            await claimed(desk, mm, word="n-r9")
