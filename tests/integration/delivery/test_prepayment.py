"""An account that is used up while other messages are under way, and one whose rest is counted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from connector.domain.prepaid import Prepaid
from connector.errors import Exhausted
from connector.jobs.chain import Chain
from connector.jobs.checkup import examine
from connector.jobs.contracts import Account as PartnerAccount
from connector.jobs.contracts import Partnership
from connector.jobs.prepayment import rest
from connector.ports import Outcome, PartnerRequest, Receipt
from connector.store import resolutions
from connector.store.resolutions import Signature
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books
from tests.integration.earning.chain import NOW, HandClock, miles_and_more, runner_for
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


class TestCreditsThatAreCounted:
    async def test_are_told_once_when_few_are_left_and_again_only_after_more_were_bought(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership
    ) -> None:
        counted = replace(mm, prepaid=Prepaid(1000, NOW.date(), 600))
        await check_out(chain, counted, *members(1))
        await deliver(chain, counted)
        assert await books.cases() == []
        await check_out(chain, counted, *members(2)[1:], first=2)
        await deliver(chain, counted)
        ((reason, text),) = await books.cases()
        assert reason == "low_on_credit"
        assert text == (
            "partner miles_and_more: fewer than 600 prepaid credits are left by our count; buy more, and add them to "
            "the credits of [partners.miles_and_more.prepaid]"
        )
        await acknowledged(chain, books)
        for _ in range(2):
            await check_out(chain, counted, *members(3)[2:], first=3)
            await deliver(chain, counted)
        assert await books.cases() == [], "nobody is told twice"
        more = replace(mm, prepaid=Prepaid(2000, NOW.date(), 600))
        await deliver(chain, more)
        assert await books.rows("SELECT resolved_by FROM suspense") == [("connector",)]
        await check_out(chain, more, *members(9)[4:], first=5)
        await deliver(chain, more)
        assert [reason for reason, _ in await books.cases()] == ["low_on_credit"]

    async def test_are_those_given_since_they_were_bought_at_what_a_mile_costs(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership
    ) -> None:
        await check_out(chain, mm, *members(2))
        await deliver(chain, mm)
        clock.advance(days=1)
        await check_out(chain, mm, *members(3)[2:], first=3)
        bought = Prepaid(1000, clock.now().date(), 600, Decimal("1.5"))
        await deliver(chain, replace(mm, prepaid=bought))
        async with chain.database.read() as connection:
            left = await rest(connection, replace(mm, prepaid=bought))
        assert str(left) == "670 of 1,000 prepaid credits are left by our count"
        assert await books.cases() == []

    @pytest.mark.parametrize(
        ("low", "verdict", "fix"),
        [(500, "ok", ""), (900, "note", "buy more, and add them to the credits of [partners.miles_and_more.prepaid]")],
    )
    async def test_are_shown_by_doctor(self, chain: Chain, mm: Partnership, low: int, verdict: str, fix: str) -> None:
        counted = replace(mm, prepaid=Prepaid(1000, NOW.date(), low))
        await check_out(chain, counted, *members(1))
        await deliver(chain, counted)
        found = [each for each in await examine(runner_for(chain, [counted]), {}) if each.check == "prepaid"]
        text = "780 of 1,000 prepaid credits are left by our count"
        assert [(each.verdict, each.text, each.fix) for each in found] == [(verdict, text, fix)]

    async def test_are_a_matter_of_each_account(self, chain: Chain, books: Books, mm: Partnership) -> None:
        west = PartnerAccount("west", mm.channel, frozenset({"elsewhere"}), prepaid=Prepaid(10, NOW.date(), 5))
        both = replace(mm, accounts=(west,), prepaid=Prepaid(100, NOW.date(), 50))
        await check_out(chain, both, *members(1))
        await deliver(chain, both)
        assert [text[:25] for _, text in await books.cases()] == ["partner miles_and_more: f"]

    async def test_are_counted_no_more_when_the_settings_say_nothing(
        self, chain: Chain, books: Books, mm: Partnership
    ) -> None:
        await check_out(chain, mm, *members(1))
        await deliver(chain, replace(mm, prepaid=Prepaid(100, NOW.date(), 50)))
        assert len(await books.cases()) == 1
        await deliver(chain, mm)
        assert await books.cases() == []


async def acknowledged(chain: Chain, books: Books) -> None:
    """Let a person see the case."""
    ((case,),) = await books.rows("SELECT id FROM suspense")
    async with chain.database.write() as connection:
        await resolutions.acknowledge(connection, case, Signature("anna", NOW, "seen"))
