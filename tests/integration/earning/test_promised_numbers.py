"""A stay whose number the scheme knows and Mews does not have yet: it waits for alignment, and is not lost."""

from __future__ import annotations

import pytest

from connector.domain.members import Member
from connector.jobs.contracts import Partnership
from connector.store import members
from connector.store.rows import upsert
from connector.store.tables.members import Link
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import MEMBER, MM, NOW, miles_and_more
from tests.integration.earning.front_desk import FrontDesk

AWAITED = ("waiting", "number_not_written")
NOBODY = ("excluded", "no_membership")


@pytest.fixture
async def known(desk: FrontDesk) -> FrontDesk:
    """A stay of a guest whose number at Miles & More is in the scheme only."""
    desk.guest("g1")
    desk.stay("r1", "g1")
    desk.charge("i1", 200)
    await scheme_knows(desk, "MM")
    return desk


async def scheme_knows(desk: FrontDesk, program: str, unlinked: bool = False) -> None:
    row = {"member_id": "m1", "account_id": "g1", "method": "mews_id", "linked_at": NOW}
    async with desk.database.write() as connection:
        await upsert(connection, Link, [row | {"unlinked_at": NOW if unlinked else None}])
        told = Member("m1", partner_numbers={program: MEMBER})
        await members.save_partner_numbers(connection, [told], ["MM", "AM"])


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_the_stay_waits_and_earns_once_the_number_is_in_mews(
    known: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    await known.read(mm)
    assert await books.decisions(MM) == {"r1": AWAITED}
    known.membership("m-g1", "g1")
    known.later(hours=1)
    await known.read(mm)
    await known.deliver(mm)
    assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}
    assert at_uplyft.given() == [(MEMBER, 220)]


async def test_of_a_number_at_another_partner_nothing_is_expected(
    known: FrontDesk, books: Books, mm: Partnership
) -> None:
    await scheme_knows(known, "AM")
    await known.read(mm)
    assert await books.decisions(MM) == {"r1": NOBODY}


async def test_nor_of_a_member_who_is_linked_to_the_guest_no_more(
    known: FrontDesk, books: Books, mm: Partnership
) -> None:
    await scheme_knows(known, "MM", unlinked=True)
    await known.read(mm)
    assert await books.decisions(MM) == {"r1": NOBODY}


async def test_nor_where_staff_deleted_the_membership(known: FrontDesk, books: Books, mm: Partnership) -> None:
    known.membership("m-g1", "g1")
    await known.read(mm)
    known.edit("LoyaltyMemberships", "m-g1", _DeletedUtc="now")
    known.stay("r2", "g1")
    known.charge("i2", 200, "r2")
    await known.read(mm)
    assert (await books.decisions(MM))["r2"] == NOBODY


async def test_it_does_not_wait_for_ever(known: FrontDesk, books: Books, mm: Partnership) -> None:
    await known.read(mm)
    known.later(days=89)
    await known.read(mm)
    assert await books.decisions(MM) == {"r1": AWAITED}
    known.later(days=3)
    await known.read(mm)
    assert await books.decisions(MM) == {"r1": NOBODY}
