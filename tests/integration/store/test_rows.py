from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from connector.store.engine import Database
from connector.store.rows import among, insert_rows, table, update_rows, upsert, upsert_values
from connector.store.tables.loyalty import Guest, Program

GUEST, PROGRAM = table(Guest), table(Program)
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
FIELDS = ("id", "code", "name", "type", "subscription")


def program(id_: str, name: str) -> tuple[str, ...]:
    return (id_, f"code-{id_}", name, "Hotel", "Free")


async def test_values_go_to_the_columns_that_were_named_whatever_the_order(database: Database) -> None:
    backwards = tuple(reversed(FIELDS))
    async with database.write() as connection:
        await upsert_values(connection, Program, backwards, [tuple(reversed(program("p1", "Alpen")))])
        await upsert_values(connection, Program, FIELDS, [program("p1", "Alpenglow"), program("p2", "Other")])
        await upsert_values(connection, Program, FIELDS, [])
        found = await connection.execute(select(PROGRAM).order_by(PROGRAM.c.id))
    assert [tuple(row) for row in found] == [program("p1", "Alpenglow"), program("p2", "Other")]


async def test_a_column_to_keep_is_set_once(database: Database) -> None:
    rows = [dict(zip(FIELDS, program("p1", name), strict=True)) for name in ("first", "second")]
    async with database.write() as connection:
        for row in rows:
            await upsert(connection, Program, [row | {"code": row["name"]}], keep=["name"])
        found = (await connection.execute(select(PROGRAM.c.code, PROGRAM.c.name))).one()
    assert tuple(found) == ("second", "first")


async def test_a_column_that_is_not_named_has_its_default(database: Database) -> None:
    row = {"id": "g1", "active": True, "has_ota_email": False, "email_key": b"\0key", "updated": NOW}
    async with database.write() as connection:
        await upsert(connection, Guest, [row])
        columns = ("active", "has_ota_email", "classifications", "email_key", "name_key", "updated")
        found = (await connection.execute(select(*(GUEST.c[name] for name in columns)))).one()
    assert tuple(found) == (True, False, "", b"\0key", None, NOW)


async def test_columns_are_set_where_the_row_is_as_it_was_known(database: Database) -> None:
    first = {"id": "g1", "active": True, "has_ota_email": False, "email_key": b"key", "updated": NOW}
    later = datetime(2026, 11, 2, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    change = {"active": False, "email_key": b"\0other", "updated": later}
    async with database.write() as connection:
        await insert_rows(connection, Guest, [first, first | {"id": "g2", "active": False}])
        known = [{"_id": name, "_active": True} | change for name in ("g1", "g2", "g3")]
        assert await update_rows(connection, Guest, known) == 1
        found = await connection.execute(
            select(GUEST.c.id, GUEST.c.active, GUEST.c.email_key, GUEST.c.updated).order_by(GUEST.c.id)
        )
    assert [tuple(row) for row in found] == [("g1", False, b"\0other", later), ("g2", False, b"key", NOW)]


async def test_a_row_that_is_there_already_is_not_inserted_again(database: Database) -> None:
    rows = [{"id": name, "active": True, "has_ota_email": False, "updated": NOW} for name in ("g1", "g2")]
    async with database.write() as connection:
        await insert_rows(connection, Guest, [])
        await insert_rows(connection, Guest, rows)
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await insert_rows(connection, Guest, [rows[0] | {"id": "g3"}, rows[1] | {"active": False}])
    async with database.read() as connection:
        found = await connection.execute(
            select(GUEST.c.id, GUEST.c.active, GUEST.c.classifications, GUEST.c.updated).order_by(GUEST.c.id)
        )
    assert [tuple(row) for row in found] == [("g1", True, "", NOW), ("g2", True, "", NOW)]


async def test_a_text_is_found_among_many_whatever_they_hold(database: Database) -> None:
    names = ["plain", "it's", 'a "quoted" one', "ümlaut \U0001f3e8", "comma, {brace}", "back\\slash"]
    async with database.write() as connection:
        programs = [program(str(number), name) for number, name in enumerate([*names, "another"])]
        await upsert_values(connection, Program, FIELDS, programs)
        for wanted in (names, names[:1], []):
            statement = select(PROGRAM.c.name).where(among(connection, PROGRAM.c.name, wanted))
            assert set((await connection.execute(statement)).scalars()) == set(wanted)
