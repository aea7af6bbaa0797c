from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.edits import WINDOW, Edit, digest
from connector.store import edits, loyalty, matching, members
from connector.store.engine import Database
from tests.integration.store.makers import HASHER, HOUR, NOW, PROGRAM, guest, guest_keys, member_keys, membership
from tests.integration.store.test_alignment_pages import people


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """Ada is linked to the membership m1; m2 is nobody's."""
    async with database.write() as opened:
        await loyalty.save_memberships(opened, [membership("m1", "g-ada", points=10), membership("m2", "g-bob")])
        await loyalty.save_guests(opened, [guest("g-ada")], guest_keys)
        await members.save(opened, people("ada"), 1, member_keys, HASHER.whole)
        await matching.propose(opened, ["mews_id"], PROGRAM, 1)
        await matching.settle(opened, 1, NOW)
        await matching.remember_memberships(opened, PROGRAM)
        yield opened


async def seen(connection: AsyncConnection, points: int, hours: float = 0) -> None:
    await loyalty.save_memberships(connection, [membership("m1", "g-ada", points=points)], NOW + hours * HOUR)


async def known(connection: AsyncConnection) -> dict[str, Edit]:
    return dict((await edits.of(connection, ["m1", "m2"])).get("m1", {}))


async def test_a_difference_in_a_listing_is_an_edit_of_that_field(connection: AsyncConnection) -> None:
    await seen(connection, 99)
    assert await known(connection) == {"points": Edit(digest(10), digest(99), 1, NOW)}


async def test_the_same_listing_again_is_none(connection: AsyncConnection) -> None:
    await seen(connection, 99)
    await seen(connection, 99, hours=1)
    assert (await known(connection))["points"].times == 1


async def test_edits_of_one_field_are_counted_within_the_window(connection: AsyncConnection) -> None:
    for hours, points in enumerate((99, 10, 99)):
        await seen(connection, points, hours)
    assert await known(connection) == {"points": Edit(digest(10), digest(99), 3, NOW + 2 * HOUR)}


async def test_an_edit_of_an_edit_goes_on_from_what_was_there_before_both(connection: AsyncConnection) -> None:
    for hours, points in enumerate((99, 120)):
        await seen(connection, points, hours)
    assert await known(connection) == {"points": Edit(digest(10), digest(120), 2, NOW + HOUR)}


async def test_an_edit_after_a_write_of_ours_begins_there(connection: AsyncConnection) -> None:
    await seen(connection, 99)
    await loyalty.change_memberships(connection, {"m1": {"points": 50}})
    await seen(connection, 60, hours=1)
    assert await known(connection) == {"points": Edit(digest(50), digest(60), 2, NOW + HOUR)}


async def test_after_a_quiet_window_the_count_begins_anew(connection: AsyncConnection) -> None:
    await seen(connection, 99)
    await seen(connection, 98, hours=(WINDOW + HOUR) / HOUR)
    assert (await known(connection))["points"].times == 1


async def test_what_we_wrote_ourselves_is_no_edit(connection: AsyncConnection) -> None:
    await loyalty.change_memberships(connection, {"m1": {"points": 50}})
    await seen(connection, 50)
    await loyalty.save_memberships(connection, [membership("m1", "g-ada", points=60)])
    assert await known(connection) == {}


async def test_a_membership_of_no_member_has_no_edits(connection: AsyncConnection) -> None:
    await loyalty.save_memberships(connection, [membership("m2", "g-bob", points=1)], NOW)
    assert await edits.of(connection, ["m2"]) == {}


async def test_a_forgotten_edit_is_gone_and_the_others_stay(connection: AsyncConnection) -> None:
    await loyalty.save_memberships(connection, [membership("m1", "g-ada", points=9, url="https://x.example")], NOW)
    await edits.forget(connection, {"m1": ["points"]})
    assert set(await known(connection)) == {"url"}
