"""Partners are told nothing of who does not want that: by their own word, the scheme's, or Mews's classification."""

from __future__ import annotations

import pytest

from connector.domain.grants import Grant
from connector.domain.members import Member
from connector.errors import Skippable
from connector.jobs.contracts import Partnership
from connector.jobs.counter import Counter as GrantCounter
from connector.store import members, partner_numbers, sharing
from connector.store.resolutions import Signature
from connector.store.rows import upsert
from connector.store.tables.members import Link
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import COLLECTOR, MEMBER, MM, NOW, air_miles, miles_and_more
from tests.integration.earning.front_desk import FrontDesk

OPTED_OUT = {"r1": ("excluded", "opted_out")}


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    return miles_and_more(at_uplyft.uplyft())


@pytest.fixture
def desk(desk: FrontDesk) -> FrontDesk:
    """A member whose stay is checked out."""
    desk.member()
    desk.stay()
    desk.charge("i1", 100)
    return desk


async def opts_out(desk: FrontDesk, guest: str = "g1") -> None:
    async with desk.database.write() as connection:
        await sharing.opt_out(connection, sharing.GUEST, guest, Signature("anna", NOW, "by letter"))


async def opts_in(desk: FrontDesk, guest: str = "g1") -> None:
    async with desk.database.write() as connection:
        assert await sharing.opt_in(connection, sharing.GUEST, guest)


async def scheme_says(desk: FrontDesk, share: bool | None, generation: int = 1) -> None:
    chain, member = desk.chain(), Member("m1", share=share)
    row = {"member_id": "m1", "account_id": "g1", "method": "mews_id", "linked_at": NOW}
    async with desk.database.write() as connection:
        await upsert(connection, Link, [row])
        await sharing.decide_again(connection, sharing.MEMBER, await sharing.otherwise(connection, [member]))
        await members.save(connection, [member], generation, chain.member_keys, chain.hasher.whole)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_nothing_is_sent_of_a_guest_who_opted_out_although_the_award_was_made(
    desk: FrontDesk, books: Books, at_uplyft: Counter, mm: Partnership
) -> None:
    await desk.read(mm)
    assert await books.states() == ["ready"]
    await opts_out(desk)
    await desk.deliver(mm)
    assert (at_uplyft.given(), await books.states()) == ([], ["superseded"])
    await desk.read(mm)
    await desk.deliver(mm)
    assert await books.decisions(MM) == OPTED_OUT
    assert at_uplyft.given() == []
    await opts_in(desk)
    await desk.read(mm)
    await desk.deliver(mm)
    assert at_uplyft.given() == [(MEMBER, 110)]


@pytest.fixture
def am(desk: FrontDesk, at_airmiles: Counter) -> Partnership:
    """AIR MILES, which takes miles back, and a stay for it."""
    desk.member("g2", "AM", COLLECTOR)
    desk.stay("r2", "g2", "montreal")
    desk.charge("i3", 200, "r2", "montreal")
    return air_miles(at_airmiles.airmiles())


async def test_what_was_told_stays_told_and_is_not_corrected(
    desk: FrontDesk, at_airmiles: Counter, am: Partnership
) -> None:
    await desk.read(am)
    await desk.deliver(am)
    await opts_out(desk, "g2")
    desk.rebate("i4", 100, "i3", "r2", "montreal")
    await desk.read(am)
    await desk.deliver(am)
    assert at_airmiles.given() == [(COLLECTOR, 10)]
    await opts_in(desk, "g2")
    for _ in range(2):
        await desk.read(am)
        await desk.deliver(am)
    assert sum(miles for _, miles in at_airmiles.given()) == 5


async def test_a_correction_that_began_comes_to_its_end(
    desk: FrontDesk, books: Books, at_airmiles: Counter, am: Partnership
) -> None:
    await desk.read(am)
    await desk.deliver(am)
    desk.rebate("i4", 100, "i3", "r2", "montreal")
    at_airmiles.fault("lose,times=1")
    await desk.read(am)
    await desk.deliver(am)
    await opts_out(desk, "g2")
    for _ in range(3):
        desk.later(minutes=30)
        await desk.read(am)
        await desk.deliver(am)
    assert await books.states() == ["credited"] * 3
    assert sum(miles for _, miles in at_airmiles.given()) == 5


async def test_a_profile_that_was_merged_keeps_its_word(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    desk.guest("g0")
    await desk.read()
    await opts_out(desk, "g0")
    desk.merge("g0", "g1")
    await desk.read(mm)
    assert await books.decisions(MM) == OPTED_OUT


async def test_the_scheme_can_say_no_and_yes_again(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    await scheme_says(desk, share=False)
    await desk.read(mm)
    assert await books.decisions(MM) == OPTED_OUT
    await scheme_says(desk, share=None, generation=2)
    await desk.read(mm)
    assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}


async def test_a_classification_of_mews_can_say_no(desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
    desk.edit("Customers", "g1", Classifications=["Blacklist"])
    mm = miles_and_more(at_uplyft.uplyft(), contract={"opt_out": frozenset({"Blacklist"})})
    await desk.read(mm)
    assert await books.decisions(MM) == OPTED_OUT


async def test_no_miles_are_granted_to_a_number_of_who_opted_out(desk: FrontDesk, mm: Partnership) -> None:
    await desk.read(mm)
    await opts_out(desk)
    counter = GrantCounter(desk.chain(), mm, None, NOW)
    with pytest.raises(Skippable, match="does not want partners to be told anything"):
        async with desk.database.write() as connection:
            await counter.give(connection, Grant("birthday", MEMBER, 50, NOW.date()), "anna", "goodwill")


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_no_partner_number_is_written_for_who_opted_out(desk: FrontDesk, mm: Partnership) -> None:
    await desk.read(mm)
    for share, expected in ((None, ["m1"]), (False, []), (True, ["m1"])):
        await scheme_says(desk, share)
        async with desk.database.write() as connection:
            told = Member("m1", share=share, partner_numbers={"AM": "80085102028"})
            await members.save_partner_numbers(connection, [told], ["AM"])
            found = await partner_numbers.page(connection, "AM", "p-AM", 1, "", 10)
        assert [each.member_id for each in found] == expected
    await opts_out(desk)
    async with desk.database.read() as connection:
        assert await partner_numbers.page(connection, "AM", "p-AM", 1, "", 10) == []
