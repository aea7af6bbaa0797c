"""Another job changes what decides a stay while it is decided: nothing is awarded by what was, and left so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.jobs import deciding, mirror
from connector.jobs.contracts import Partnership
from connector.jobs.open_stays import OpenStay, open_stays
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.front_desk import FrontDesk

OLD, NEW = "992000000000026", "992000000000018"
BRIEFLY = 1.5  # seconds that whoever may go on needs not


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("others", [0, 1])  # who were awarded before: with none, numbers are not followed yet
async def test_a_number_that_changes_while_its_stay_is_decided_is_the_one_awarded_at_last(
    desk: FrontDesk,
    books: Books,
    mm: Partnership,
    at_uplyft: Counter,
    monkeypatch: pytest.MonkeyPatch,
    others: int,
) -> None:
    partner = replace(mm, channel=at_uplyft.uplyft(), contract=replace(mm.contract, number_check="off"))
    for _ in range(others):
        desk.member("g0", number="992000000000034")
        desk.stay("r0", "g0")
        desk.charge("i0", 100, stay="r0")
        await desk.read(partner)
    desk.member(number=OLD)
    desk.stay()
    desk.charge("i1", 100)
    aligned: list[asyncio.Task[None]] = []

    async def align() -> None:
        desk.edit("LoyaltyMemberships", "m-g1-MM", MembershipNumber=NEW)
        desk.later(minutes=1)
        await mirror.refresh(desk.chain())

    async def meanwhile(connection: AsyncConnection, ids: Sequence[str]) -> list[OpenStay]:
        found = await open_stays(connection, ids)
        if "r1" in ids and not aligned:
            aligned.append(asyncio.create_task(align(), context=Context()))
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(aligned[0]), BRIEFLY)
        return found

    monkeypatch.setattr(deciding, "open_stays", meanwhile)
    await desk.read(partner)
    await aligned[0]
    desk.later(minutes=10)
    await desk.read(partner)
    await desk.deliver(partner)
    assert await books.rows("SELECT member_number FROM award WHERE root_id = 'r1'") == [(NEW,)]
