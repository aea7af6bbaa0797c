"""A partner that was rehearsed with goes live only when a person has confirmed what that costs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.errors import Misconfigured, Refused
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.going_live import go_live, look
from connector.jobs.report import JobOutcome
from connector.store import facts, launch
from connector.store.resolutions import Signature
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import COLLECTOR, MEMBER, MM, runner_for


@pytest.fixture
def priced(mm: Partnership) -> Partnership:
    return replace(mm, price_per_mile=Decimal("0.01"))


@pytest.fixture
async def rehearsed(chain: Chain, priced: Partnership) -> Chain:
    """A chain that rehearsed one stay and has two more by the time its partner is live."""
    shadow = replace(priced, mode="shadow")
    await check_out(chain, shadow, MEMBER)
    await deliver(chain, shadow)
    await check_out(chain, priced, *members(2), first=2)
    return chain


def anna(chain: Chain) -> Signature:
    return Signature("anna", chain.clock.now(), "contract signed")


class TestAfterARehearsal:
    async def test_nothing_is_sent_and_what_is_due_is_told(
        self, rehearsed: Chain, books: Books, priced: Partnership, at_uplyft: Counter
    ) -> None:
        report = await deliver(rehearsed, priced)
        assert report.outcome is JobOutcome.REFUSED
        told = "due at miles_and_more: 2 stays with 440 miles, at a cost of 4.40; what was only rehearsed (1 stay) is"
        assert report.error.startswith(told)
        assert "`ledger release --live miles_and_more --confirm " in report.error
        assert at_uplyft.given() == []
        assert [reason for reason, _ in await books.cases()] == ["going_live"]

    async def test_it_goes_when_exactly_that_is_confirmed_and_is_not_asked_again(
        self, rehearsed: Chain, books: Books, priced: Partnership, at_uplyft: Counter
    ) -> None:
        await deliver(rehearsed, priced)
        found = await look(rehearsed, priced)
        assert (found.stays, found.miles, found.cost, found.rehearsed) == (2, 440, Decimal("4.40"), 1)
        await go_live(rehearsed, priced, found.plan_id, anna(rehearsed))
        assert (await deliver(rehearsed, priced)).outcome is JobOutcome.OK
        await check_out(rehearsed, priced, "992000000000099", first=9)
        assert (await deliver(rehearsed, priced)).outcome is JobOutcome.OK
        assert len(at_uplyft.given()) == 3
        assert await books.states() == ["credited"] * 3 + ["shadow"]
        assert await books.cases() == []
        ((noted,),) = await books.rows("SELECT value FROM fact WHERE name = 'mode of miles_and_more'")
        assert '"by": "anna"' in noted

    async def test_another_stay_that_comes_meanwhile_wants_another_look(
        self, rehearsed: Chain, priced: Partnership, at_uplyft: Counter
    ) -> None:
        found = await look(rehearsed, priced)
        await check_out(rehearsed, priced, "992000000000099", first=9)
        with pytest.raises(Refused, match=f"the plan is not {found.plan_id}; it is "):
            await go_live(rehearsed, priced, found.plan_id, anna(rehearsed))
        assert (await deliver(rehearsed, priced)).outcome is JobOutcome.REFUSED
        assert at_uplyft.given() == []

    async def test_sync_takes_the_confirmation_as_well(
        self, rehearsed: Chain, priced: Partnership, at_uplyft: Counter
    ) -> None:
        refused = await deliver(rehearsed, priced)
        plan = re.findall(r"--confirm (\w+)`", refused.error)[0]
        confirmed = runner_for(rehearsed, [priced])
        confirmed.confirm, confirmed.operator = plan, "anna"
        assert (await confirmed.run("deliver")).outcome is JobOutcome.OK
        assert len(at_uplyft.given()) == 2

    async def test_the_other_partners_go_on(
        self, rehearsed: Chain, priced: Partnership, am: Partnership, at_airmiles: Counter, at_uplyft: Counter
    ) -> None:
        await check_out(rehearsed, am, COLLECTOR, first=7)
        report = await deliver(rehearsed, priced, am)
        assert report.outcome is JobOutcome.REFUSED
        assert at_airmiles.given() == [(COLLECTOR, 10)]
        assert at_uplyft.given() == []

    async def test_as_long_as_nothing_is_due_nothing_is_asked(
        self, chain: Chain, priced: Partnership, books: Books
    ) -> None:
        shadow = replace(priced, mode="shadow")
        await check_out(chain, shadow, MEMBER)
        await deliver(chain, shadow)
        assert (await deliver(chain, priced)).outcome is JobOutcome.OK
        assert await books.states() == ["shadow"]
        await check_out(chain, priced, *members(1), first=2)
        assert (await deliver(chain, priced)).outcome is JobOutcome.REFUSED

    async def test_one_that_went_back_to_the_shadow_is_asked_again(self, rehearsed: Chain, priced: Partnership) -> None:
        await go_live(rehearsed, priced, (await look(rehearsed, priced)).plan_id, anna(rehearsed))
        await deliver(rehearsed, priced)
        await deliver(rehearsed, replace(priced, mode="shadow"))
        await check_out(rehearsed, priced, "992000000000099", first=9)
        assert (await deliver(rehearsed, priced)).outcome is JobOutcome.REFUSED

    async def test_sync_does_not_wait_for_a_person(self, rehearsed: Chain, priced: Partnership) -> None:
        (report,) = await runner_for(rehearsed, [priced]).to_rest(["deliver"], timedelta(hours=1))
        assert report.outcome is JobOutcome.REFUSED


class TestWithoutARehearsal:
    async def test_a_partner_that_begins_live_is_not_asked(
        self, chain: Chain, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        assert (await deliver(chain, mm)).outcome is JobOutcome.OK
        assert at_uplyft.given() == [(MEMBER, 220)]

    async def test_but_is_where_it_is_always_to_be_asked(
        self, chain: Chain, mm: Partnership, at_uplyft: Counter
    ) -> None:
        careful = replace(mm, confirm_live="always")
        await check_out(chain, careful, MEMBER)
        report = await deliver(chain, careful)
        assert report.outcome is JobOutcome.REFUSED
        assert "1 stay with 220 miles, at a cost that is not known (price_per_mile)" in report.error
        assert at_uplyft.given() == []

    async def test_a_database_that_has_credited_before_is_live_already(
        self, chain: Chain, mm: Partnership, at_uplyft: Counter
    ) -> None:
        await check_out(chain, mm, MEMBER)
        await deliver(chain, mm)
        async with chain.database.write() as connection:
            await facts.forget(connection, f"mode of {MM}")  # as an earlier version left it
            assert await launch.mode(connection, MM) == "live"
        await check_out(chain, mm, *members(1), first=2)
        assert (await deliver(chain, replace(mm, confirm_live="always"))).outcome is JobOutcome.OK
        assert len(at_uplyft.given()) == 2


@pytest.mark.parametrize(
    ("changes", "error", "fault"),
    [
        ({"mode": "shadow"}, Misconfigured, 'is in mode "shadow"; expected mode = "live" first'),
        ({}, Refused, "miles_and_more wants no confirmation"),
    ],
)
async def test_who_does_not_go_live_has_nothing_to_confirm(
    chain: Chain, mm: Partnership, changes: dict[str, Any], error: type[Exception], fault: str
) -> None:
    with pytest.raises(error, match=fault):
        await look(chain, replace(mm, **changes))
