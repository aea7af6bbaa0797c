"""Miles & More's own Earn service: nothing is sent twice, and an uncredit may name its credit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, dies, members
from tests.integration.earning.books import Books, Counter, lufthansa_counter
from tests.integration.earning.chain import MEMBER, NOW, HandClock, chain_for, miles_and_more

NAMED = {"uncredit_reference": "transactionId"}


@pytest.fixture
async def at_earn(tmp_path: Path) -> AsyncIterator[Counter]:
    """The Earn service, which wants an uncredit to name its credit."""
    async with lufthansa_counter(tmp_path, uncredit="transaction", clock=NOW.timestamp) as opened:
        yield opened


@pytest.fixture
def mm(at_earn: Counter, clock: HandClock) -> Partnership:
    """Miles & More at its own service, one message at a time."""
    return replace(miles_and_more(at_earn.earn_service(clock, **NAMED)), concurrency=1)


class TestCredits:
    async def test_arrive_once_and_keep_what_the_partner_calls_them(
        self, chain: Chain, books: Books, mm: Partnership, at_earn: Counter
    ) -> None:
        await check_out(chain, mm, *members(3))
        for _ in range(2):
            await deliver(chain, mm)
        assert await books.states() == ["credited"] * 3
        assert sorted(at_earn.given()) == [(number, 220) for number in members(3)]
        told = {each["reference"] for each in at_earn.journal.credits()}
        assert {row[0] for row in await books.rows("SELECT reference FROM message")} == told

    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    async def test_of_a_lowered_folio_are_taken_back_by_their_transaction_and_given_anew(
        self, chain: Chain, books: Books, mm: Partnership, at_earn: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        await deliver(chain, mm)
        await check_out(chain, mm, MEMBER, net=100)
        await deliver(chain, mm)
        assert at_earn.given() == [(MEMBER, 220), (MEMBER, -220), (MEMBER, 110)]
        assert await books.states() == ["credited"] * 3

    async def test_without_a_transaction_are_taken_back_by_a_person(
        self, chain: Chain, clock: HandClock, books: Books, tmp_path: Path
    ) -> None:
        async with lufthansa_counter(tmp_path, answers="empty", clock=NOW.timestamp) as silent:
            blind = miles_and_more(silent.earn_service(clock, **NAMED))
            await check_out(chain, blind, MEMBER)
            await deliver(chain, blind)
            await check_out(chain, blind, MEMBER, net=100)
            await deliver(chain, blind)
            assert silent.given() == [(MEMBER, 220)]
        assert await books.states() == ["credited", "suspended", "suspended"]
        assert any("held none in 'transactionId'" in text for _, text in await books.cases())

    async def test_that_became_too_old_before_they_were_sent_go_to_a_person(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_earn: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        clock.advance(days=430)
        await deliver(chain, mm)
        assert at_earn.given() == []
        ((_, text),) = await books.cases()
        assert "more than 14 months ago" in text

    async def test_go_to_account_numbers_too(self, chain: Chain, mm: Partnership, at_earn: Counter) -> None:
        takes = replace(mm, contract=replace(mm.contract, accounts=mm.channel.capabilities.account_numbers))
        await check_out(chain, takes, "123456789")
        await deliver(chain, takes)
        assert at_earn.given() == [("123456789", 220)]


class TestDoubts:
    @pytest.mark.parametrize("fault", ["lose", "garbage", "fail", "page,status=400", "500", "404", "409", "drop"])
    async def test_go_to_a_person_and_are_never_sent_again(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_earn: Counter, fault: str
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_earn.fault(f"{fault},times=1")
        for _ in range(3):
            await deliver(chain, mm)
            clock.advance(minutes=2)
        assert await books.states() == ["suspended"]
        assert at_earn.plan.as_json()["faults"][0]["seen"] == 1
        assert len(await books.cases()) == 1
        assert await books.rows("SELECT * FROM lane") == []

    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    @pytest.mark.parametrize("sends", [False, True], ids=["before_the_send", "after_the_send"])
    async def test_of_a_sender_that_died_are_a_case(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_earn: Counter, *, sends: bool
    ) -> None:
        await check_out(chain, mm, MEMBER)
        await dies(chain, mm, sends=sends)
        clock.advance(minutes=6)
        await deliver(chain_for(chain.database, clock), mm)
        assert await books.states() == ["suspended"]
        assert at_earn.given() == ([(MEMBER, 220)] if sends else [])

    async def test_that_every_request_would_bring_open_the_circuit_so_that_the_rest_waits(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_earn: Counter
    ) -> None:
        await check_out(chain, mm, *members(9))
        at_earn.fault("503,times=5")
        report = await deliver(chain, mm)
        assert "its circuit is open" in report.error
        assert await books.states() == ["in_doubt"] * 5 + ["ready"] * 4
        clock.moment += timedelta(minutes=2)
        for _ in range(3):
            await deliver(chain, mm)
        assert await books.states() == ["credited"] * 4 + ["suspended"] * 5
        assert len(at_earn.given()) == 4
        assert all("HTTP 503" in text for _, text in await books.cases())

    async def test_are_none_where_too_many_requests_came(
        self, chain: Chain, clock: HandClock, books: Books, mm: Partnership, at_earn: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        at_earn.fault("429,times=1,header.Retry-After=20")
        await deliver(chain, mm)
        assert await books.states() == ["ready"]
        clock.advance(seconds=31)
        await deliver(chain, mm)
        assert at_earn.given() == [(MEMBER, 220)]
