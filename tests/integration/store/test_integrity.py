from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Connection, text

from connector.domain.ledger import State
from connector.store import ledger, migrations
from connector.store.engine import Database
from connector.store.integrity import examine
from connector.store.ledger import Step
from tests.integration.store.makers import FROZEN, NOW, award, message


@pytest.fixture
async def sound(database: Database) -> Database:
    """Two awards, each with a message that was credited."""
    async with database.write() as connection:
        for root in ("r1", "r2"):
            await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)
            await ledger.append(connection, [message(root)], "test", NOW)
            await ledger.move(connection, [Step(message(root), State.IN_FLIGHT, "attempt 1")], "test", NOW)
    return database


async def tamper(database: Database, statement: str) -> None:
    async with database.write() as connection:
        await connection.execute(text(statement))


async def test_a_sound_database_has_no_fault(sound: Database) -> None:
    assert await examine(sound) == []


async def test_a_database_that_was_never_set_up_says_what_to_run(blank: Database) -> None:
    assert await examine(blank) == [f"database: it is at revision None; expected {migrations.HEAD}, run `db upgrade`"]


@pytest.mark.parametrize(
    "change",
    ["actor = 'somebody else'", "detail = ''", "after = 'credited'", "at = '2020-01-01 00:00:00+00:00'", "hash = 'x'"],
)
async def test_a_changed_line_of_history_is_found(sound: Database, change: str) -> None:
    await tamper(sound, f"UPDATE history SET {change} WHERE seq = 2 AND award_id = '{award('r1').id}'")
    assert f"ledger: the history of award {award('r1').id} was changed at line 2" in await examine(sound)


async def test_a_line_missing_at_the_beginning_is_found(sound: Database) -> None:
    await tamper(sound, f"DELETE FROM history WHERE seq = 1 AND award_id = '{award('r2').id}'")
    assert await examine(sound) == [f"ledger: the history of award {award('r2').id} was changed at line 2"]


async def test_a_line_missing_at_the_end_is_found_by_its_message(sound: Database) -> None:
    await tamper(sound, f"DELETE FROM history WHERE seq = 2 AND award_id = '{award('r1').id}'")
    (fault,) = await examine(sound)
    assert fault == f"ledger: message {message('r1').key} is in_flight, its history ends at ready"


async def test_a_state_that_was_changed_by_hand_is_found(sound: Database) -> None:
    await tamper(sound, f"UPDATE message SET state = 'credited' WHERE key = '{message('r2').key}'")
    assert await examine(sound) == [f"ledger: message {message('r2').key} is credited, its history ends at in_flight"]


async def test_a_message_without_history_is_found(sound: Database) -> None:
    await tamper(sound, f"DELETE FROM history WHERE award_id = '{award('r1').id}'")
    assert await examine(sound) == [f"ledger: message {message('r1').key} is in_flight, its history ends at None"]


async def test_an_award_without_a_claim_is_found(sound: Database) -> None:
    await tamper(sound, f"DELETE FROM claim WHERE award_id = '{award('r1').id}'")
    assert await examine(sound) == [f"ledger: award {award('r1').id} claims no reservation"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_row_that_points_to_nothing_is_found(sound: Database) -> None:
    async with sound.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        await driver.execute("PRAGMA foreign_keys=OFF")
        await driver.execute("INSERT INTO claim VALUES ('p', 'owner', 'r9', 'no award')")
        await driver.execute("PRAGMA foreign_keys=ON")
    assert await examine(sound) == ["database: a row of claim points to nothing in award"]


def to_0019(connection: Connection) -> None:
    command.downgrade(migrations.configuration(connection), "0019")


@pytest.mark.parametrize("tampered", [False, True])
async def test_the_upgrade_to_digests_keeps_sound_chains_sound_and_broken_ones_broken(
    sound: Database, tampered: bool
) -> None:
    async with sound.write() as connection:
        await connection.run_sync(to_0019)
        if tampered:
            changed = f"UPDATE history SET detail = 'attempt 2' WHERE seq = 2 AND award_id = '{award('r1').id}'"
            await connection.execute(text(changed))
    await migrations.upgrade(sound)
    broken = [f"ledger: the history of award {award('r1').id} was changed at line 2"]
    assert await examine(sound) == (broken if tampered else [])


async def test_a_detail_can_be_blanked_with_its_salt_and_not_be_written_anew(sound: Database) -> None:
    await tamper(sound, "UPDATE history SET detail = '', salt = '' WHERE seq = 2")
    assert await examine(sound) == []
    await tamper(sound, f"UPDATE history SET detail = 'other' WHERE seq = 2 AND award_id = '{award('r1').id}'")
    assert await examine(sound) == [f"ledger: the history of award {award('r1').id} was changed at line 2"]
