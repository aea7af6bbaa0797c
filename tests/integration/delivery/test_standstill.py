"""A sender stands still until another process has taken its turn, and then wakes: nothing is sent or told twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from connector.domain.awards import Credit
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.report import JobReport
from connector.partners.uplyft import Form
from connector.ports import PartnerRequest, Receipt
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books, Counter, qiibee_counter
from tests.integration.earning.chain import HandClock, chain_for, miles_and_more

OVER = "another one has taken over"


@dataclass
class Standing:
    """A channel whose process stands still once: when its first request was answered, or when it reads the books."""

    channel: Any
    reading: bool = False
    stands: asyncio.Event = field(default_factory=asyncio.Event)
    wakes: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.name, self.capabilities, self.compose = (
            self.channel.name,
            self.channel.capabilities,
            self.channel.compose,
        )
        self.books = self if self.reading else self.channel.books
        self.counts = self.reading

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        receipt: Receipt = await self.channel.deliver(request, again=again)
        await self._stand()
        return receipt

    async def mark(self, credit: Credit) -> str:
        await self._stand()
        mark: str = await self.channel.books.mark(credit)
        return mark

    async def look_up(self, sought: Any) -> Any:
        return await self.channel.books.look_up(sought)

    async def _stand(self) -> None:
        self.stands.set()
        await self.wakes.wait()


@asynccontextmanager
async def standing(chain: Chain, partnership: Partnership, *, reading: bool = False) -> AsyncIterator[list[JobReport]]:
    """Let a delivery come to its standstill, and wake it at the end; its report is there then."""
    channel, reports = Standing(partnership.channel, reading), list[JobReport]()
    going = asyncio.create_task(deliver(chain, replace(partnership, channel=channel)))  # type: ignore[arg-type]
    await channel.stands.wait()
    yield reports
    channel.wakes.set()
    reports.append(await going)


def seconds_of(clock: HandClock) -> Callable[[], float]:
    """Return the time as qiibee's server asks for it."""
    return lambda: round(clock.moment.timestamp(), 3)


async def written_by(books: Books, chain: Chain) -> int:
    """Return how many outcomes a process wrote."""
    sql = "SELECT count(*) FROM history WHERE before = 'in_flight' AND actor = :owner"
    ((count,),) = await books.rows(sql, owner=chain.owner)
    return int(count)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestASenderThatWakes:
    async def test_leaves_to_the_other_one_what_that_sent_again(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        alone = replace(mm, concurrency=1)
        await check_out(chain, mm, *members(3))
        async with standing(chain, alone) as ended:
            clock.advance(minutes=6)
            assert (await deliver(chain_for(chain.database, clock), mm)).outcome == "ok"
        (report,) = ended
        assert (report.outcome, OVER in report.error, report.unexpected) == ("partial", True, False)
        assert sorted(at_uplyft.given()) == [(number, 220) for number in members(3)]
        assert await books.states() == ["credited"] * 3
        assert await written_by(books, chain) == 0

    async def test_does_not_call_ready_what_the_other_one_has_under_way(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_uplyft: Counter
    ) -> None:
        alone, other = replace(mm, concurrency=1), chain_for(chain.database, clock)
        await check_out(chain, mm, *members(2))
        async with AsyncExitStack() as until_later:
            async with standing(chain, alone) as first:
                clock.advance(minutes=6)
                second = await until_later.enter_async_context(standing(other, alone))
            assert OVER in first[0].error
            assert await books.states() == ["in_flight"] * 2
        assert (second[0].outcome, await books.states()) == ("ok", ["credited"] * 2)
        assert sorted(at_uplyft.given()) == [(number, 220) for number in members(2)]

    async def test_still_tells_what_came_of_its_own_messages_and_claims_no_more(
        self, chain: Chain, clock: HandClock, books: Books, at_uplyft: Counter
    ) -> None:
        keyless = replace(miles_and_more(at_uplyft.uplyft(form=Form(unique_id=False))), concurrency=1)
        await check_out(chain, keyless, *members(5))
        async with standing(chain, keyless) as ended:
            clock.advance(minutes=3)
            await deliver(chain_for(chain.database, clock), keyless)
        assert (ended[0].outcome, OVER in ended[0].error) == ("partial", True)
        assert await books.states() == ["credited"] * 4 + ["ready"]
        clock.advance(minutes=30)
        await deliver(chain_for(chain.database, clock), keyless)
        assert sorted(at_uplyft.given()) == [(number, 220) for number in members(5)]
        assert (await books.cases(), await books.states()) == ([], ["credited"] * 5)

    async def test_sends_nothing_for_which_it_had_only_looked_into_the_books(
        self, tmp_path: Path, chain: Chain, clock: HandClock, books: Books
    ) -> None:
        async with qiibee_counter(tmp_path, clock=seconds_of(clock)) as at_qiibee:
            mq = miles_and_more(at_qiibee.qiibee())
            await check_out(chain, mq, *members(2))
            async with standing(chain, mq, reading=True) as ended:
                clock.advance(minutes=6)
                await deliver(chain_for(chain.database, clock), mq)
            assert (ended[0].outcome, OVER in ended[0].error, ended[0].unexpected) == ("partial", True, False)
            assert sorted(at_qiibee.given()) == [(number, 220) for number in members(2)]
            assert await written_by(books, chain) == 0
