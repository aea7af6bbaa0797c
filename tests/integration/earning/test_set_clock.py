"""This machine's clock is set while the daemon runs: no stream is read up to a moment that Mews has not reached."""

from __future__ import annotations

from connector.jobs.contracts import Partnership
from tests.integration.earning.books import Books
from tests.integration.earning.chain import MM
from tests.integration.earning.front_desk import FrontDesk


async def test_what_is_checked_out_after_a_late_clock_was_set_right_is_awarded(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    desk.member()
    desk.clock.advance(minutes=-40)
    await desk.read(mm)
    desk.clock.advance(minutes=40)  # how far Mews is ahead was heard under the clock before
    await desk.read(mm)
    desk.later(minutes=10)
    desk.stay(UpdatedUtc=f"{desk.state.now():%Y-%m-%dT%H:%M:%SZ}")
    desk.charge("i1", 100)
    desk.later(minutes=4)
    await desk.read(mm)
    assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}
