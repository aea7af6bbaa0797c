"""Bulk rows through Core: ORM objects cost five times as much."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

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
    if not rows:
        return
    target = table(model)
    statement = insert(connection, target)
    keys = [column.name for column in target.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys and name not in keep}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    await connection.execute(statement, list(rows))


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces: databases limit the number of bound values in one statement."""
    position = iter(range(0, len(items), size))
    for start in position:
        yield items[start : start + size]


def take(items: Iterator[T], size: int) -> list[T]:
    """Take up to ``size`` items."""
    return list(islice(items, size))
