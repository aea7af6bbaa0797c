"""Properties that come and go: nobody is paid by a folio that is not read any more, and nothing new is passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.domain.contract import Hold
from connector.jobs.contracts import Partnership
from connector.sandbox.mews import edits
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import MM, chain_for, runner_for
from tests.integration.earning.front_desk import FrontDesk, wire


async def test_stays_of_a_property_that_left_the_settings_wait_until_it_is_read_again(
    desk: FrontDesk, books: Books, mm: Partnership, at_uplyft: Counter
) -> None:
    held = replace(mm, channel=at_uplyft.uplyft(), contract=replace(mm.contract, hold=Hold("after", timedelta(days=7))))
    desk.member()
    desk.stay()
    desk.charge("i1", 100)
    await desk.read(held)
    desk.later(days=1)
    desk.rebate("i2", 100, lowers="i1")
    desk.later(days=8)
    others = chain_for(desk.database, desk.clock, {"montreal": desk._token("montreal", {})})
    report = await desk.read(held, chain=others)
    assert report.warnings == ["stays wait at Wien: no access token reads it; [mews.properties] had one"]
    await runner_for(others, [held]).run("deliver")
    assert await books.decisions(MM) == {"r1": ("waiting", "hold")}
    report = await desk.read(held)
    await desk.deliver(held)
    assert report.warnings == []
    assert await books.decisions(MM) == {"r1": ("excluded", "no_rule")}
    assert at_uplyft.given() == []


async def test_a_property_without_open_stays_that_left_the_settings_is_not_told_of(
    desk: FrontDesk, mm: Partnership
) -> None:
    await desk.read(mm)
    others = chain_for(desk.database, desk.clock, {"montreal": desk._token("montreal", {})})
    assert (await desk.read(mm, chain=others)).warnings == []


async def test_stays_of_a_new_service_of_a_portfolio_are_read_when_it_is_known(
    desk: FrontDesk, books: Books, mm: Partnership
) -> None:
    desk.member()
    await desk.read(mm, chain=desk.portfolio())
    desk.later(minutes=10)
    edits.add(desk.state, "Services", {"Id": "s-apartments", "EnterpriseId": "e-wien"})
    desk.stay(ServiceId="s-apartments", UpdatedUtc=wire(desk.state.now()))
    desk.charge("i1", 100)
    await desk.read(mm, chain=desk.portfolio())
    desk.later(hours=2)  # the services are asked for every hour
    await desk.read(mm, chain=desk.portfolio())
    assert await books.decisions(MM) == {"r1": ("awarded", "awarded")}
    assert await books.cases() == []
