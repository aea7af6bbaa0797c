"""Each message is credited once, or at most once where the channel has no key, whenever its sender dies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.jobs import deliver as delivery
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.report import JobOutcome
from connector.partners.uplyft import Form
from connector.ports import PartnerRequest, Receipt
from connector.store import retired, takeover
from connector.store.retired import Retirement
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.recorder import Recorder
from tests.integration.delivery.sending import deliver, dies, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import (
    MEMBER,
    MM,
    HandClock,
    chain_for,
    miles_and_more,
    runner_for,
)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestChannelsWithoutAKey:
    @pytest.mark.parametrize("fault", ["lose", "500", "garbage"])
    async def test_a_doubt_goes_to_a_person_and_is_never_sent_again(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter, fault: str
    ) -> None:
        mm = miles_and_more(at_uplyft.uplyft(form=Form(unique_id=False)))
        await check_out(chain, mm, MEMBER)
        at_uplyft.fault(f"{fault},times=1")
        for _ in range(3):
            await deliver(chain, mm)
            clock.advance(hours=1)
        assert await books.states() == ["suspended"]
        assert at_uplyft.plan.as_json()["faults"][0]["seen"] == 1
        ((_, text),) = await books.cases()
        assert "ask Uplyft whether the miles were given" in text

    async def test_a_sender_that_died_leaves_a_case_for_a_person(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        mm = miles_and_more(at_uplyft.uplyft(form=Form(unique_id=False)))
        await check_out(chain, mm, MEMBER)
        await dies(chain, mm, sends=True)
        clock.advance(minutes=6)
        await deliver(chain_for(chain.database, clock), mm)
        assert await books.states() == ["suspended"]
        assert at_uplyft.given() == [(MEMBER, 220)]
        assert len(await books.cases()) == 1
        assert await books.rows("SELECT * FROM lane") == []


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestDeaths:
    @pytest.mark.parametrize("passed", [6, -60], ids=["later", "by_a_clock_that_is_set_back"])
    @pytest.mark.parametrize("sends", [False, True], ids=["before_the_send", "after_the_send"])
    async def test_a_sender_that_died_is_followed_by_one_that_credits_once(
        self,
        chain: Chain,
        clock: HandClock,
        books: Books,
        mm: Partnership,
        at_uplyft: Counter,
        *,
        sends: bool,
        passed: int,
    ) -> None:
        await check_out(chain, mm, *members(3))
        await dies(chain, mm, sends=sends)
        assert await books.states() == ["in_flight"] * 3
        clock.advance(minutes=passed)
        await deliver(chain_for(chain.database, clock), mm)
        assert await books.states() == ["credited"] * 3
        assert sorted(at_uplyft.given()) == [(number, 220) for number in members(3)]
        befores = await books.rows("SELECT DISTINCT after FROM history WHERE before = 'in_flight'")
        assert sorted(befores) == [("credited",), ("in_doubt",)], "never ready"

    async def test_many_deaths_are_no_failures_of_a_message(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        mm = miles_and_more(at_uplyft.uplyft())
        await check_out(chain, mm, MEMBER)
        for _ in range(mm.pacing.max_attempts + 1):
            await dies(chain_for(chain.database, clock), mm, sends=False)
            clock.advance(hours=2)
        at_uplyft.fault("500,times=1")
        await deliver(chain_for(chain.database, clock), mm)
        assert await books.rows("SELECT state, attempts FROM message") == [("in_doubt", 1)]
        clock.advance(hours=2)
        await deliver(chain_for(chain.database, clock), mm)
        assert await books.states() == ["credited"]
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_a_lease_that_lasts_is_respected(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        await dies(chain, mm, sends=False)
        clock.advance(minutes=4)
        await deliver(chain_for(chain.database, clock), mm)
        assert await books.states() == ["in_flight"]
        assert at_uplyft.given() == []

    async def test_who_holds_the_lock_takes_over_at_once(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        await dies(chain, mm, sends=True)
        async with chain.database.write() as connection:
            await takeover.take_over(connection, lambda owner: owner == chain.owner, clock.now())
        await deliver(chain_for(chain.database, clock), mm)
        assert await books.states() == ["credited"]
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_no_request_begins_that_could_outlive_its_lease(
        self, chain: Chain, clock: HandClock, books: Books, recorder: Recorder
    ) -> None:
        counter = Counter(None, None, recorder.url, "createEvent")  # type: ignore[arg-type]
        mm = replace(miles_and_more(counter.uplyft()), concurrency=1)
        await check_out(chain, mm, *members(3))
        recorder.on_request = lambda: clock.advance(minutes=3)
        await delivery.deliver(chain, mm, runner_for(chain, [mm]).breakers[MM])
        await mm.channel.aclose()
        assert len(recorder.bodies) == 1
        assert await books.states() == ["credited", "ready", "ready"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_sender_that_slept_while_its_database_moved_claims_nothing_more(
    chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
) -> None:
    """On SQLite the lock beside the file lets nobody move a database while a sender lives."""
    mm = miles_and_more(at_uplyft.uplyft(form=Form(unique_id=False)), concurrency=1)
    await check_out(chain, mm, *members(5))

    report = await deliver(chain, replace(mm, channel=Leaving(mm.channel, chain)))

    assert "the database moved meanwhile" in report.error
    states = sorted(await books.states())
    assert states == ["credited"] * len(at_uplyft.given()) + ["ready"] * (5 - len(at_uplyft.given()))
    assert "ready" in states
    refused = await deliver(chain_for(chain.database, clock), mm)
    assert refused.outcome is JobOutcome.REFUSED
    assert "it moved at" in refused.error


class Leaving:
    """A channel at whose first message the database moves: the lease of its sender has run out."""

    def __init__(self, channel: Any, chain: Chain) -> None:
        self.name, self.capabilities, self.books = channel.name, channel.capabilities, channel.books
        self.compose, self._channel, self._chain = channel.compose, channel, chain

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        now = self._chain.clock.now()
        async with self._chain.database.write() as connection:
            await retired.write(connection, Retirement(now, "anna", "chain.state.gz", handed=True))
        receipt: Receipt = await self._channel.deliver(request, again=again)
        return receipt
