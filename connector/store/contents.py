"""Everything that a database holds as plain values, and back: both engines write and read the same."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.sql.sqltypes import UTCDateTime

from connector.store import retired
from connector.store.tables import metadata, running, web
from connector.store.tables.running import Fact

PAGE = 5000
#: Tables that stay behind: who works, whose circuits are open and who is logged in are matters of the old place.
LEFT_BEHIND = frozenset({running.Lease.__tablename__, running.Circuit.__tablename__, web.Login.__tablename__})
_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    datetime: lambda value: _utc(value).isoformat(" ", "microseconds"),
    date: date.isoformat,
    bytes: lambda value: base64.b64encode(value).decode(),
}
_VALUES: Mapping[type, Callable[[Any], Any]] = {date: date.fromisoformat, bytes: base64.b64decode}


def tables() -> list[Table]:
    """Return the tables that move, each after those that it refers to."""
    return [each for each in metadata.sorted_tables if each.name not in LEFT_BEHIND]


async def count(connection: AsyncConnection, target: Table) -> int:
    """Return how many rows of a table move."""
    return int(
        (await connection.execute(select(func.count()).select_from(target).where(*_moving(target)))).scalar_one()
    )


async def is_empty(connection: AsyncConnection) -> bool:
    """Tell whether nothing was ever stored."""
    for each in tables():
        if (await connection.execute(select(literal(1)).select_from(each).limit(1))).first() is not None:
            return False
    return True


async def pages(connection: AsyncConnection, target: Table) -> AsyncIterator[list[list[Any]]]:
    """Yield the rows of a table by its primary key, thousands at a time, as plain JSON values."""
    plain = [_PLAIN.get(_kind(each)) for each in target.columns]
    key = list(target.primary_key.columns)
    places = [list(target.columns).index(each) for each in key]
    page = select(target).where(*_moving(target)).order_by(*key).limit(PAGE)
    rows: Sequence[Any] = (await connection.execute(page)).all()
    while rows:
        yield [_row(row, plain) for row in rows]
        last = [rows[-1][place] for place in places]
        rows = (await connection.execute(page.where(_later(key, last)))).all() if len(rows) == PAGE else ()


def readers(target: Table) -> list[Callable[[Any], Any] | None]:
    """Return what makes each column's value of the plain one; None where that is the value."""
    return [_reader(each) for each in target.columns]


def _moving(target: Table) -> list[ColumnElement[bool]]:
    return [target.c.name != retired.MARK] if target.name == Fact.__tablename__ else []


def _later(key: Sequence[Column[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    bound = [literal(value, column.type) for column, value in zip(key, last, strict=True)]
    return tuple_(*key) > tuple_(*bound) if len(key) > 1 else key[0] > bound[0]


def _row(row: Any, plain: Sequence[Callable[[Any], Any] | None]) -> list[Any]:
    return [value if write is None or value is None else write(value) for value, write in zip(row, plain, strict=True)]


def _kind(column: Column[Any]) -> type:
    return datetime if isinstance(column.type, UTCDateTime) else column.type.python_type


def _reader(column: Column[Any]) -> Callable[[Any], Any] | None:
    kind = _kind(column)
    if kind is datetime:
        return datetime.fromisoformat if getattr(column.type, "timezone", False) else _naive
    return _VALUES.get(kind)


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _naive(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
