"""A crowd of awards at a channel without a key, on days when everything goes wrong: each is credited once."""

from __future__ import annotations

import random
from collections import Counter as Tally
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.domain.awards import Credit
from connector.jobs import deliver as delivery
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.ports import PartnerRequest, Receipt, Sight, Sought
from connector.sandbox.qiibee.exchange import Trade
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import KilledError, members
from tests.integration.earning.books import Books, qiibee_counter
from tests.integration.earning.chain import MM, HandClock, chain_for, miles_and_more, runner_for

AWARDS, MEMBERS, KILLS = 24, 8, 8
FAULTS = ("lose", "drop", "garbage", "500", "503", "429", "408")


class Mortal:
    """A channel whose process may end before and after each of its calls, by lot, so many times in all."""

    def __init__(self, channel: Any, lot: random.Random, kills: int) -> None:
        self.name, self.capabilities, self.counts = channel.name, channel.capabilities, channel.books.counts
        self.compose, self._channel, self._lot, self.kills = channel.compose, channel, lot, kills

    @property
    def books(self) -> Mortal:
        return self

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        self._perhaps_die()
        receipt: Receipt = await self._channel.deliver(request, again=again)
        self._perhaps_die()
        return receipt

    async def mark(self, credit: Credit) -> str:
        self._perhaps_die()
        mark: str = await self._channel.books.mark(credit)
        self._perhaps_die()
        return mark

    async def look_up(self, sought: Sought) -> Sight:
        sight: Sight = await self._channel.books.look_up(sought)
        self._perhaps_die()
        return sight

    def _perhaps_die(self) -> None:
        if self.kills and self._lot.random() < 0.05:
            self.kills -= 1
            raise KilledError


def _seconds(clock: HandClock) -> float:
    return clock.moment.timestamp()


async def passes(chain: Chain, clock: HandClock, partnership: Partnership) -> None:
    """Let one process after another deliver: each is followed by the next when it ends, or a while later."""
    for _ in range(200):
        process = chain_for(chain.database, clock)
        try:
            await delivery.deliver(process, partnership, runner_for(process, [partnership]).breakers[MM])
        except* KilledError:
            pass
        if set(await Books(chain.database).states()) == {"credited"}:
            return
        clock.advance(minutes=6)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_every_award_is_credited_once(chain: Chain, clock: HandClock, books: Books, tmp_path: Path) -> None:
    lot = random.Random(1)
    numbers = [members(MEMBERS)[n % MEMBERS] for n in range(AWARDS)]
    trade = Trade(processing=90)
    async with qiibee_counter(tmp_path, trade=trade, clock=lambda: _seconds(clock)) as counter:
        for fault in FAULTS:
            counter.fault(f"{fault},probability=0.03")
        counter.fault("500,probability=0.1", "GET transactions")
        mortal = Mortal(counter.qiibee(), lot, KILLS)
        partnership = replace(miles_and_more(mortal), concurrency=1)  # so that a death cancels no statement half-way
        await check_out(chain, partnership, *numbers)
        await passes(chain, clock, partnership)
        assert mortal.kills == 0
        assert await books.states() == ["credited"] * AWARDS
        assert Tally(counter.given()) == Tally((number, 220) for number in numbers)
        assert counter.totals()["overlaps"] == 0
        assert await books.rows("SELECT * FROM lane") == []
        assert await books.cases() == []
