"""Stays that somebody else credited before: nothing is earned by them here, and nothing can be claimed for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.errors import Misconfigured, Refused
from connector.jobs.claims import Claim, claim
from connector.jobs.contracts import Partnership
from connector.jobs.imports import Credited, Imported, import_credits
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import CHECK_OUT, MEMBER, MM, miles_and_more, runner_for
from tests.integration.earning.front_desk import FrontDesk, wire

ELSEWHERE = ("excluded", "credited_elsewhere")


async def imported(desk: FrontDesk, mm: Partnership, *words: str, partner: str = MM) -> Imported:
    lines = [Credited(line, word) for line, word in enumerate(words, 2)]
    signature = Signature("anna", desk.clock.now(), "the predecessor's list")
    return await import_credits(runner_for(desk.chain(), (mm,)), partner, lines, signature)


def two_stays(desk: FrontDesk) -> None:
    desk.member("g1")
    desk.stay("r1", "g1")
    left = CHECK_OUT - timedelta(days=9)
    desk.stay("r2", "g1", ScheduledStartUtc=wire(left - timedelta(days=2)), ScheduledEndUtc=wire(left))
    desk.edit("Reservations", "r2", ActualEndUtc=wire(left))
    for stay in ("r1", "r2"):
        desk.charge(f"i-{stay}", 200, stay=stay)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_a_stay_credited_elsewhere_earns_nothing_and_what_was_not_sent_is_taken_back(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    two_stays(desk)
    await desk.read(mm)
    assert await books.states() == ["ready", "ready"]
    assert await imported(desk, mm, "n-r1") == Imported(marked=1)
    await desk.read(mm)
    assert await books.decisions(MM) == {"r1": ELSEWHERE, "r2": ("awarded", "awarded")}
    assert await books.states() == ["ready", "superseded"]
    await desk.deliver(mm)
    assert at_uplyft.given() == [(MEMBER, 220)]
    assert await imported(desk, mm, "n-r1", "r1") == Imported(before=1)


async def test_the_mark_says_who_made_it_and_why(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    two_stays(desk)
    await desk.read(mm)
    await imported(desk, mm, "n-r1")
    rows = await books.rows("SELECT partner, reservation_id, miles, imported_by, note FROM elsewhere")
    assert rows == [(MM, "r1", None, "anna", "the predecessor's list")]


async def test_it_cannot_be_claimed(desk: FrontDesk, mm: Partnership) -> None:
    desk.guest("g1")
    desk.stay("r1", "g1")
    desk.charge("i1", 200)
    await desk.read(mm)
    await imported(desk, mm, "r1")
    runner = runner_for(desk.chain(), (mm,))
    with pytest.raises(Refused, match="were given elsewhere, as was imported"):
        await claim(runner, Claim("n-r1", MM, MEMBER), Signature("anna", desk.clock.now(), None))


async def test_a_folio_that_changes_later_earns_nothing_either(desk: FrontDesk, books: Books, mm: Partnership) -> None:
    two_stays(desk)
    await desk.read(mm)
    await imported(desk, mm, "n-r1")
    desk.charge("late", 100, stay="r1")
    await desk.read(mm)
    assert (await books.decisions(MM))["r1"] == ELSEWHERE


async def test_what_was_sent_from_here_is_not_marked(desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    two_stays(desk)
    await desk.read(mm)
    await desk.deliver(mm)
    done = await imported(desk, mm, "n-r1", "n-r2")
    assert done == Imported(
        refused=[f"line 2: 'n-r1' was sent to {MM} from here", f"line 3: 'n-r2' was sent to {MM} from here"]
    )
    await desk.read(mm)
    assert await books.states() == ["credited", "credited"]


async def test_a_line_that_names_no_stay_or_several_is_told_and_the_others_go_on(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    two_stays(desk)
    desk.edit("Reservations", "r2", ChannelNumber="n-r1")
    await desk.read(mm)
    done = await imported(desk, mm, "n-r1", "n-r9", "r2")
    assert (done.marked, done.before) == (1, 0)
    assert done.refused == [
        "line 2: 'n-r1' names 2 reservations; expected the id of one",
        "line 3: 'n-r9' is no reservation that was read",
    ]
    assert await books.rows("SELECT reservation_id FROM elsewhere") == [("r2",)]


async def test_only_for_a_partner_of_ours(desk: FrontDesk, mm: Partnership) -> None:
    two_stays(desk)
    await desk.read(mm)
    with pytest.raises(Misconfigured, match="no partner is called 'somebody'"):
        await imported(desk, mm, "r1", partner="somebody")
