from __future__ import annotations

import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from connector.errors import Refused
from connector.store import migrations
from connector.store.engine import Database
from connector.store.tables import metadata


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
    return list(compare_metadata(context, metadata))


def head(connection: Connection) -> str | None:
    return ScriptDirectory.from_config(migrations.configuration(connection)).get_current_head()


def downgrade(connection: Connection) -> None:
    command.downgrade(migrations.configuration(connection), "base")


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_a_database_that_was_never_set_up_has_no_revision(blank: Database) -> None:
    assert await migrations.revision(blank) is None


async def test_an_upgrade_from_nothing_ends_at_the_newest_revision(blank: Database) -> None:
    assert await migrations.upgrade(blank) is True
    assert await migrations.revision(blank) == migrations.HEAD


async def test_a_second_upgrade_has_nothing_to_do(blank: Database) -> None:
    await migrations.upgrade(blank)
    assert await migrations.upgrade(blank) is False


async def test_the_revision_that_we_name_is_the_newest_script(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.run_sync(head) == migrations.HEAD


async def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_missing_index_is_noticed_by_that_comparison(blank: Database) -> None:
    await migrations.upgrade(blank)
    async with blank.write() as connection:
        await connection.execute(text("DROP INDEX ix_message_partner_state_due_at"))
    async with blank.read() as connection:
        assert len(await connection.run_sync(differences)) == 1


async def test_a_downgrade_leaves_no_table_and_an_upgrade_brings_them_back(blank: Database) -> None:
    await migrations.upgrade(blank)
    async with blank.read() as connection:
        before = await connection.run_sync(tables)
    async with blank.write() as connection:
        await connection.run_sync(downgrade)
    async with blank.read() as connection:
        assert await connection.run_sync(tables) == {"alembic_version"}
    assert await migrations.upgrade(blank) is True
    async with blank.read() as connection:
        assert await connection.run_sync(tables) == before
        assert await connection.run_sync(differences) == []


async def test_a_database_of_a_newer_program_is_refused_in_one_sentence(blank: Database) -> None:
    await migrations.upgrade(blank)
    async with blank.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused) as refused:
        await migrations.upgrade(blank)
    assert str(refused.value) == (
        f"database: it is at revision 9999, newer than this version's {migrations.HEAD}; expected the newer program"
    )


async def test_an_upgrade_that_fails_changes_nothing(blank: Database) -> None:
    async with blank.write() as connection:
        await connection.execute(text("CREATE TABLE suspense (id INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        await migrations.upgrade(blank)
    async with blank.read() as connection:
        assert await connection.run_sync(tables) == {"suspense"}


async def test_two_processes_that_start_at_once_upgrade_once(blank_url: str) -> None:
    both = [Database(blank_url), Database(blank_url)]
    try:
        await asyncio.gather(*(migrations.upgrade(each) for each in both))
        assert await migrations.revision(both[0]) == migrations.HEAD
    finally:
        for each in both:
            await each.aclose()
