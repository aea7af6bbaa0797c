"""The clock of the connector's machine is wrong: no hold ends before it is over by Mews's clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.domain.contract import Hold
from connector.jobs.contracts import Partnership
from tests.integration.earning.books import Books
from tests.integration.earning.chain import MM
from tests.integration.earning.front_desk import FrontDesk


async def test_a_clock_that_is_set_ahead_ends_no_hold_and_one_that_is_set_back_loses_no_award(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    held = replace(mm, contract=replace(mm.contract, hold=Hold("after", timedelta(days=7))))
    desk.member()
    desk.stay()
    desk.charge("i1", 100)
    desk.clock.advance(days=30)
    await desk.read(held)
    assert await books.decisions(MM) == {"r1": ("waiting", "hold")}
    assert await books.messages() == []
    desk.clock.advance(days=-30, minutes=-40)
    await desk.read(held)
    assert await books.decisions(MM) == {"r1": ("waiting", "hold")}
    desk.later(days=7, hours=1)
    await desk.read(held)
    assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}
