from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import suspense
from connector.store.engine import Database
from connector.store.suspense import Case
from tests.integration.store.makers import HOUR, NOW

CASE = Case("reservation", "r1", "open_bill", "reservation r1: its bill is open", "air_miles")
MEMBER = Case("member", "m1", "two_candidates", "member m1: 2 guests.")


async def subjects(connection: AsyncConnection) -> list[str]:
    return [each.case.subject_id for each in await suspense.listing(connection)]


async def test_an_open_case_is_listed_with_its_dates(database: Database) -> None:
    async with database.write() as connection:
        await suspense.open_cases(connection, [CASE, MEMBER], NOW)
        found = await suspense.listing(connection)
        assert [(each.case, each.first_at, each.last_at) for each in found] == [(CASE, NOW, NOW), (MEMBER, NOW, NOW)]
        assert await suspense.count(connection) == 2
        assert len(await suspense.listing(connection, limit=1)) == 1


async def test_a_case_that_is_found_again_is_refreshed_not_doubled(database: Database) -> None:
    newer = Case("reservation", "r1", "open_bill", "reservation r1: its bill is still open", "air_miles")
    async with database.write() as connection:
        await suspense.open_cases(connection, [CASE], NOW)
        await suspense.open_cases(connection, [newer], NOW + HOUR)
        (found,) = await suspense.listing(connection)
    assert (found.case, found.first_at, found.last_at) == (newer, NOW, NOW + HOUR)


async def test_whether_a_reason_is_open_at_all(database: Database) -> None:
    async with database.write() as connection:
        assert not await suspense.is_open(connection, "member", "two_candidates")
        await suspense.open_cases(connection, [CASE, MEMBER], NOW)
        assert await suspense.is_open(connection, "member", "two_candidates")
        assert not await suspense.is_open(connection, "member", "open_bill")
        await suspense.close_cases(connection, "member", ["m1"], NOW)
        assert not await suspense.is_open(connection, "member", "two_candidates")


async def test_one_subject_may_have_a_case_per_reason_and_partner(database: Database) -> None:
    others = [
        Case("reservation", "r1", "open_bill", "text", "miles_and_more"),
        Case("reservation", "r1", "bad_number", "text", "air_miles"),
        Case("guest", "r1", "open_bill", "text", "air_miles"),
    ]
    async with database.write() as connection:
        await suspense.open_cases(connection, [CASE, *others], NOW)
        assert await suspense.count(connection) == 4


async def test_a_closed_case_that_comes_back_is_open_again(database: Database) -> None:
    async with database.write() as connection:
        await suspense.open_cases(connection, [CASE], NOW)
        await suspense.close_cases(connection, "reservation", ["r1"], NOW)
        assert await suspense.count(connection) == 0
        await suspense.open_cases(connection, [CASE], NOW + HOUR)
        (found,) = await suspense.listing(connection)
    assert (found.first_at, found.last_at) == (NOW, NOW + HOUR)


async def test_cases_are_closed_by_subject_partner_and_reason(database: Database) -> None:
    async with database.write() as connection:
        await suspense.open_cases(connection, [CASE, MEMBER], NOW)
        await suspense.close_cases(connection, "member", ["r1"], NOW)
        await suspense.close_cases(connection, "reservation", ["r2"], NOW)
        await suspense.close_cases(connection, "reservation", ["r1"], NOW, partner="miles_and_more")
        await suspense.close_cases(connection, "reservation", ["r1"], NOW, reasons=["bad_number"])
        assert await subjects(connection) == ["r1", "m1"]
        await suspense.close_cases(
            connection, "reservation", ["r1"], NOW, partner="air_miles", reasons=["open_bill", "bad_number"]
        )
        assert await subjects(connection) == ["m1"]


async def test_cases_that_a_pass_did_not_find_again_are_closed(database: Database) -> None:
    other = Case("member", "m2", "two_candidates", "text")
    untouched = Case("member", "m3", "unlinked_by_staff", "text")
    async with database.write() as connection:
        await suspense.open_cases(connection, [MEMBER, other, untouched], NOW)
        await suspense.open_cases(connection, [other], NOW + HOUR)
        await suspense.close_stale(connection, "member", ["two_candidates"], NOW + HOUR)
        assert await subjects(connection) == ["m2", "m3"]


async def test_the_subjects_of_an_open_case_can_be_asked_for(database: Database) -> None:
    async with database.write() as connection:
        await suspense.open_cases(connection, [MEMBER], NOW)
        assert await suspense.subjects_with(connection, "member", "two_candidates", ["m1", "m2"]) == {"m1"}
        assert await suspense.subjects_with(connection, "member", "other", ["m1"]) == set()
        await suspense.close_cases(connection, "member", ["m1"], NOW)
        assert await suspense.subjects_with(connection, "member", "two_candidates", ["m1", "m2"]) == set()
