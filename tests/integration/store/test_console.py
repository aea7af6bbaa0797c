"""What the console remembers: logins, deeds, proposals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connector.store import deeds, logins, proposals
from connector.store.deeds import Deed
from connector.store.engine import Database
from connector.store.logins import Login
from connector.store.proposals import Proposal

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOGIN = Login("digest", "anna", "proof", NOW, NOW)


async def propose(database: Database) -> int:
    """Store a proposal that is open for an hour."""
    async with database.write() as connection:
        return await proposals.add(
            connection, "grant", {"guest": "g1", "miles": 5}, text="Give", miles=5, by="otto", at=NOW, until=NOW + HOUR
        )


async def test_a_login_is_found_by_its_digest_until_it_ends(database: Database) -> None:
    async with database.write() as connection:
        await logins.add(connection, LOGIN)
        await logins.see(connection, "digest", NOW + HOUR)
        assert await logins.of_id(connection, "digest") == replace(LOGIN, seen_at=NOW + HOUR)

        await logins.end(connection, "digest")
        assert await logins.of_id(connection, "digest") is None


async def test_logins_that_nobody_uses_and_very_old_ones_are_forgotten(database: Database) -> None:
    old = [replace(LOGIN, id="unused", seen_at=NOW - HOUR), replace(LOGIN, id="old", began_at=NOW - 9 * HOUR)]
    async with database.write() as connection:
        for each in (LOGIN, *old):
            await logins.add(connection, each)
        await logins.forget_old(connection, NOW - HOUR / 2, NOW - 8 * HOUR)
        assert [await logins.of_id(connection, each.id) is None for each in (LOGIN, *old)] == [False, True, True]


async def test_deeds_are_read_from_the_newest_on_and_by_operator_or_subject(database: Database) -> None:
    async with database.write() as connection:
        for number, operator in enumerate(("anna", "otto", "anna"), start=1):
            await deeds.add(connection, Deed(NOW, operator, "claim", f"stay {number}", "Claimed."))
        newest, second, oldest = await deeds.recent(connection, 9)

        assert (newest.at, newest.operator, newest.subject) == (NOW, "anna", "stay 3")
        assert await deeds.recent(connection, 1) == [newest]
        assert await deeds.recent(connection, 9, before=newest.id) == [second, oldest]
        assert await deeds.recent(connection, 9, operator="anna") == [newest, oldest]
        assert await deeds.recent(connection, 9, subject="stay 2") == [second]


async def test_a_proposal_is_decided_once(database: Database) -> None:
    number = await propose(database)
    async with database.write() as connection:
        assert await proposals.decide(connection, number, "accepted", "petra", NOW)
        assert not await proposals.decide(connection, number, "declined", "admin", NOW)
        await proposals.finish(connection, number, "done", "Given.")

        assert await proposals.of_id(connection, number) == Proposal(
            id=number,
            state="done",
            action="grant",
            details={"guest": "g1", "miles": 5},
            text="Give",
            miles=5,
            proposed_by="otto",
            proposed_at=NOW,
            expires_at=NOW + HOUR,
            decided_by="petra",
            decided_at=NOW,
            outcome="Given.",
        )


async def test_a_proposal_that_expired_is_not_decided(database: Database) -> None:
    number = await propose(database)
    async with database.write() as connection:
        assert not await proposals.decide(connection, number, "accepted", "petra", NOW + HOUR)
        found = await proposals.of_id(connection, number)

    assert found is not None
    assert (found.state, found.is_open(NOW), found.is_open(NOW + HOUR)) == ("open", True, False)


async def test_nothing_comes_of_a_proposal_that_was_not_accepted(database: Database) -> None:
    number = await propose(database)
    async with database.write() as connection:
        await proposals.decide(connection, number, "declined", "otto", NOW)
        await proposals.finish(connection, number, "done", "Given.")
        found = await proposals.of_id(connection, number)

    assert found is not None
    assert (found.state, found.outcome) == ("declined", None)


async def test_undecided_proposals_come_first(database: Database) -> None:
    first, second, third = [await propose(database) for _ in range(3)]
    async with database.write() as connection:
        await proposals.decide(connection, third, "declined", "otto", NOW)

        assert [each.id for each in await proposals.recent(connection, 9)] == [second, first, third]
        assert await proposals.of_id(connection, third + 1) is None
