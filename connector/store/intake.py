"""Filling an empty database from a state file, in one transaction: all of it and found whole, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Table, delete, func, inspect, select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Refused
from connector.store import contents, facts, integrity, migrations
from connector.store.rows import table
from connector.store.state_file import Header
from connector.store.state_reading import Begun, Reader
from connector.store.tables import metadata
from connector.store.tables.running import Fact

_FACT = table(Fact)


async def fill(connection: AsyncConnection, reader: Reader, header: Header, told: Callable[[int], None]) -> None:
    """Bring an empty database to the file's revision, insert its rows, bring it to this version's; then examine it.

    ``told`` hears how many rows were added. Raises Refused where the database holds anything, or something is not
    whole; the caller's transaction is to be rolled back then.
    """
    await connection.run_sync(_refuse_filled)
    await connection.run_sync(migrations.bring_empty, header.revision)
    found = await connection.run_sync(_reflected)
    try:
        await _insert_all(connection, reader, found, told)
    except (DataError, IntegrityError) as error:
        why = type(error.orig).__name__
        raise Refused(f"{reader.path}: this database does not take a row of it ({why}); nothing was imported") from None
    await _compare(connection, found, header)
    for each in found.values():
        await _go_on_counting(connection, each)
    await connection.run_sync(migrations.finish)
    if faults := await integrity.faults(connection):
        raise Refused(f"{reader.path}: what it holds is not sound, and nothing was imported: {'; '.join(faults[:3])}")


def _refuse_filled(connection: Connection) -> None:
    """Keep everybody else out of the tables and look whether they are empty."""
    known = set(inspect(connection).get_table_names())
    ours = [each for each in metadata.sorted_tables if each.name in known]
    if ours and connection.dialect.name == "postgresql":
        names = ", ".join(connection.dialect.identifier_preparer.format_table(each) for each in ours)
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    if _FACT.name in known:  # the key's fingerprint: it comes with the file, and a look here may have left it
        connection.execute(delete(_FACT).where(_FACT.c.name == facts.HASH_KEY))
    filled = [each.name for each in ours if connection.execute(select(func.count()).select_from(each)).scalar()]
    if filled:
        raise Refused(
            f"state import: the database is not empty ({', '.join(filled[:3])}); expected one that no command has "
            "worked on, name a new one in [database] url"
        )


def _reflected(connection: Connection) -> Mapping[str, Table]:
    """Return the tables as they are at the file's revision."""
    found = MetaData()
    found.reflect(connection)
    return found.tables


async def _insert_all(
    connection: AsyncConnection, reader: Reader, found: Mapping[str, Table], told: Callable[[int], None]
) -> None:
    for name, columns, rows in _pages(reader):
        if name not in found or {*columns} != {*found[name].columns.keys()}:
            raise Refused(f"{reader.path}: it holds {name}, which its revision does not know so; nothing was imported")
        target = found[name]
        made = dict(zip(target.columns.keys(), contents.readers(target), strict=True))
        conversions = [made[each] for each in columns]
        if rows:
            await connection.execute(target.insert(), [dict(_values(columns, conversions, row)) for row in rows])
            told(len(rows))


def _pages(reader: Reader) -> Iterator[tuple[str, Sequence[str], list[list[Any]]]]:
    """Yield rows of one table at a time, thousands of them."""
    name, columns, rows = "", tuple[str, ...](), list[list[Any]]()
    for value in reader.values():
        if isinstance(value, Begun):
            if rows:
                yield name, columns, rows
            name, columns, rows = value.table, value.columns, []
            continue
        rows.append(value)
        if len(rows) == contents.PAGE:
            yield name, columns, rows
            rows = []
    if rows:
        yield name, columns, rows


def _values(
    columns: Sequence[str], conversions: Sequence[Callable[[Any], Any] | None], row: Sequence[Any]
) -> Iterable[tuple[str, Any]]:
    for name, made, value in zip(columns, conversions, row, strict=True):
        yield name, value if made is None or value is None else made(value)


async def _compare(connection: AsyncConnection, found: Mapping[str, Table], header: Header) -> None:
    for name, expected in header.rows.items():
        counted = (await connection.execute(select(func.count()).select_from(found[name]))).scalar_one()
        if counted != expected:
            raise Refused(f"{name}: {counted} rows arrived of {expected}; nothing was imported")


async def _go_on_counting(connection: AsyncConnection, target: Table) -> None:
    """Let PostgreSQL number the next row after the highest that is there; SQLite does so by itself."""
    column = target.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None or column.autoincrement is not True:
        return
    highest = (await connection.execute(select(func.max(column)))).scalar()
    if highest is not None:
        sequence = func.pg_get_serial_sequence(target.name, column.name)
        await connection.execute(select(func.setval(sequence, highest)))
