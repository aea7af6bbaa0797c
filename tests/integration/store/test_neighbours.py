"""What lies beside a reservation: found when it is decided, and made dirty when it changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Decision, Status
from connector.domain.stays import Reservation
from connector.store import decisions, ledger, loyalty, migrations, neighbours, stays
from connector.store.engine import Database
from connector.store.ledger import Opening
from tests.integration.store.makers import DAY, FROZEN, NOW, PARTNER, award, guest, guest_keys, reservation

LONG_AGO = NOW - 999 * DAY


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


def lasting(name: str, begin: float, end: float, **facts: Any) -> Reservation:
    """Return a reservation that lasts from so many days before now to so many."""
    days = {"scheduled_start": NOW - timedelta(begin), "scheduled_end": NOW - timedelta(end)}
    return reservation(name, **(days | facts))


async def save(connection: AsyncConnection, *found: Reservation) -> None:
    await stays.save_reservations(connection, found, LONG_AGO, NOW)


async def settled(connection: AsyncConnection, *found: Reservation) -> None:
    await save(connection, *found)
    await decisions.are_decided(connection, [each.id for each in found])


async def dirty(connection: AsyncConnection) -> list[str]:
    return await decisions.to_decide(connection, [PARTNER], NOW, "", 100)


async def merged(connection: AsyncConnection, name: str, target: str) -> None:
    await neighbours.disturb_merged(connection, {name: target})
    await loyalty.save_guests(connection, [guest(name, merge_target_id=target)], guest_keys)


class TestAround:
    async def test_are_those_of_the_guest_that_may_overlap_or_adjoin(self, connection: AsyncConnection) -> None:
        seed = lasting("r1", 10, 8)
        await save(
            connection,
            seed,
            lasting("behind", 7.2, 5),
            lasting("in_front", 14, 10.8),
            lasting("later", 5, 4),
            lasting("elsewhere", 10, 8, property_id="montreal"),
            lasting("anothers", 10, 8, account_id="another"),
        )
        assert await neighbours.around(connection, [seed]) == {"r1": True, "behind": True, "in_front": True}

    async def test_tell_who_was_never_seen_checked_out_and_leave_out_what_does_not_come(
        self, connection: AsyncConnection
    ) -> None:
        seed = lasting("r1", 10, 8)
        states = ("Confirmed", "Started", "Canceled", "Optional")
        await save(connection, seed, *(lasting(state, 10, 8, state=state) for state in states))
        assert await neighbours.around(connection, [seed]) == {"r1": True, "Confirmed": False, "Started": False}

    async def test_are_those_of_every_profile_that_was_merged_into_the_same(self, connection: AsyncConnection) -> None:
        seed = lasting("r1", 10, 8, account_id="a")
        await save(connection, seed, *(lasting(f"of-{name}", 10, 8, account_id=name) for name in ("b", "c", "d")))
        await merged(connection, "b", "c")
        await merged(connection, "a", "c")
        assert (await neighbours.around(connection, [seed])).keys() == {"r1", "of-b", "of-c"}

    async def test_a_late_departure_counts(self, connection: AsyncConnection) -> None:
        seed = lasting("r1", 10, 8)
        await save(connection, seed, lasting("late", 14, 13, actual_end=NOW - timedelta(9)))
        assert (await neighbours.around(connection, [seed])).keys() == {"r1", "late"}


class TestTied:
    async def test_are_those_of_the_same_award(self, connection: AsyncConnection) -> None:
        await ledger.open_awards(connection, [Opening(award("r1"), FROZEN, ["r1", "r2"])], NOW)
        await ledger.tie(connection, award("r1"), ["r3"])
        await ledger.open_awards(connection, [Opening(award("r9"), FROZEN, ["r9"])], NOW)
        assert await neighbours.tied(connection, PARTNER, ["r3"]) == {"r1", "r2", "r3"}
        assert await neighbours.tied(connection, "another", ["r3"]) == set()

    async def test_are_those_that_counted_under_the_same_root(self, connection: AsyncConnection) -> None:
        said = Decision(Status.WAITING, "hold", "not yet")
        await decisions.save(connection, PARTNER, [("r1", "r1", said), ("r2", "r1", said), ("r3", "r3", said)], NOW)
        assert await neighbours.tied(connection, PARTNER, ["r2"]) == {"r1", "r2"}
        assert await neighbours.roots(connection, PARTNER, ["r2", "r3", "r4"]) == {"r2": "r1", "r3": "r3"}


class TestWhatChangesMakesDirty:
    async def test_what_lies_where_it_was_and_where_it_comes(self, connection: AsyncConnection) -> None:
        await settled(connection, lasting("r1", 10, 8), lasting("was", 8, 6), lasting("comes", 22, 20))
        await settled(connection, lasting("never", 40, 38), lasting("anothers", 8, 6, account_id="another"))
        await save(connection, lasting("r1", 20, 18))
        assert await dirty(connection) == ["comes", "r1", "was"]

    async def test_what_lies_beside_a_new_one_even_if_that_is_in_nobodys_view(
        self, connection: AsyncConnection
    ) -> None:
        await settled(connection, lasting("r1", 10, 8))
        await save(connection, lasting("r2", 8, 6, state="Confirmed"))
        assert await dirty(connection) == ["r1"]

    async def test_nothing_when_nothing_changed(self, connection: AsyncConnection) -> None:
        await settled(connection, lasting("r1", 10, 8), lasting("r2", 8, 6))
        await save(connection, lasting("r1", 10, 8))
        assert await dirty(connection) == []

    async def test_the_stays_of_another_profile_of_the_guest(self, connection: AsyncConnection) -> None:
        await merged(connection, "a", "b")
        await settled(connection, lasting("r1", 10, 8, account_id="a"))
        await save(connection, lasting("r2", 8, 6, account_id="b"))
        assert await dirty(connection) == ["r1", "r2"]

    async def test_the_stays_of_a_profile_that_is_merged_once(self, connection: AsyncConnection) -> None:
        await settled(connection, lasting("r1", 10, 8, account_id="a"), lasting("r2", 8, 6, account_id="b"))
        await merged(connection, "a", "b")
        assert await dirty(connection) == ["r1"]
        await decisions.are_decided(connection, ["r1"])
        await merged(connection, "a", "b")
        assert await dirty(connection) == []


async def test_an_older_database_learns_when_its_reservations_are(blank: Database) -> None:
    await migrations.upgrade(blank)
    known = lasting("r1", 10, 8, actual_end=NOW - timedelta(7)), lasting("r2", 5, 4)
    async with blank.write() as connection:
        await save(connection, *known)
        before = (await connection.execute(_NEAR)).all()
        await connection.run_sync(_down_and_up)
        assert (await connection.execute(_NEAR)).all() == before


_NEAR = text("SELECT id, near_from, near_until FROM reservation ORDER BY id")


def _down_and_up(connection: Connection) -> None:
    command.downgrade(migrations.configuration(connection), "0004")
    command.upgrade(migrations.configuration(connection), "head")
