"""What was kept for long enough goes, and no stay is paid a second time because of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.jobs.contracts import Partnership
from connector.jobs.report import JobReport
from connector.settings import Retention
from connector.store import suspense
from connector.store.integrity import examine
from connector.store.retention import KEPT, RULES
from connector.store.suspense import Case
from connector.store.tables import metadata
from tests.conftest import ENGINES
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import MEMBER, MM, miles_and_more, runner_for
from tests.integration.earning.front_desk import FrontDesk

DAY = timedelta(days=1)


async def sweep(desk: FrontDesk, mm: Partnership, **terms: timedelta | None) -> JobReport:
    return await replace(runner_for(desk.chain(), [mm]), retention=terms).run("sweep")


async def credited(desk: FrontDesk, mm: Partnership) -> None:
    desk.member()
    desk.stay()
    desk.charge("i1", 100)
    await desk.read(mm)
    await desk.deliver(mm)


async def told_again(desk: FrontDesk, mm: Partnership) -> None:
    """Let Mews tell everything once more, and send what follows."""
    desk.edit("Reservations", "r1", AdultCount=2)
    async with desk.database.write() as connection:
        await connection.execute(metadata.tables["cursor"].delete())
    assert (await desk.read(mm)).error == ""
    await desk.deliver(mm)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_stays_go_after_their_term_and_their_awards_stay(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    await credited(desk, mm)
    assert (await sweep(desk, mm, stays=DAY)).written == 0
    desk.later(days=2)
    report = await sweep(desk, mm, stays=DAY)
    assert (report.outcome, report.written) == ("ok", 1)
    for table in ("reservation", "order_item", "decision"):
        assert await books.rows(f"SELECT * FROM {table}") == []
    messages = await books.messages()
    await told_again(desk, mm)
    assert await books.messages() == messages
    assert at_uplyft.given() == [(MEMBER, 110)]
    assert await examine(desk.database) == []


async def test_a_stay_whose_message_is_not_decided_stays(desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    at_uplyft.fault("lose")
    await credited(desk, mm)
    desk.later(days=2)
    everything = {name: timedelta(0) for name in Retention.model_fields if name not in {"operations", "cases"}}
    assert (await sweep(desk, mm, **everything)).written == 0
    assert (
        await books.rows("SELECT root_id, member_number FROM reservation JOIN award ON root_id = reservation.id") != []
    )


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_awards_lose_whose_they_are_and_are_never_made_again(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    await credited(desk, mm)
    desk.later(days=2)
    assert (await sweep(desk, mm, requests=DAY)).written == 1
    assert await books.rows("SELECT content, headers, path FROM message") == [(None, None, None)]
    assert (await sweep(desk, mm, awards=DAY)).written == 1
    assert await books.rows("SELECT member_number, membership_id, miles FROM award") == [("", "", 110)]
    assert MEMBER not in repr(await books.rows("SELECT * FROM message JOIN history ON message_key = key"))
    await told_again(desk, mm)
    assert await books.decisions(MM) == {"r1": ("excluded", "erased")}
    assert at_uplyft.given() == [(MEMBER, 110)]
    assert await examine(desk.database) == []


async def test_closed_cases_and_dead_profiles_go_open_ones_and_living_stay(
    desk: FrontDesk, books: Books, at_uplyft: Counter
) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    desk.guest("gone", IsActive=False)
    desk.guest("here")
    await desk.read(mm)
    async with desk.database.write() as connection:
        cases = [Case("guest", each, "odd", "look") for each in ("gone", "here")]
        await suspense.open_cases(connection, cases, desk.clock.now())
        await suspense.close_cases(connection, "guest", ["gone"], desk.clock.now())
    desk.later(days=2)
    assert (await sweep(desk, mm, cases=DAY, profiles=DAY, operations=None)).written == 2
    assert await books.rows("SELECT subject_id FROM suspense") == [("here",)]
    assert await books.rows("SELECT id FROM guest") == [("here",)]


async def test_nothing_goes_that_is_kept_for_ever(desk: FrontDesk, books: Books, at_uplyft: Counter) -> None:
    mm = miles_and_more(at_uplyft.uplyft())
    await credited(desk, mm)
    desk.later(days=100_000)
    before = await books.everything()
    assert (await sweep(desk, mm, **dict.fromkeys(Retention.model_fields))).written == 0
    assert await books.everything() == before


def test_every_table_has_a_rule_or_a_reason_for_none() -> None:
    ruled = [name for rule in RULES for name in rule.tables]
    assert sorted([*ruled, *KEPT]) == sorted(metadata.tables)


def test_every_rule_has_a_term_in_the_settings() -> None:
    assert [rule.name for rule in RULES] == list(Retention.model_fields)
