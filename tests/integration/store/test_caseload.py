from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import caseload, ledger, resolutions, stays, suspense
from connector.store.caseload import Filter, Group
from connector.store.engine import Database
from connector.store.resolutions import Signature
from connector.store.suspense import Case
from tests.integration.store.makers import DAY, FROZEN, NOW, PARTNER, award, message, reservation

MESSAGE = message("r2")
CASES = [
    Case("member", "ada", "two_candidates", "member ada"),
    Case("reservation", "r1", "open_bill", "reservation r1", PARTNER),
    Case("message", MESSAGE.key, "outcome", "a message", PARTNER),
    Case("property", "graz", "outlier", "property graz", "air_miles"),
    Case("member", "ben", "two_candidates", "member ben"),
]


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        await stays.save_reservations(opened, [reservation("r1")], NOW - DAY, NOW)
        await ledger.open_awards(opened, [ledger.Opening(award("r2", property_id="linz"), FROZEN, ["r2"])], NOW)
        await ledger.append(opened, [MESSAGE], "test", NOW)
        await suspense.open_cases(opened, CASES, NOW)
        yield opened


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        (Filter(), ["ada", "r1", MESSAGE.key, "graz", "ben"]),
        (Filter(kind="member"), ["ada", "ben"]),
        (Filter(reason="open_bill"), ["r1"]),
        (Filter(partner="air_miles"), ["graz"]),
        (Filter(property_id="wien"), ["r1"]),
        (Filter(property_id="linz"), [MESSAGE.key]),
        (Filter(property_id="graz"), ["graz"]),
        (Filter(kind="member", partner=PARTNER), []),
    ],
)
async def test_cases_are_filtered_by_what_they_are_about(
    connection: AsyncConnection, wanted: Filter, subjects: list[str]
) -> None:
    found = await caseload.page(connection, wanted, 0, 10)
    assert [each.case.case.subject_id for each in found] == subjects


async def test_a_page_begins_after_a_number_and_tells_the_property(connection: AsyncConnection) -> None:
    first, second = await caseload.page(connection, Filter(), 0, 2)
    (third,) = await caseload.page(connection, Filter(), second.case.id, 1)
    assert (first.property_id, second.property_id, third.property_id) == (None, "wien", "linz")
    assert third.case.case == CASES[2]


async def test_groups_count_open_cases_only(connection: AsyncConnection) -> None:
    (first, *_) = await caseload.page(connection, Filter(), 0, 1)
    await resolutions.acknowledge(connection, first.case.id, Signature("anna", NOW))
    assert Group("member", "two_candidates", "", 1) in await caseload.groups(connection)
    assert sum(each.count for each in await caseload.groups(connection)) == len(CASES) - 1
