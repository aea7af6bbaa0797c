"""Bulk rows through Core: ORM objects cost five times as much."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Dialect,
    Insert,
    LargeBinary,
    String,
    Table,
    Update,
    any_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

T = TypeVar("T")
Row = Mapping[str, Any]


def table(model: type[SQLModel]) -> Table:
    """Return the Core table of a model."""
    found: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table models
    return found


def insert(connection: AsyncConnection, target: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT of this connection's dialect, which knows ON CONFLICT."""
    return postgresql.insert(target) if connection.dialect.name == "postgresql" else sqlite.insert(target)


async def upsert(
    connection: AsyncConnection, model: type[SQLModel], rows: Sequence[Row], keep: Collection[str] = ()
) -> None:
    """Insert rows or overwrite those with the same primary key; columns in ``keep`` are only set on insert."""
    if rows:
        names = tuple(rows[0])
        await upsert_values(connection, model, names, map(itemgetter(*names), rows), keep)


async def upsert_values(
    connection: AsyncConnection,
    model: type[SQLModel],
    names: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
    keep: Collection[str] = (),
    follow: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Do as ``upsert`` with the values of the columns ``names`` (two at least) in their order; what is the same stays.

    ``follow`` names columns that are written with another one only, when that one changes.

    SQLAlchemy makes a dictionary for each row of a statement, which costs as much as SQLite's own work: where the
    driver takes values by their place, they are brought into its form column by column.
    """
    values = list(rows)
    if not values:
        return
    statement = _upsert(connection.dialect.name, model, names, frozenset(keep), tuple(follow.items()))
    driver = _for_driver(connection.dialect, statement, names)
    if driver is None:
        await connection.execute(statement, [dict(zip(names, row, strict=True)) for row in values])
    else:
        await connection.exec_driver_sql(driver.sql, driver.bound(values))


async def insert_rows(connection: AsyncConnection, model: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns; one that is there already is an IntegrityError."""
    if not rows:
        return
    names = tuple(rows[0])
    driver = _for_driver(connection.dialect, _insert(model), names)
    if driver is None:
        await connection.execute(_insert(model), rows)
    else:
        await connection.exec_driver_sql(driver.sql, driver.bound(list(map(itemgetter(*names), rows))))


async def update_rows(connection: AsyncConnection, model: type[SQLModel], rows: Sequence[Row]) -> int:
    """Set columns of rows that are there; return how many were.

    All ``rows`` have the same names: those of the columns to set, and with an underscore before them those that say in
    which row, by what stands there now.
    """
    names = tuple(rows[0])
    statement = _update(model, names)
    driver = _for_driver(connection.dialect, statement, names)
    if driver is None:
        return (await connection.execute(statement, rows)).rowcount
    return (await connection.exec_driver_sql(driver.sql, driver.bound(list(map(itemgetter(*names), rows))))).rowcount


@cache
def _insert(model: type[SQLModel]) -> Insert:
    return table(model).insert()


@cache
def _update(model: type[SQLModel], names: tuple[str, ...]) -> Update:
    columns = table(model).c
    known = [columns[name[1:]] == bindparam(name) for name in names if name.startswith("_")]
    return update(table(model)).where(*known)


@dataclass(frozen=True, slots=True)
class _Driver:
    """A statement as the driver takes it: for each of its values the place in our rows, and the conversion."""

    sql: str
    places: Sequence[tuple[int, Callable[[Any], Any] | None]]

    def bound(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        columns = list(zip(*rows, strict=True))
        return list(zip(*(map(made, columns[n]) if made else columns[n] for n, made in self.places), strict=True))


@lru_cache(maxsize=100)
def _for_driver(dialect: Dialect, statement: Insert | Update, names: tuple[str, ...]) -> _Driver | None:
    """Return None where the driver takes values by name, or SQLAlchemy adds values of its own."""
    compiled = statement.compile(dialect=dialect, column_keys=names)
    if compiled.positiontup is None or set(compiled.positiontup) != set(names):
        return None
    made = {each.name: _conversion(each, dialect) for each in cast(Table, statement.table).columns}
    return _Driver(str(compiled), [(names.index(name), made.get(name.lstrip("_"))) for name in compiled.positiontup])


def _conversion(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return how a value of a column is brought into the driver's form, if it must be.

    SQLAlchemy's own conversions for SQLite format field by field, at twice the cost for the same text. And of what it
    leaves as it is, Python's sqlite3 looks for somebody's conversion, value by value, unless it is an int, a float, a
    str or a bytearray and no subclass of these.
    """
    kind = column.type.dialect_impl(dialect)
    if isinstance(kind, Boolean):
        return None if column.nullable else int
    if isinstance(kind, LargeBinary):
        return _bytes
    if dialect.name == "sqlite" and isinstance(kind, UTCDateTime):
        return _moment
    if dialect.name == "sqlite" and isinstance(kind, Date):
        return _day
    return kind.bind_processor(dialect)


def _bytes(value: bytes | None) -> bytearray | None:
    return None if value is None else bytearray(value)


def _moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a moment without a timezone cannot be stored")
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


@cache
def _upsert(
    dialect: str,
    model: type[SQLModel],
    names: tuple[str, ...],
    keep: frozenset[str],
    follow: tuple[tuple[str, str], ...],
) -> sqlite.Insert | postgresql.Insert:
    target = table(model)
    statement = postgresql.insert(target) if dialect == "postgresql" else sqlite.insert(target)
    keys = [column.name for column in target.primary_key]
    left = {*keys, *keep, *(name for name, _ in follow)}
    changed = {name: statement.excluded[name] for name in names if name not in left}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=keys)
    differs = or_(*(target.c[name].is_distinct_from(value) for name, value in changed.items()))
    along = {
        name: case(
            (target.c[led].is_distinct_from(statement.excluded[led]), statement.excluded[name]), else_=target.c[name]
        )
        for name, led in follow
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=changed | along, where=differs)


def among(connection: AsyncConnection, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Return that a text column is one of the values, which are bound as one: a list of a thousand is slow to write."""
    dialect = connection.dialect.name
    kind = ARRAY(String) if dialect == "postgresql" else String()
    return _one_of(dialect, column, literal(packed(dialect, values), kind))


def listed(dialect: str, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Do as ``among`` in a statement that is made once; the values are given as ``{name: packed(dialect, values)}``."""
    kind = ARRAY(String) if dialect == "postgresql" else String()
    return _one_of(dialect, column, bindparam(name, type_=kind))


def packed(dialect: str, values: Collection[str]) -> Any:
    """Return texts as one value of a dialect."""
    return list(values) if dialect == "postgresql" else json.dumps(list(values))


def _one_of(dialect: str, column: ColumnElement[str], values: ColumnElement[Any]) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return column == any_(values)
    return column.in_(select(func.json_each(values).table_valued("value").c.value))


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces: databases limit the number of bound values in one statement."""
    position = iter(range(0, len(items), size))
    for start in position:
        yield items[start : start + size]
