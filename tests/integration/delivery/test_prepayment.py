"""An account that is used up while other messages are under way."""

from __future__ import annotations

import asyncio

import pytest

from connector.errors import Exhausted
from connector.jobs.chain import Chain
from connector.ports import Outcome, PartnerRequest, Receipt
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books
from tests.integration.earning.chain import HandClock, miles_and_more
from tests.property.earning.channel import Channel


class Account(Channel):
    """Pays for one message, whose answer comes after the refusal of the others."""

    def __init__(self) -> None:
        super().__init__(reverses=False)
        self.calls = 0
        self.refused = asyncio.Event()

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        self.calls += 1
        if self.calls == 1:
            await self.refused.wait()
            return Receipt(Outcome.CREDITED)
        self.refused.set()
        raise Exhausted("miles_and_more: the account is empty")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_circuit_stays_open_whatever_else_was_under_way(chain: Chain, clock: HandClock, books: Books) -> None:
    account = Account()
    partnership = miles_and_more(account)
    await check_out(chain, partnership, *members(8))
    report = await deliver(chain, partnership)
    assert report.error == "miles_and_more: the account is empty"
    assert await books.states() == ["credited"] + ["ready"] * 7
    assert [reason for reason, _ in await books.cases()] == ["out_of_credit"]
    calls = account.calls
    clock.advance(seconds=30)
    assert (await deliver(chain, partnership)).error == "miles_and_more: the account is empty"
    assert account.calls == calls + 1, "one probe"
