"""The database that an earlier release left behind, as rows in a file that either engine takes.

``python -m tests.acceptance.release CONNECTOR.DB FILE`` writes such a file from an SQLite database.
"""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, Table, text

from connector.store import migrations
from connector.store.engine import Database

_VERSION = "alembic_version"


def write(database: Path, file: Path) -> None:
    """Write every row of an SQLite database: a line with its revision, then one for each row."""
    with sqlite3.connect(database) as connection, gzip.open(file, "wt", encoding="utf-8") as out:
        connection.row_factory = sqlite3.Row
        (revision,) = connection.execute(f"SELECT version_num FROM {_VERSION}").fetchone()
        print(json.dumps({"revision": revision}), file=out)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in sorted({*names} - {_VERSION, "sqlite_sequence"}):
            for row in connection.execute(f"SELECT * FROM {name}"):
                values = {key: _plain(row[key]) for key in row.keys()}  # noqa: SIM118  # a row yields values
                print(json.dumps({"table": name, "row": values}), file=out)


async def restore(file: Path, blank: Database) -> dict[str, list[dict[str, Any]]]:
    """Bring an empty database to the file's revision, with its rows; return these by table, as they were written."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        revision = json.loads(next(lines))["revision"]
        rows: dict[str, list[dict[str, Any]]] = {}
        for line in map(json.loads, lines):
            rows.setdefault(line["table"], []).append(line["row"])
    async with blank.write() as connection:
        await connection.run_sync(lambda sync: command.upgrade(migrations.configuration(sync), revision))
    async with blank.write() as connection:
        await connection.run_sync(_insert, rows)
    return rows


def _insert(connection: Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if found := rows.get(table.name):
            connection.execute(table.insert(), [dict(_typed(table, row)) for row in found])
            _go_on_counting(connection, table)


def _typed(table: Table, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        column = table.columns[name].type
        kind = column.python_type
        if value is None or isinstance(value, kind):
            yield name, value
        elif kind is datetime:
            yield (
                name,
                datetime.fromisoformat(value).replace(tzinfo=UTC if getattr(column, "timezone", False) else None),
            )
        elif kind is date:
            yield name, date.fromisoformat(value)
        elif kind is bytes:
            yield name, base64.b64decode(value["bytes"])
        else:
            yield name, kind(value)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row after the highest that was given."""
    if connection.dialect.name == "postgresql" and "id" in table.columns and table.columns["id"].autoincrement is True:
        told = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"
        connection.execute(text(told))


def _plain(value: Any) -> Any:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
