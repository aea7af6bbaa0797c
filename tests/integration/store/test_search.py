from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Decision, Status
from connector.domain.members import Member
from connector.store import decisions, ledger, loyalty, matching, members, search, stays
from connector.store.engine import Database
from connector.store.search import Verdict
from tests.integration.store.makers import (
    DAY,
    FROZEN,
    HASHER,
    NOW,
    PROGRAM,
    award,
    guest,
    guest_keys,
    member_keys,
    membership,
    place,
    reservation,
)

MILES = "992001234567890"


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """Ada is g1, into whom g0 was merged; both have a stay. r3 of g3 earned for a number that no guest has any more."""
    async with database.write() as opened:
        await stays.save_property(opened, place(), "chain-1", NOW - 99 * DAY, ["stay-service"], NOW)
        guests = [guest("g1", merge_target_id=None), guest("g0", merge_target_id="g1"), guest("g3")]
        await loyalty.save_guests(opened, guests, guest_keys)
        await loyalty.save_memberships(opened, [membership("m1", "g1", number="9920 0555")])
        await members.save(opened, [Member("ada", number="A-77", mews_id="g1")], 1, member_keys, HASHER.whole)
        await matching.propose(opened, ("mews_id",), PROGRAM, 1)
        await matching.settle(opened, 1, NOW)
        of_ada = [
            reservation("r1", account_id="g1", channel_number="ch-1"),
            reservation("r2", account_id="g0", scheduled_end=NOW - 3 * DAY),
        ]
        await stays.save_reservations(opened, [*of_ada, reservation("r3", account_id="g3")], NOW - 60 * DAY, NOW)
        await ledger.open_awards(opened, [ledger.Opening(award("r3", member_number=MILES), FROZEN, ["r3"])], NOW)
        decision = Decision(Status.AWARDED, "awarded", "100 miles")
        await decisions.save(opened, "miles_and_more", [("r3", "r3", decision)], NOW)
        yield opened


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("r1", ["r1"]),
        ("no-r1", ["r1"]),
        ("ch-1", ["r1"]),
        ("g1", ["r1", "r2"]),
        ("9920 0555", ["r1", "r2"]),
        ("A-77", ["r1", "r2"]),
        ("ada", ["r1", "r2"]),
        ("9920 0123 4567-890", ["r3"]),
        ("", []),
        ("4111111111111111", []),
        ("nobody's", []),
    ],
)
async def test_stays_are_found_by_every_name_they_have(
    connection: AsyncConnection, word: str, found: list[str]
) -> None:
    assert [each.reservation_id for each in await search.stays_of(connection, word, 10)] == found


async def test_what_was_decided_stands_with_what_was_found_and_no_more_than_asked_for(
    connection: AsyncConnection,
) -> None:
    (hit,) = await search.stays_of(connection, "r3", 10)
    assert hit.verdicts == (Verdict("miles_and_more", "awarded", "100 miles"),)
    assert len(await search.stays_of(connection, "g1", 1)) == 1
